"""The figures of a first suite, read off a table: generous, and never narrower than what was seen."""

import math
from collections.abc import Callable

import pandas as pd


def believable(column: pd.Series) -> tuple[float, float]:
    """The range seen widened by its own width on either side, rounded outward; it crosses zero only if that did."""
    low, high = float(column.min()), float(column.max())
    width = high - low
    least = 0.0 if low >= 0 else low - width
    most = 0.0 if high <= 0 else high + width
    return _rounded(max(least, low - width), math.floor), _rounded(min(most, high + width), math.ceil)


def gap_allowed(column: pd.Series) -> float:
    """Twice the share missing and five points more, at most all of it; 0 where nothing is missing."""
    share = float(column.isna().mean())
    return 0.0 if share == 0 else min(1.0, math.ceil(100 * (2 * share + 0.05)) / 100)


def share_allowed(share: float) -> tuple[float, float]:
    """From half to one and a half of a class's share, and never all or nothing."""
    return max(0.001, _rounded(share / 2, math.floor)), min(0.999, _rounded(1.5 * share, math.ceil))


def _rounded(value: float, towards: Callable[[float], int]) -> float:
    """To two significant digits."""
    if value == 0:
        return 0.0
    digits = 1 - math.floor(math.log10(abs(value)))
    return round(towards(round(value * 10.0**digits, 6)) / 10.0**digits, max(digits, 0))
