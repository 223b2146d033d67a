"""P values of what is counted in a window and in a reference, and which of many are discoveries."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy.special import kolmogorov
from scipy.stats import chi2, hypergeom, norm

from slipway.monitoring.batch import Floats

FEWEST_EXPECTED = 5.0


def distance_p_value(distance: float, rows: int, reference_rows: int) -> float:
    """Of a two-sample Kolmogorov-Smirnov distance.

    The limiting distribution with Stephens' correction for finite samples (Stephens, Use of the Kolmogorov-Smirnov,
    Cramér-von Mises and related statistics without extensive tables, 1970). Ties make it larger than it should be.
    """
    root = sqrt(rows / (rows + reference_rows) * reference_rows)
    return float(kolmogorov((root + 0.12 + 0.11 / root) * distance))


def ranks_p_value(above: float, rows: int, reference_rows: int, tied: float) -> float:
    """Two-sided, of Mann and Whitney's test in its normal approximation.

    Mann and Whitney, On a test of whether one of two random variables is stochastically larger than the other (1947).

    Args:
        above: the chance that a value of the window is above one of the reference, ties counted half.
        tied: the sum of t³ - t over groups of t equal values, over that of all rows being one group.
    """
    error = sqrt((rows + reference_rows + 1) / 12 / rows / reference_rows * (1 - tied))
    return float(2 * norm.sf(abs(above - 0.5) / error)) if error > 0 else 1.0


def table_p_value(counts: Floats, reference_counts: Floats) -> float:
    """Pearson's chi-squared test that two samples (k,) have the same shares; 1 for a single category."""
    both = counts + reference_counts
    used = both > 0
    if np.count_nonzero(used) < 2:
        return 1.0
    statistic = 0.0
    for mine in (counts[used], reference_counts[used]):
        expected = both[used] * (mine.sum() / both.sum())
        statistic += float(((mine - expected) ** 2 / expected).sum())
    return float(chi2.sf(statistic, np.count_nonzero(used) - 1))


def shares_p_value(hits: int, rows: int, reference_hits: int, reference_rows: int) -> float:
    """Two-sided, that two shares are equal: Fisher's exact test where few are expected, else the pooled z test."""
    both, all_rows = hits + reference_hits, rows + reference_rows
    if both in (0, all_rows):
        return 1.0
    if min(both, all_rows - both) * min(rows, reference_rows) / all_rows < FEWEST_EXPECTED:
        below = hypergeom.cdf(hits, all_rows, both, rows)
        above = hypergeom.sf(hits - 1, all_rows, both, rows)
        return float(min(1.0, 2 * min(below, above)))
    share = both / all_rows
    error = sqrt(share * (1 - share) * (1 / rows + 1 / reference_rows))
    return float(2 * norm.sf(abs(hits / rows - reference_hits / reference_rows) / error))


def discoveries(p_values: Sequence[float], alpha: float) -> tuple[bool, ...]:
    """Which are rejected, with an expected share of at most ``alpha`` false ones among them.

    The step-up procedure of Benjamini and Hochberg, Controlling the false discovery rate (1995).
    """
    ordered = np.sort(np.asarray(p_values, float))
    bounds = alpha * np.arange(1, ordered.size + 1) / max(ordered.size, 1)
    reached = np.flatnonzero(ordered <= bounds)
    bound = bounds[reached[-1]] if reached.size else -1.0
    return tuple(bool(p <= bound) for p in p_values)
