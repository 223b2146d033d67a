"""The level of each group in each month, and how many rows it was read off."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.core.use_case import Level

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Seen:
    """Rows, what became of them, and when.

    Attributes:
        rows: prepared features (n, k), n at least 1.
        target: float64 (n,), in the target's own unit.
        time: days since 1970-01-01, float64 (n,).
    """

    rows: pd.DataFrame
    target: np.ndarray
    time: np.ndarray


@dataclass(frozen=True, eq=False)
class MonthlyLevels:
    """A month's level is the mean logarithm of target per unit over its rows.

    Attributes:
        first: months from January of the year 0 to the first month.
        groups: sorted.
        levels: float64 (months, groups), NaN where there was no row.
        rows: float64 (months, groups).
        scatter: standard deviation of a row's logarithm within its group and month.
    """

    first: int
    groups: tuple[str, ...]
    levels: Floats
    rows: Floats
    scatter: float = 0.0

    @property
    def months(self) -> int:
        return len(self.levels)

    @property
    def overall(self) -> Floats:
        """Mean over all rows of a month, float64 (months,); a month without any has the level of the one before."""
        rows = self.rows.sum(axis=1)
        sums = (np.nan_to_num(self.levels) * self.rows).sum(axis=1)
        means = np.divide(sums, rows, out=np.full(rows.shape, np.nan), where=rows > 0)
        return pd.Series(means).ffill().to_numpy("float64")

    def name(self, month: int) -> str:
        """What a month is called, such as "2015-12"; ``month`` counts from the first one."""
        year, number = divmod(self.first + month, 12)
        return f"{year:04d}-{number + 1:02d}"


def monthly_levels(seen: Seen, level: Level, groups: tuple[str, ...] | None = None) -> MonthlyLevels:
    """Read levels off rows; those whose logarithm is no number are left out.

    Args:
        groups: whose levels are read off; by default all that there are.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(seen.target / seen.rows[level.per].to_numpy("float64"))
    month = months_of(seen.time)
    table = pd.DataFrame({"value": value, "month": month, "group": seen.rows[level.by].to_numpy()})
    table = table[np.isfinite(table["value"])]
    known = groups or tuple(sorted(set(table["group"])))
    index = pd.RangeIndex(int(month.min()), int(month.max()) + 1)
    cells = table.groupby(["month", "group"])["value"]
    means, counts = (
        found.unstack().reindex(index=index, columns=list(known)) for found in (cells.mean(), cells.size())
    )
    levels, rows = means.to_numpy("float64"), counts.fillna(0).to_numpy("float64")
    return MonthlyLevels(int(index[0]), known, levels, rows, _scatter(cells))


def _scatter(cells: Any) -> float:
    """Pooled over all cells of two rows or more; 0 where there is none."""
    free = (cells.size() - 1).clip(lower=0)
    return float(np.sqrt((cells.var().fillna(0.0) * free).sum() / max(1, free.sum())))


def months_of(time: np.ndarray) -> npt.NDArray[np.int64]:
    """Months since January of the year 0, of days since 1970-01-01; int64 (n,)."""
    months = np.floor(time).astype("int64").astype("datetime64[D]").astype("datetime64[M]")
    return np.asarray(months.astype("int64") + 1970 * 12)
