"""Ways to forecast levels, the simplest first. Each sees nothing of the months after the one it forecasts from.

A method gives one table for each of its settings: float64 (months, horizon + 1, groups). Position [t, h] is the
forecast made at the end of month t for month t + h; [t, 0] is what the method takes the level of month t itself to be.
"""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import pandas as pd

from slipway.forecasting.monthly import Floats, MonthlyLevels

Method = Callable[[MonthlyLevels, int], Iterator[Floats]]

_YEAR = 12
_DRIFTS = (0.001, 0.003, 0.01, 0.03, 0.1)
_WEIGHTS = (0.3, 0.6, 1.0)
_DAMPED = (0.8, 0.9, 1.0)
_SEASON = (0.5, 1.0)


def persistence(monthly: MonthlyLevels, horizon: int) -> Iterator[Floats]:
    """The last level there was goes on."""
    yield _flat(_last_known(monthly), horizon)


def seasonal_naive(monthly: MonthlyLevels, horizon: int) -> Iterator[Floats]:
    """What the month was a year before; where that is not known, the last level there was."""
    last = _last_known(monthly)
    forecasts = _flat(last, horizon)
    for h in range(1, horizon + 1):
        before = np.full_like(last, np.nan)
        before[_YEAR - h :] = monthly.levels[: monthly.months - _YEAR + h]
        forecasts[:, h] = np.where(np.isnan(before), last, before)
    yield forecasts


def local_level(monthly: MonthlyLevels, horizon: int) -> Iterator[Floats]:
    """Each group's level as a random walk that months show with the error of their few rows."""
    start = np.full(len(monthly.groups), monthly.overall[0])
    for drift in _DRIFTS:
        yield _flat(filtered(monthly.levels, monthly.rows, drift, start), horizon)


def shared_level(monthly: MonthlyLevels, horizon: int) -> Iterator[Floats]:
    """The level of all, smoothed exponentially, and each group's distance from it as a random walk."""
    for now, _, __ in _shared(monthly):
        yield _flat(now, horizon)


def shared_level_and_growth(monthly: MonthlyLevels, horizon: int) -> Iterator[Floats]:
    """The same, and the level of all goes on as it went over a year, or by less from month to month.

    Source: Gardner and McKenzie, Forecasting trends in time series, 1985 (damped trend).
    """
    for (now, _, smooth), damped in product(_shared(monthly), _DAMPED):
        growth = np.zeros(monthly.months)
        growth[_YEAR:] = (smooth[_YEAR:] - smooth[:-_YEAR]) / _YEAR
        steps = np.concatenate([[0.0], np.cumsum(damped ** np.arange(horizon))])
        yield _flat(now, horizon) + (growth[:, None] * steps)[:, :, None]


def shared_level_and_season(monthly: MonthlyLevels, horizon: int) -> Iterator[Floats]:
    """The same, and the level of all changes as it did after that month in the years before, or by half of that."""
    for (now, overall, _), share in product(_shared(monthly), _SEASON):
        yield _flat(now, horizon) + share * _changes_in_earlier_years(overall, horizon)[:, :, None]


METHODS: dict[str, Method] = {
    "persistence": persistence,
    "seasonal naive": seasonal_naive,
    "local level": local_level,
    "shared level": shared_level,
    "shared level and growth": shared_level_and_growth,
    "shared level and season": shared_level_and_season,
}
"""The simplest first."""


def filtered(levels: Floats, rows: Floats, drift: float, start: Floats) -> Floats:
    """The filtered state of a local level model, float64 (months, groups).

    Source: Durbin and Koopman, Time series analysis by state space methods, 2012, 2.2, with the variance of one row as
    the unit, so that a month of n rows has the variance 1 / n; months without rows are passed over.

    Args:
        levels, rows: float64 (months, groups).
        drift: variance of a month's change.
        start: float64 (groups,), known as well as by one row.
    """
    state, variance, states = start, np.ones(start.shape), []
    for seen, n in zip(np.nan_to_num(levels), rows, strict=True):
        variance = variance + drift
        gain = variance * n / (variance * n + 1)
        state = state + gain * (seen - state)
        variance = (1 - gain) * variance
        states.append(state)
    return np.array(states)


def _shared(monthly: MonthlyLevels) -> Iterator[tuple[Floats, Floats, Floats]]:
    """What groups are at, (months, groups); the level of all, (months,), as it is and smoothed."""
    for drift in _DRIFTS:
        overall, apart = shared_and_apart(monthly, drift)
        for weight in _WEIGHTS:
            smooth = _smoothed(overall, weight)
            yield smooth[:, None] + apart, overall, smooth


def shared_and_apart(monthly: MonthlyLevels, drift: float) -> tuple[Floats, Floats]:
    """The level of all, float64 (months,), and each group's distance from it, (months, groups).

    A month's level of all is the mean of its rows less what their groups were apart before, so that it does not move
    when more is sold where it is dear; a group's distance is filtered as :func:`filtered` does it.

    Args:
        drift: variance of a month's change of a distance, in variances of one row.
    """
    apart, variance = np.zeros(len(monthly.groups)), np.ones(len(monthly.groups))
    overall, level, distances = np.zeros(monthly.months), 0.0, []
    for month, (seen, n) in enumerate(zip(np.nan_to_num(monthly.levels), monthly.rows, strict=True)):
        level = float((n * (seen - apart)).sum() / n.sum()) if n.sum() else level
        variance = variance + drift
        gain = variance * n / (variance * n + 1)
        apart = apart + gain * (seen - level - apart)
        variance = (1 - gain) * variance
        overall[month] = level
        distances.append(apart)
    return overall, np.array(distances)


def _smoothed(values: Floats, weight: float) -> Floats:
    """Simple exponential smoothing; Hyndman and Athanasopoulos, Forecasting: principles and practice, 8.1."""
    return pd.Series(values).ewm(alpha=weight, adjust=False).mean().to_numpy("float64")


def _flat(now: Floats, horizon: int) -> Floats:
    return np.repeat(now[:, None, :], horizon + 1, axis=1)


def _last_known(monthly: MonthlyLevels) -> Floats:
    """Each group's last level, (months, groups); before its first one that of all."""
    known = pd.DataFrame(monthly.levels).ffill().to_numpy("float64")
    return np.where(np.isnan(known), monthly.overall[:, None], known)


def _changes_in_earlier_years(overall: Floats, horizon: int) -> Floats:
    """Mean change of the level of all from the same month of earlier years on, (months, horizon + 1); else 0."""
    changes = np.zeros((overall.size, horizon + 1))
    for month in range(_YEAR, overall.size):
        before = np.arange(month - _YEAR, -1, -_YEAR)
        for h in range(1, horizon + 1):
            changes[month, h] = (overall[before + h] - overall[before]).mean()
    return changes
