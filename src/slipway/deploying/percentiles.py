"""Percentiles of times to answer, from single values or from a histogram's buckets, without assuming a distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

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

    def holding(self, rank: int) -> tuple[float, float]:
        """Between which bounds the value of a rank lies, counted from 1; (0, inf) where there is none."""
        passed = 0
        for low, high, count in zip(self.lows, self.highs, self.counts, strict=True):
            passed += count
            if 1 <= rank <= passed:
                return low, high
        return 0.0, inf


def bins_of(values: Sequence[float]) -> Bins:
    """Single values, each a bin without width."""
    ordered = tuple(sorted(values))
    return Bins(lows=ordered, highs=ordered, counts=(1,) * len(ordered))


def bins_of_buckets(bounds: Sequence[float], counts: Sequence[int]) -> Bins:
    """Buckets of a histogram: ``counts[i]`` above ``bounds[i - 1]`` and not above ``bounds[i]``."""
    return Bins(lows=(0.0, *bounds[:-1]), highs=tuple(bounds), counts=tuple(counts))


def limits(bins: Bins, level: float, quantile: float = P95) -> tuple[float, float]:
    """Lower and upper limit of a quantile, each missed with a probability of at most ``level``.

    They are order statistics: the values whose ranks n draws of a coin with the quantile's odds bracket (Hahn and
    Meeker, Statistical Intervals, 1991, section 5.2). Of a bucket, the bound that errs on the safe side counts.
    """
    from scipy.stats import binom

    total = bins.total
    if not total:
        return 0.0, inf
    below = int(binom.ppf(level, total, quantile))
    above = int(binom.isf(level, total, quantile)) + 1
    return bins.holding(below)[0], bins.holding(above)[1] if above <= total else inf


def point(bins: Bins, quantile: float = P95) -> float:
    """The quantile itself: the upper bound of the bin that it falls into; 0 of nothing."""
    from math import ceil

    return bins.holding(max(ceil(quantile * bins.total), 1))[1] if bins.total else 0.0
