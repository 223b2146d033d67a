"""How far predictions miss, read off rows that the predicting model has not seen."""

from collections.abc import Callable, Iterator
from math import ceil

import numpy as np
import pandas as pd

from slipway.core.signature import Interval
from slipway.training.folds import random_folds, time_ordered_folds
from slipway.training.interface import Trainer

LEVEL = 0.9
_FOLDS = 5
_MOST_ROWS = 20_000

Fold = tuple[np.ndarray, np.ndarray]
Error = Callable[[np.ndarray, np.ndarray], np.ndarray]


def prediction_interval(
    trainer: Trainer,
    inputs: pd.DataFrame,
    target: np.ndarray,
    seed: int,
    *,
    relative: bool = False,
    time: np.ndarray | None = None,
) -> Interval:
    """A 90 % interval, by conformal prediction across folds.

    Every row of a fold is predicted by a model that has not seen it, and the interval is the ceil((n + 1) * level)-th
    smallest of the n absolute errors, to either side. Rows are dealt into five folds or, in order of time, as
    ``time_ordered_folds`` has them: then errors are those of predicting what comes next, growth that nobody knew of
    included. Of more than 20,000 rows a sample is taken, whose models are a little worse than the one served, so that
    the interval errs on the wide side.

    Sources: Vovk, Cross-conformal predictors (2015); Barber, Candès, Ramdas and Tibshirani, Predictive inference with
    the jackknife+ (2021), of which this is the variant around one final model: right on average where models of
    different folds agree, and without the worst-case guarantee of the others. Rows in order of time are not
    exchangeable, so there it holds as far as the next months are like the last ones (Barber, Candès, Ramdas and
    Tibshirani, Conformal prediction beyond exchangeability, 2023). So coverage is measured on the holdout.

    Args:
        inputs: features (n, k), n at least 2.
        target: float64 (n,).
        relative: errors are differences of logarithms, and the interval's reach is a share of the prediction.
        time: days, float64 (n,); None deals the rows at random.
    """
    random = np.random.default_rng(seed)
    drawn = np.sort(random.permutation(len(inputs))[:_MOST_ROWS])
    rows, truth = inputs.iloc[drawn], target[drawn]
    folds = _dealt(len(rows), random, None if time is None else time[drawn])
    error = _difference_of_logarithms if relative else _difference
    errors = np.concatenate([_errors(trainer, rows, truth, fold, error) for fold in folds])
    reach = conformal_quantile(errors, LEVEL)
    return _shares(reach) if relative else Interval(level=LEVEL, below=reach, above=reach)


def conformal_quantile(errors: np.ndarray, level: float) -> float:
    """The ceil((n + 1) * level)-th smallest of n errors, or the largest; six significant digits."""
    rank = min(ceil((errors.size + 1) * level), errors.size)
    return float(f"{np.sort(errors)[rank - 1]:.6g}")


def _dealt(rows: int, random: np.random.Generator, time: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    folds = [] if time is None else list(time_ordered_folds(time))
    yield from folds or random_folds(rows, _FOLDS, random)


def _shares(reach: float) -> Interval:
    below, above = (float(f"{share:.6g}") for share in (-np.expm1(-reach), np.expm1(reach)))
    return Interval(level=LEVEL, below=below, above=above, relative=True)


def _difference(said: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.asarray(said - truth)


def _difference_of_logarithms(said: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(said) - np.log(truth))


def _errors(trainer: Trainer, rows: pd.DataFrame, truth: np.ndarray, fold: Fold, error: Error) -> np.ndarray:
    past, held_out = fold
    model = trainer.train(rows.iloc[past], truth[past])
    return np.asarray(np.abs(error(model.evaluate(rows.iloc[held_out]), truth[held_out])))
