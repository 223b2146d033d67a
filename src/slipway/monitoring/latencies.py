"""Percentiles of latencies in constant memory."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from slipway.monitoring.batch import Floats

A_DECADE = 200
DECADES = (-3, 7)
BINS = A_DECADE * (DECADES[1] - DECADES[0])


@dataclass(eq=False)
class Latencies:
    """Milliseconds from a microsecond to some hours, counted in steps of 1.2 %."""

    bins: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, np.int64))

    def add(self, milliseconds: Floats) -> None:
        """Count latencies (n,); NaN and what is below 0 are left out."""
        known = milliseconds[np.isfinite(milliseconds) & (milliseconds >= 0)]
        place = (np.log10(np.maximum(known, 10.0 ** DECADES[0])) - DECADES[0]) * A_DECADE
        self.bins += np.bincount(np.minimum(place.astype(np.intp), BINS - 1), minlength=BINS)

    def merge(self, other: "Latencies") -> None:
        """Add what another counted."""
        self.bins += other.bins

    def percentile(self, share: float) -> float | None:
        """The value that a share of all reach at most, right within 1 %; None for no latency."""
        total = int(self.bins.sum())
        if not total:
            return None
        place = int(np.searchsorted(np.cumsum(self.bins), share * total))
        return float(10.0 ** (DECADES[0] + (place + 0.5) / A_DECADE))
