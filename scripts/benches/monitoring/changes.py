"""What is done to one column of a window that a monitor must see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scripts.benches.monitoring.sample import Sample

Values = np.ndarray
Change = Callable[[Values, pd.Series, np.random.Generator], Values]
SHIFT = 0.25
POINTS = 0.10
ENOUGH = 0.13


@dataclass(frozen=True)
class Planted:
    """A change, and the columns that it can be done to."""

    name: str
    change: Change
    columns: Callable[[Sample], list[str]]
    sizes: Mapping[int, float]


def _numbers(sample: Sample) -> list[str]:
    return [name for name in sample.use_case.numeric if sample.table[name].nunique() > 1]


def _words(sample: Sample) -> list[str]:
    """Columns with a category that has points to give."""
    shares = {name: sample.table[name].value_counts(normalize=True).max() for name in sample.use_case.categorical}
    return [name for name, share in shares.items() if share >= ENOUGH]


def _all(sample: Sample) -> list[str]:
    return [*_numbers(sample), *sample.use_case.categorical]


def _varied(sample: Sample) -> list[str]:
    """A column that nearly always has one value can stay at it by chance."""
    shares = {name: sample.table[name].value_counts(normalize=True, dropna=True).max() for name in _all(sample)}
    return [name for name, share in shares.items() if share < 0.97]


def _mostly_not_zero(sample: Sample) -> list[str]:
    return [name for name in _numbers(sample) if (sample.table[name].fillna(0) != 0).mean() > 0.5]


def shifted(values: Values, column: pd.Series, random: np.random.Generator) -> Values:
    """All values by a quarter of a standard deviation, up or down."""
    changed: Values = values + random.choice([-1, 1]) * SHIFT * column.std()
    return changed


def emptied(values: Values, column: pd.Series, random: np.random.Generator) -> Values:
    """Ten points of the rows lose their value."""
    changed = values.copy()
    there = np.flatnonzero(~pd.isna(values))
    lost = random.choice(there, min(round(POINTS * len(values)), there.size), replace=False)
    changed[lost] = np.nan if values.dtype.kind == "f" else None
    return changed


def rescaled(values: Values, column: pd.Series, random: np.random.Generator) -> Values:
    """Another unit: a thousand times as large, or a hundredth."""
    changed: Values = values * random.choice([1000.0, 0.01])
    return changed


def frozen(values: Values, column: pd.Series, random: np.random.Generator) -> Values:
    """The same in every row: the most frequent value."""
    changed = values.copy()
    changed[:] = column.mode().iloc[0]
    return changed


def moved(values: Values, column: pd.Series, random: np.random.Generator) -> Values:
    """Ten points of the rows go from one category, which has as many, to another."""
    shares = column.value_counts(normalize=True)
    source = random.choice(shares.index[shares >= ENOUGH])
    target = random.choice([name for name in shares.index if name != source])
    changed, there = values.copy(), np.flatnonzero(values == source)
    changed[random.choice(there, min(round(POINTS * len(values)), there.size), replace=False)] = target
    return changed


CHANGES = (
    Planted("all values shifted by 0.25 standard deviations", shifted, _numbers, {500: 0.99, 2_000: 0.99}),
    Planted("10 points more missing", emptied, _all, {500: 0.99, 2_000: 0.99}),
    Planted("another unit (times 1,000, or a hundredth)", rescaled, _mostly_not_zero, {500: 0.99, 2_000: 0.99}),
    Planted("a column gone constant", frozen, _varied, {500: 0.99, 2_000: 0.99}),
    Planted("a category's share moved by 10 points", moved, _words, {500: 0.0, 2_000: 0.95}),
)
