"""A column whose values the log does not show: only whether they are there can be counted, if that."""

from dataclasses import dataclass

import pandas as pd

from slipway.monitoring.batch import Floats, Words
from slipway.monitoring.found import Found


@dataclass(frozen=True)
class Hidden:
    """A column of the reference of which ``why`` tells that its values cannot be compared.

    Attributes:
        shows_missing: whether the log at least tells which rows have no value.
    """

    rows: int
    missing: int
    why: str
    shows_missing: bool

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    def begun(self) -> "HiddenCounts":
        """Nothing counted yet."""
        return HiddenCounts(self)


@dataclass
class HiddenCounts:
    """How many rows of a window have a value."""

    column: Hidden
    rows: int = 0
    missing: int = 0
    absent: int = 0

    def add(self, values: Floats | Words) -> None:
        """Count values (n,)."""
        self.rows += len(values)
        self.missing += int(pd.isna(values).sum())

    def lack(self, rows: int) -> None:
        """Count rows that do not have the column."""
        self.rows, self.missing, self.absent = self.rows + rows, self.missing + rows, self.absent + rows

    def merge(self, other: "HiddenCounts") -> None:
        """Add what another counted."""
        self.rows, self.missing = self.rows + other.rows, self.missing + other.missing
        self.absent += other.absent

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def is_constant(self) -> bool:
        return False

    def found(self) -> Found:
        """Nothing but the reason."""
        return Found(self.present, self.column.present, None, None, untested=self.column.why)
