"""Means over forecasts with intervals that know that neighbouring months err together."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from slipway.core.evaluation import Metric
from slipway.forecasting.monthly import Floats

RESAMPLES = 1_000
BLOCK = 6
SEED = 20_140
DIGITS = 6


def mean_over_months(name: str, values: Floats) -> Metric:
    """The mean of what is known, with its 95 % interval.

    By a circular block bootstrap: runs of six months are drawn with replacement, all their groups and horizons
    together. Source: Politis and Romano, A circular block-resampling procedure for stationary data, 1992.

    Args:
        values: float64 (months, ...), NaN where unknown.
    """
    flat = values.reshape(len(values), -1)
    sums, counts = np.nansum(flat, axis=1), np.isfinite(flat).sum(axis=1)
    if not counts.sum():
        return Metric(name=name, value=None, low=None, high=None)
    drawn = _draws(len(values))
    many = counts[drawn].sum(axis=1)
    means = sums[drawn].sum(axis=1)[many > 0] / many[many > 0]
    low, high = np.quantile(means, [0.025, 0.975])
    return Metric(name=name, value=_tidy(sums.sum() / counts.sum()), low=_tidy(low), high=_tidy(high))


@lru_cache(maxsize=8)
def _draws(months: int) -> npt.NDArray[np.int64]:
    """Positions of months, (RESAMPLES, months)."""
    block = min(BLOCK, months)
    starts = np.random.default_rng(SEED).integers(0, months, size=(RESAMPLES, -(-months // block)))
    runs = (starts[:, :, None] + np.arange(block)) % months
    return np.asarray(runs.reshape(RESAMPLES, -1)[:, :months])


def _tidy(figure: float) -> float:
    return float(f"{figure:.{DIGITS}g}")
