"""One model's scores on the holdout, with what was already worked out about them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.evaluation.evidence import Floats
from slipway.evaluation.ranking import Ranking
from slipway.evaluation.spread import Bools, Estimate


@dataclass(frozen=True, eq=False)
class Part:
    """The rows, ascending positions, where a column has one value."""

    column: str
    value: str
    rows: npt.NDArray[np.intp]

    @property
    def name(self) -> str:
        return f"{self.column}={self.value}"


def parts_of(column: str, values: npt.NDArray[np.str_] | npt.NDArray[np.object_]) -> tuple[Part, ...]:
    """A column's values, sorted, each with its rows."""
    codes, names = pd.factorize(values, sort=True, use_na_sentinel=False)
    ordered = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    return tuple(Part(column, str(name), rows) for name, rows in zip(names, np.split(ordered, ends[:-1]), strict=True))


@dataclass(frozen=True, eq=False)
class Scores:
    """Targets and scores of the same rows, float64 (n,); ``threshold`` turns a score into a decision.

    Estimates are kept, because gates, comparisons and self-test ask for the same ones again and again.
    """

    y: Floats
    values: Floats
    threshold: float
    _kept: dict[str, Estimate | None] = field(default_factory=dict)
    _parts: dict[str, "Scores"] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.y.size

    @cached_property
    def are_finite(self) -> bool:
        return bool(np.isfinite(self.values).all())

    @cached_property
    def truth(self) -> Bools:
        return self.y > 0.5

    @cached_property
    def decided(self) -> Bools:
        return self.values >= self.threshold

    @cached_property
    def ranking(self) -> Ranking:
        return Ranking(self.truth, self.values)

    def cached(self, name: str, estimate: Callable[["Scores"], Estimate | None]) -> Estimate | None:
        """An estimate, worked out once; None for scores that are not finite and for no rows at all."""
        if name not in self._kept:
            self._kept[name] = estimate(self) if self.rows and self.are_finite else None
        return self._kept[name]

    def rescored(self, values: Floats) -> "Scores":
        """Another model's scores on the same rows."""
        return Scores(self.y, values, self.threshold)

    def on(self, part: Part) -> "Scores":
        """The scores on some of the rows."""
        if part.name not in self._parts:
            self._parts[part.name] = Scores(self.y[part.rows], self.values[part.rows], self.threshold)
        return self._parts[part.name]
