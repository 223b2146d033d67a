"""What a log holds, counted against a reference batch by batch: memory does not grow with the rows."""

from collections.abc import Mapping

import numpy as np

from slipway.monitoring.batch import Batch
from slipway.monitoring.category_column import CategoryCounts
from slipway.monitoring.hidden_column import HiddenCounts
from slipway.monitoring.latencies import Latencies
from slipway.monitoring.number_column import NumberCounts
from slipway.monitoring.reference import Reference

Counted = NumberCounts | CategoryCounts | HiddenCounts


class Tally:
    """Counts of everything that is looked at in a window.

    Attributes:
        rows: predictions counted.
        columns: by name, one for each input of the signature.
        prediction: of scores.
        foreign: rows by column that the signature does not know.
        first, last: when the first and the last were made, seconds since 1970-01-01 UTC; NaN for none.
    """

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.rows = 0
        self.columns: Mapping[str, Counted] = {name: column.begun() for name, column in reference.columns.items()}
        self.prediction = reference.prediction.begun()
        self.latencies = Latencies()
        self.foreign: dict[str, int] = {}
        self.first, self.last = np.nan, np.nan

    def add(self, batch: Batch) -> None:
        """Count some more predictions."""
        self.rows += batch.rows
        for name, counts in self.columns.items():
            if name in batch.columns:
                counts.add(batch.columns[name])
            else:
                counts.lack(batch.rows)
        for name in batch.columns.keys() - self.columns.keys():
            self.foreign[name] = self.foreign.get(name, 0) + batch.rows
        self.prediction.add(batch.scores)
        self.latencies.add(batch.latencies)
        known = batch.times[np.isfinite(batch.times)]
        if known.size:
            self._saw(float(known.min()), float(known.max()))

    def merge(self, other: "Tally") -> None:
        """Add what was counted elsewhere against the same reference."""
        self.rows += other.rows
        for name, counts in self.columns.items():
            counts.merge(other.columns[name])  # type: ignore[arg-type]  # the same reference, so the same kind
        self.prediction.merge(other.prediction)
        self.latencies.merge(other.latencies)
        for name, rows in other.foreign.items():
            self.foreign[name] = self.foreign.get(name, 0) + rows
        self._saw(other.first, other.last)

    def _saw(self, first: float, last: float) -> None:
        self.first, self.last = float(np.fmin(self.first, first)), float(np.fmax(self.last, last))
