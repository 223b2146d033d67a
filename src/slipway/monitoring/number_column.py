"""A column of numbers: the reference's points, and a window's values counted at them and between them.

A window's values are never kept. Two distribution functions differ most at one of the reference's points or just before
one, so counts at the points and between them give the Kolmogorov-Smirnov distance exactly; with the sums of the values
between them, the Wasserstein distance too. Ranks are as exact. The p value is twice the smaller of those of
Kolmogorov and Smirnov's test, which sees every change of shape, and of Mann and Whitney's, which sees a shift of
bell-shaped values in a small window more often.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.monitoring.batch import Floats, Words
from slipway.monitoring.found import Found
from slipway.monitoring.significance import distance_p_value, ranks_p_value

DATE_MOVES = "a date moves with time by nature"


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of the reference.

    Attributes:
        points: its different values, ascending, float64 (k,), rounded to float32 as the model takes them.
        counts: how often each is there, (k,).
        rows: of the reference; ``missing`` of them have no value.
        low, high: what training saw; None where nobody knows.
        is_date: not tested.
    """

    points: Floats
    counts: Floats
    rows: int
    missing: int
    low: float | None = None
    high: float | None = None
    is_date: bool = False

    @classmethod
    def of(cls, values: Floats, *, low: float | None = None, high: float | None = None, is_date: bool = False) -> Self:
        """From values (n,), NaN where missing."""
        rounded = as_taken(values)
        points, counts = np.unique(rounded[np.isfinite(rounded)], return_counts=True)
        missing = values.size - int(counts.sum())
        return cls(points, counts.astype(np.float64), values.size, missing, low, high, is_date)

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def mean(self) -> float:
        return float(self.points @ self.counts / self.present)

    @property
    def deviation(self) -> float:
        """Standard deviation; 0 for a single value."""
        return float(np.sqrt(((self.points - self.mean) ** 2) @ self.counts / self.present))

    @property
    def largest_share(self) -> float:
        """Of the most frequent value, among those that are there."""
        return float(self.counts.max() / self.present)

    @property
    def median(self) -> float:
        return float(self.points[np.searchsorted(np.cumsum(self.counts), self.present / 2)])

    def begun(self) -> "NumberCounts":
        """Nothing counted yet."""
        cells = 2 * self.points.size + 1
        return NumberCounts(self, np.zeros(cells, np.int64), np.zeros(cells))


@dataclass(eq=False)
class NumberCounts:
    """A window's values of one column.

    Attributes:
        cells: int64 (2k + 1,): values below the first point, at it, between it and the second, at that, and so on.
        sums: of the values in each cell.
        absent: rows in whose batch nobody had this column; they are among ``missing``.
        outside: values outside of what training saw.
        low, high: smallest and largest value.
    """

    column: Numbers
    cells: npt.NDArray[np.int64]
    sums: Floats
    rows: int = 0
    missing: int = 0
    absent: int = 0
    outside: int = 0
    low: float = field(default=np.inf)
    high: float = field(default=-np.inf)

    def add(self, values: Floats | Words) -> None:
        """Count values (n,); what is no number counts as missing."""
        taken = as_taken(_numbers(values))
        known = taken[np.isfinite(taken)]
        self.rows += taken.size
        self.missing += taken.size - known.size
        if known.size:
            self._count(known)

    def lack(self, rows: int) -> None:
        """Count rows that do not have the column."""
        self.rows, self.missing, self.absent = self.rows + rows, self.missing + rows, self.absent + rows

    def merge(self, other: "NumberCounts") -> None:
        """Add what another counted against the same reference."""
        self.cells += other.cells
        self.sums += other.sums
        self.rows, self.missing = self.rows + other.rows, self.missing + other.missing
        self.absent, self.outside = self.absent + other.absent, self.outside + other.outside
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)

    def _count(self, known: Floats) -> None:
        self.low, self.high = min(self.low, float(known.min())), max(self.high, float(known.max()))
        for bound, beyond in ((self.column.low, np.less), (self.column.high, np.greater)):
            if bound is not None:
                self.outside += int(np.count_nonzero(beyond(known, as_taken(np.array([bound])))))
        cell = cells_of(self.column.points, known)
        self.cells += np.bincount(cell, minlength=self.cells.size)
        self.sums += np.bincount(cell, weights=known, minlength=self.cells.size)

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def median(self) -> float:
        """The value in the middle; between two points of the reference, the mean of what lies there."""
        cell = int(np.searchsorted(np.cumsum(self.cells), self.present / 2))
        return float(self.sums[cell] / self.cells[cell])

    @property
    def is_constant(self) -> bool:
        return self.present > 0 and self.low == self.high

    def found(self) -> Found:
        """The distance between window and reference."""
        rows, reference_rows = self.present, self.column.present
        if not (rows and reference_rows):
            where = "window" if reference_rows else "reference"
            return Found(rows, reference_rows, None, None, untested=f"no value in the {where}")
        distance, area = self._distances()
        effect = area / self.column.deviation if self.column.deviation > 0 else distance
        detail = f"median {self.column.median:.4g} -> {self.median:.4g}"
        if self.column.is_date:
            return Found(rows, reference_rows, None, effect, detail, untested=DATE_MOVES)
        of_distance, of_ranks = distance_p_value(distance, rows, reference_rows), self._ranks_p_value()
        return Found(rows, reference_rows, min(1.0, 2 * min(of_distance, of_ranks)), effect, detail)

    def _ranks_p_value(self) -> float:
        """Ties among values of the window that the reference has not are taken for none, which is cautious."""
        rows, theirs = self.present, self.column.counts
        below = np.concatenate([[0.0], np.cumsum(theirs)])
        outranked = self.cells[::2] @ below + self.cells[1::2] @ (below[:-1] + theirs / 2)
        together = self.cells[1::2] + theirs
        total = float(rows + self.column.present)
        tied = float((together**3 - together).sum()) / (total**3 - total)
        return ranks_p_value(float(outranked) / rows / self.column.present, rows, self.column.present, tied)

    def _distances(self) -> tuple[float, float]:
        """Kolmogorov-Smirnov and Wasserstein distance.

        Where the two distribution functions cross between two neighbouring points, the area there is counted net.
        """
        points, last = self.column.points, self.column.points.size - 1
        mine = np.cumsum(self.cells) / self.present
        theirs = np.concatenate([[0.0], np.cumsum(self.column.counts) / self.column.present])
        below, at = mine[:-1:2], mine[1::2]
        distance = max(np.abs(at - theirs[1:]).max(), np.abs(below - theirs[:-1]).max())
        gaps, sums = self.cells[::2] / self.present, self.sums[::2] / self.present
        risen = at[:-1] * np.diff(points) + gaps[1:-1] * points[1:] - sums[1:-1]
        inside = np.abs(theirs[1:-1] * np.diff(points) - risen).sum()
        outside = gaps[0] * points[0] - sums[0] + sums[-1] - gaps[-1] * points[last]
        return float(distance), float(inside + outside)


def cells_of(points: Floats, values: Floats) -> npt.NDArray[np.intp]:
    """For each value (n,) the cell it falls in: 2 i for below point i and above the one before, 2 i + 1 for at it."""
    position = np.searchsorted(points, values, side="left")
    if not points.size:
        return position
    at = points[np.minimum(position, points.size - 1)] == values
    return np.asarray(2 * position + at)


def as_taken(values: Floats) -> Floats:
    """Numbers as the model takes them: float32, so that 29.85 as sent is 29.85 as trained on."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32).astype(np.float64)


def _numbers(values: Floats | Words) -> Floats:
    if values.dtype.kind in "fiub":
        return values.astype(np.float64)
    return pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(np.float64)
