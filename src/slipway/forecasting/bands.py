"""How far to either side of a forecast its band goes, read off errors that were known by then."""

from math import ceil

import numpy as np

from slipway.forecasting.monthly import Floats

_PRIOR = 6.0
"""A group's typical error is drawn to that of all groups as if by so many errors."""
_LEAST = 30
"""So many errors are needed before anything is said."""
_MONTHS = 24
"""Errors further back are of a market that may have been livelier or quieter."""


def reaches(errors: Floats, band: float) -> Floats:
    """Half the width of each forecast's band, float64 of the shape of ``errors``; NaN where too little was known.

    By normalised conformal prediction: the errors of a horizon are divided by what is typical of their group, and the
    ceil((n + 1) * band)-th smallest of the n quotients times the group's typical error is the reach. Source: Lei,
    G'Sell, Rinaldo, Tibshirani and Wasserman, Distribution-free predictive inference for regression, 2018, section
    5.2. Months are not exchangeable, so that coverage holds as far as the next ones are like the last ones, and is
    measured.

    Args:
        errors: float64 (months, horizon, groups), NaN where unknown; the one at [t, h - 1] is known at t + h. Those
            of the last 24 months count.
    """
    found = np.full(errors.shape, np.nan)
    for month in range(len(errors)):
        for h in range(1, errors.shape[1] + 1):
            end = max(0, month - h + 1)
            found[month, h - 1] = reach_of(np.abs(errors[max(0, end - _MONTHS) : end, h - 1]), band)
    return found


def reach_of(sizes: Floats, band: float) -> Floats:
    """The reach of each group's next band, float64 (groups,), from absolute errors (months, groups)."""
    known = np.isfinite(sizes)
    if known.sum() < _LEAST:
        return np.full(sizes.shape[1], np.nan)
    typical = (np.nansum(sizes, axis=0) + _PRIOR * float(sizes[known].mean())) / (known.sum(axis=0) + _PRIOR)
    quotients = np.sort(np.divide(sizes, typical, out=np.zeros(sizes.shape), where=typical > 0)[known])
    rank = min(ceil((quotients.size + 1) * band), quotients.size)
    return np.asarray(quotients[rank - 1] * typical)
