"""Percentiles of times to answer, from single values or from a histogram's buckets, without assuming a distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

P95 = 0.95


@dataclass(frozen=True)
class Bins:
    """Counted values in ascending order: ``counts[i]`` of them lie in [lows[i], highs[i]]; any one unit."""

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)

    def holding(self, rank: int) -> "Held":
        """Where the value of a rank lies, counted from 1; anywhere where there is none."""
        passed = 0
        for low, high, count in zip(self.lows, self.highs, self.counts, strict=True):
            if passed < rank <= passed + count:
                return Held(low, high, low + (high - low) * (rank - passed) / count if high < inf else low)
            passed += count
        return Held(0.0, inf, inf if rank > passed else 0.0)


@dataclass(frozen=True)
class Held:
    """A value that lies in [low, high]; ``even`` is where it is when a bin's values are spread evenly."""

    low: float
    high: float
    even: float


@dataclass(frozen=True)
class Limits:
    """Values between which a quantile lies."""

    lower: Held
    upper: Held


def bins_of(values: Sequence[float]) -> Bins:
    """Single values, each a bin without width."""
    ordered = tuple(sorted(values))
    return Bins(lows=ordered, highs=ordered, counts=(1,) * len(ordered))


def bins_of_buckets(bounds: Sequence[float], counts: Sequence[int]) -> Bins:
    """Buckets of a histogram: ``counts[i]`` above ``bounds[i - 1]`` and not above ``bounds[i]``."""
    return Bins(lows=(0.0, *bounds[:-1]), highs=tuple(bounds), counts=tuple(counts))


def limits(bins: Bins, level: float, quantile: float = P95) -> Limits:
    """Lower and upper limit of a quantile, each missed with a probability of at most ``level``.

    They are order statistics: the values whose ranks n draws of a coin with the quantile's odds bracket (Hahn and
    Meeker, Statistical Intervals, 1991, section 5.2).
    """
    from scipy.stats import binom

    total = bins.total
    if not total:
        return Limits(_UNKNOWN, _UNKNOWN)
    below = int(binom.ppf(level, total, quantile))
    above = int(binom.isf(level, total, quantile)) + 1
    return Limits(bins.holding(below), bins.holding(above))


def excess(one: Limits, other: Limits) -> float:
    """By how much one quantile is proved to be above another; 0 where it is not.

    It is proved where the bins that hold the nearest limits do not even touch, so that values on either side of one
    bound are not taken for far apart; how much it is, is told as Prometheus' histogram_quantile would, with the values
    of a bin spread evenly.
    """
    return one.lower.even - other.upper.even if one.lower.low > other.upper.high else 0.0


def point(bins: Bins, quantile: float = P95) -> float:
    """The quantile itself, the values of a bin spread evenly; 0 of nothing."""
    return bins.holding(max(ceil(quantile * bins.total), 1)).even if bins.total else 0.0


_UNKNOWN = Held(0.0, inf, inf)
