"""Predictions as columns: what a log's entries become before anything is counted."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Batch:
    """Some rows that one version answered, in any order; every array is of shape (n,).

    Attributes:
        columns: name of an input to its values: float64 for numbers and dates (days since 1970-01-01), NaN where
            missing; str, or None where missing, for categories. An input that no row has is not among them.
        scores: float64, the probability or the value that was answered.
        ids: uint64, a hash of request id and row, by which outcomes find their prediction.
        times: float64, seconds since 1970-01-01 UTC.
        latencies: float64, milliseconds until the answer; NaN where not noted.
    """

    columns: Mapping[str, Floats | Words]
    scores: Floats
    ids: npt.NDArray[np.uint64]
    times: Floats
    latencies: Floats

    @property
    def rows(self) -> int:
        """How many predictions."""
        return len(self.scores)


@dataclass(frozen=True)
class Outcomes:
    """What came true, and what had been predicted of it; arrays of shape (n,), float64.

    Attributes:
        targets: 0 or 1 (classification) or the value (regression), as the holdout has them.
        scores: what was answered.
        times: when the prediction was made, seconds since 1970-01-01 UTC.
    """

    targets: Floats
    scores: Floats
    times: Floats

    def known(self) -> tuple[Floats, Floats]:
        """Targets and scores of the rows that have both, (k,)."""
        both = np.isfinite(self.targets) & np.isfinite(self.scores)
        return self.targets[both], self.scores[both]
