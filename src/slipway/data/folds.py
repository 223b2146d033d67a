"""Dividing training rows into what a trial learns from and what it is measured on. No holdout row is among them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.core.errors import DataUnfit
from slipway.core.params import SplitParams
from slipway.core.use_case import UseCase
from slipway.data.split import hashed, in_holdout

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Fold:
    """Positions of training rows, ascending: those learned from, and those measured on."""

    learn: Positions
    judge: Positions


def training_keys(raw: pd.DataFrame, use_case: UseCase, split: SplitParams) -> pd.DataFrame:
    """Keys of the rows that the split by key does not hold out, in the order of the prepared training table."""
    keys = raw[list(use_case.key)]
    return keys[~in_holdout(keys, share=split.holdout_share, salt=split.salt)].reset_index(drop=True)


def dealt_folds(keys: pd.DataFrame, count: int, salt: str) -> tuple[Fold, ...]:
    """Folds by the hash of each row's key, so that equal keys (n, k) are never on both sides.

    Raises:
        DataUnfit: there are too few different keys.
    """
    fold_of = hashed(keys, f"{salt} folds") % np.uint64(count)
    folds = tuple(Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(count))
    if any(fold.judge.size == 0 or fold.learn.size == 0 for fold in folds):
        raise _too_few(f"{len(keys.drop_duplicates())} different keys do not fill {count} folds")
    return folds


def ordered_folds(moments: pd.Series, count: int) -> tuple[Fold, ...]:
    """Folds that follow each other in time: each is predicted from all that came before it.

    The rows are cut into ``2 * count`` blocks of about equal size, and the later half of them are the folds, so that
    every model learns from half of the rows at least (rolling origin; Tashman, Out-of-sample tests of forecasting
    accuracy, 2000). Rows of the same moment stay together.

    Args:
        moments: what rows are ordered by, (n,), without gaps.

    Raises:
        DataUnfit: there are gaps, or too few different moments.
    """
    if moments.isna().any():
        raise _too_few(f"{moments.name} is missing in {int(moments.isna().sum())} training rows")
    rank = moments.rank(method="average").to_numpy() - 0.5
    block = np.floor(rank * 2 * count / len(moments)).astype(np.intp)
    later = range(count, 2 * count)
    folds = tuple(Fold(np.flatnonzero(block < fold), np.flatnonzero(block == fold)) for fold in later)
    if any(fold.judge.size == 0 or fold.learn.size == 0 for fold in folds):
        raise _too_few(f"{moments.nunique()} moments of {moments.name} do not fill {2 * count} blocks")
    return folds


def _too_few(what: str) -> DataUnfit:
    return DataUnfit(
        f"the training rows cannot be divided into folds: {what}",
        cause="the table is small, or its key or moment has few values",
        next_step="ask for fewer folds below tune in params.yaml, or collect more rows",
    )
