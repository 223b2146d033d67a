"""A column of categories: how often each is there in the reference, and in a window."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.data.preparation import MISSING_CATEGORY
from slipway.monitoring.batch import Floats, Words
from slipway.monitoring.found import Found
from slipway.monitoring.significance import FEWEST_EXPECTED, table_p_value

MOST_NEW = 1_000
"""So many different never-seen categories are told apart; rows of further ones are counted together."""
THE_REST = "(others)"


@dataclass(frozen=True, eq=False)
class Categories:
    """A column of the reference.

    Attributes:
        names: its different values, sorted.
        counts: how often each is there, float64 (k,).
        rows: of the reference; ``missing`` of them have no value.
        known: what training saw; more than ``names`` where the reference is a sample.
    """

    names: pd.Index
    counts: Floats
    rows: int
    missing: int
    known: frozenset[str] = frozenset()

    @classmethod
    def of(cls, values: Words, known: tuple[str, ...] = ()) -> Self:
        """From values (n,), None where missing."""
        names, counts = _counted(values)
        order = np.argsort(names)
        there = counts[order].astype(np.float64)
        return cls(pd.Index(names[order]), there, values.size, values.size - int(counts.sum()), frozenset(known))

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def largest_share(self) -> float:
        """Of the most frequent value, among those that are there."""
        return float(self.counts.max() / self.present)

    def begun(self) -> "CategoryCounts":
        """Nothing counted yet."""
        return CategoryCounts(self, np.zeros(len(self.names), np.int64))


@dataclass(eq=False)
class CategoryCounts:
    """A window's values of one column.

    Attributes:
        counts: int64 (k,), of the reference's categories.
        new: rows by category that the reference has not.
        absent: rows in whose batch nobody had this column; they are among ``missing``.
    """

    column: Categories
    counts: npt.NDArray[np.int64]
    new: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    missing: int = 0
    absent: int = 0

    def add(self, values: Words | Floats) -> None:
        """Count values (n,)."""
        names, counted = _counted(values)
        self.rows += len(values)
        self.missing += len(values) - int(counted.sum())
        places = self.column.names.get_indexer(pd.Index(names))
        np.add.at(self.counts, places[places >= 0], counted[places >= 0])
        for place in np.flatnonzero(places < 0):
            self._note(names[place], int(counted[place]))

    def _note(self, name: str, rows: int) -> None:
        self.new[name if name in self.new or len(self.new) < MOST_NEW else THE_REST] += rows

    def lack(self, rows: int) -> None:
        """Count rows that do not have the column."""
        self.rows, self.missing, self.absent = self.rows + rows, self.missing + rows, self.absent + rows

    def merge(self, other: "CategoryCounts") -> None:
        """Add what another counted against the same reference."""
        self.counts += other.counts
        for name, rows in other.new.items():
            self._note(name, rows)
        self.rows, self.missing = self.rows + other.rows, self.missing + other.missing
        self.absent += other.absent

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def is_constant(self) -> bool:
        return self.present > 0 and max(self.counts.max(initial=0), *self.new.values(), 0) == self.present

    @property
    def never_seen(self) -> dict[str, int]:
        """Rows by category that neither reference nor training had."""
        return {name: rows for name, rows in self.new.items() if name not in self.column.known}

    def found(self) -> Found:
        """Chi-squared over categories, and the one whose share moved most."""
        rows, reference_rows = self.present, self.column.present
        if not (rows and reference_rows):
            where = "window" if reference_rows else "reference"
            return Found(rows, reference_rows, None, None, untested=f"no value in the {where}")
        mine, theirs, names = self._pooled()
        moved = mine / rows - theirs / reference_rows
        most = int(np.argmax(np.abs(moved)))
        detail = f"share of {names[most]} {theirs[most] / reference_rows:.2f} -> {mine[most] / rows:.2f}"
        return Found(rows, reference_rows, table_p_value(mine, theirs), float(abs(moved[most])), detail)

    def _pooled(self) -> tuple[Floats, Floats, list[str]]:
        """Counts of window and reference; categories of which few are expected stand together, and so do new ones."""
        mine, theirs = self.counts.astype(np.float64), self.column.counts
        fewer = min(self.present, self.column.present) / (self.present + self.column.present)
        rare = (mine + theirs) * fewer < FEWEST_EXPECTED
        names = [f"'{name}'" for name in self.column.names[~rare]]
        together = [("rare values", mine[rare].sum(), theirs[rare].sum()), ("new values", sum(self.new.values()), 0.0)]
        kept = [row for row in together if row[1] + row[2] > 0]
        extra: list[Any] = [list(part) for part in zip(*kept, strict=True)] or [[], [], []]
        return np.append(mine[~rare], extra[1]), np.append(theirs[~rare], extra[2]), names + extra[0]


def _counted(values: Words | Floats) -> tuple[Words, npt.NDArray[np.int64]]:
    """Different values, as words, in the order they come, and how often each is there; none for what is missing."""
    codes, found = pd.factorize(np.asarray(values, object))
    counts = np.bincount(codes[codes >= 0], minlength=len(found))
    words = pd.factorize(np.array([str(value) for value in found], object))
    names = np.asarray(words[1], object)
    together = np.bincount(words[0], counts, minlength=len(names)).astype(np.int64)
    there = names != MISSING_CATEGORY
    return names[there], together[there]
