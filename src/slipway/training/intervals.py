"""How far predictions miss, read off rows that the predicting model has not seen."""

from math import ceil

import numpy as np
import pandas as pd

from slipway.core.signature import Interval
from slipway.training.interface import Trainer

LEVEL = 0.9
_FOLDS = 5
_MOST_ROWS = 20_000


def prediction_interval(trainer: Trainer, inputs: pd.DataFrame, target: np.ndarray, seed: int) -> Interval:
    """A 90 % interval of constant width, by cross-conformal prediction.

    The rows are dealt into five folds; each is predicted by a model of the others, and the interval is the
    ceil((n + 1) * level)-th smallest of the n absolute errors, to either side. Of more than 20,000 rows a sample is
    taken, whose models are a little worse than the one served, so that the interval errs on the wide side.

    Sources: Vovk, Cross-conformal predictors (2015); Barber, Candès, Ramdas and Tibshirani, Predictive inference with
    the jackknife+ (2021), of which this is the variant around one final model: right on average where models of
    different folds agree, and without the worst-case guarantee of the others. So coverage is measured on the holdout.

    Args:
        inputs: features (n, k), n at least 2.
        target: float64 (n,).
    """
    random = np.random.default_rng(seed)
    drawn = np.sort(random.permutation(len(inputs))[:_MOST_ROWS])
    rows, truth = inputs.iloc[drawn], target[drawn]
    fold_of = random.permutation(len(rows)) % min(_FOLDS, len(rows))
    errors = np.concatenate([_errors(trainer, rows, truth, fold_of == fold) for fold in np.unique(fold_of)])
    reach = conformal_quantile(errors, LEVEL)
    return Interval(level=LEVEL, below=reach, above=reach)


def conformal_quantile(errors: np.ndarray, level: float) -> float:
    """The ceil((n + 1) * level)-th smallest of n errors, or the largest; six significant digits."""
    rank = min(ceil((errors.size + 1) * level), errors.size)
    return float(f"{np.sort(errors)[rank - 1]:.6g}")


def _errors(trainer: Trainer, rows: pd.DataFrame, truth: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    model = trainer.train(rows[~held_out], truth[~held_out])
    return np.asarray(np.abs(model.evaluate(rows[held_out]) - truth[held_out]))
