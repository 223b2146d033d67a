"""What anybody would guess who has no model."""

import numpy as np
import pandas as pd

from slipway.core.use_case import Level

RECENT_DAYS = 365


def mean_guess(target: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
    """The mean of the training targets (n,) for every row (m, k); float64 (m,)."""
    return np.full(len(rows), float(target.mean()))


def going_rate_guess(
    train: pd.DataFrame, target: np.ndarray, time: np.ndarray, rows: pd.DataFrame, level: Level
) -> np.ndarray:
    """The group's median target per unit, times the units: medians of the last 365 days that were trained on.

    A group without a row in them has the median of all, and so has a row without a unit, once.

    Args:
        train: prepared features (n, k); ``target`` and ``time`` (days) belong to them, float64 (n,).
        rows: prepared features (m, k).

    Returns:
        float64 (m,).
    """
    recent = time > time.max() - RECENT_DAYS
    rate = pd.Series(target[recent] / train.loc[recent, level.per].to_numpy("float64"))
    rate = rate.where(np.isfinite(rate))
    by_group = rate.groupby(train.loc[recent, level.by].to_numpy()).median()
    guess = rows[level.by].map(by_group).fillna(rate.median()) * rows[level.per].astype("float64")
    return guess.fillna(float(np.median(target[recent]))).to_numpy("float64")
