"""A stream: rows in order of time, when each is asked, and when its outcome is known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from slipway.core.params import UseCaseParams
from slipway.core.use_case import UseCase

DAY = 86_400.0
Fault = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Step:
    """From one look to the next: seconds since 1970-01-01 UTC, ``until`` not included; ``month`` counts from 1."""

    since: float
    until: float
    month: int
    ends_month: bool


@dataclass(frozen=True)
class Stream:
    """What happens, whatever anybody decides.

    Attributes:
        table: raw rows with their outcomes (n, any columns), in order of ``moments``.
        moments: when each row is asked, seconds since 1970-01-01 UTC, float64 (n,).
        begins: the first request that is sent; rows before are known to the first model.
        month_days, steps: length of a month, and how many looks there are in one.
        months: of traffic.
        label_days: until an outcome arrives.
        remembered_days: collecting hands over rows of so many days; None for all.
        planted_month: the first month that differs; None where nothing was planted.
        fault: what becomes of a request's rows on their way to the endpoint from that month on; the table is sound.
    """

    name: str
    title: str
    planted: str
    use_case: UseCase
    params: UseCaseParams
    table: pd.DataFrame
    moments: np.ndarray
    begins: float
    month_days: float
    steps: int
    months: int
    label_days: float
    remembered_days: float | None = None
    planted_month: int | None = None
    fault: Fault | None = None

    @property
    def targets(self) -> np.ndarray:
        """Outcomes as the holdout has them: 0 and 1, or values; float64 (n,)."""
        column = self.table[self.use_case.target]
        return (column if self.use_case.positive is None else column == self.use_case.positive).to_numpy(float)

    @property
    def month_of(self) -> np.ndarray:
        """The month in which each row is asked, from 1; 0 for those before the first and after the last."""
        month = np.floor((self.moments - self.begins) / (self.month_days * DAY)).astype(int) + 1
        return np.where((month < 1) | (month > self.months), 0, month)

    def walk(self) -> Iterator[Step]:
        """The steps of all months, in order."""
        length = self.month_days * DAY / self.steps
        for number in range(self.months * self.steps):
            since = self.begins + number * length
            month, position = divmod(number, self.steps)
            yield Step(since, since + length, month + 1, position == self.steps - 1)

    def asked(self, step: Step) -> np.ndarray:
        """Positions of the rows that are asked in a step, in order."""
        return np.flatnonzero((self.moments >= step.since) & (self.moments < step.until))

    def due(self, step: Step) -> np.ndarray:
        """Positions of rows asked since the beginning whose outcomes arrive in a step, in order."""
        arrives = self.moments + self.label_days * DAY
        return np.flatnonzero((self.moments >= self.begins) & (arrives >= step.since) & (arrives < step.until))

    def sent(self, rows: np.ndarray, month: int) -> pd.DataFrame:
        """Raw rows as they reach the endpoint."""
        chosen = self.table.iloc[rows]
        faulty = self.fault is not None and self.planted_month is not None and month >= self.planted_month
        return self.fault(chosen) if faulty and self.fault is not None else chosen

    def known(self, at: float) -> np.ndarray:
        """Positions of the rows that collecting hands over at a moment: outcome there, and not too old."""
        last = at - self.label_days * DAY
        first = -np.inf if self.remembered_days is None else last - self.remembered_days * DAY
        return np.flatnonzero((self.moments < last) & (self.moments >= first))
