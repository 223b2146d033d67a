"""Forecasts of the past, made from what was known then, beside what came."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from slipway.forecasting.bands import reaches
from slipway.forecasting.methods import METHODS
from slipway.forecasting.monthly import Floats, MonthlyLevels

LEAST_MONTHS = 36
"""A year for settings to be read off, a year for bands, and one to be judged in."""
LEAST_ROWS = 5
_SETTLING = 12
_BANDS_FROM = 24


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """One method at every month.

    Attributes:
        forecasts: float64 (months, horizon + 1, groups), by the setting that had done best by then.
        errors: float64 (months, horizon, groups): what came less the forecast, in logarithms; NaN where nothing came
            yet, or too few rows to tell.
        reach: float64, of ``errors``' shape: how far to either side of the forecast its band goes, read off the errors
            known by then; NaN before there were enough.
    """

    forecasts: Floats
    errors: Floats
    reach: Floats


def rehearse(monthly: MonthlyLevels, horizon: int, band: float) -> dict[str, Rehearsal]:
    """Every method at every month of the series."""
    return {name: _rehearsed(method(monthly, horizon), monthly, band) for name, method in METHODS.items()}


def judged_from(monthly: MonthlyLevels, first: int = 0) -> range:
    """The months that can be forecast from and judged: bands are known, and something came after them."""
    return range(max(first, _BANDS_FROM), monthly.months - 1)


def truth(monthly: MonthlyLevels) -> Floats:
    """The levels that forecasts are held to: of months with enough rows; float64 (months, groups)."""
    return np.where(monthly.rows >= LEAST_ROWS, monthly.levels, np.nan)


def _rehearsed(settings: Iterable[Floats], monthly: MonthlyLevels, band: float) -> Rehearsal:
    tables = list(settings)
    errors = [_errors(table, truth(monthly)) for table in tables]
    chosen = _best_by_then(np.stack([_known_by(error) for error in errors]))
    rows = np.arange(monthly.months)
    best = np.stack(tables)[chosen, rows]
    own = np.stack(errors)[chosen, rows]
    return Rehearsal(best, own, reaches(own, band))


def _errors(table: Floats, came: Floats) -> Floats:
    months, steps, groups = table.shape
    errors = np.full((months, steps - 1, groups), np.nan)
    for h in range(1, steps):
        errors[: months - h, h - 1] = came[h:] - table[: months - h, h]
    return errors


def _known_by(errors: Floats) -> Floats:
    """Sum of the absolute errors that are known at the end of each month, from the second year on; (months,)."""
    sizes = np.nansum(np.abs(errors), axis=2)
    sizes[:_SETTLING] = 0.0
    known = np.zeros(len(errors))
    for h in range(errors.shape[1]):
        known[h + 1 :] += sizes[: -h - 1, h]
    return np.cumsum(known)


def _best_by_then(known: Floats) -> np.ndarray:
    """Position of the setting with the smallest sum at each month; int64 (months,)."""
    return np.asarray(known.argmin(axis=0))
