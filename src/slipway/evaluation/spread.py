"""Figures with their uncertainty: a metric of one model, and of two models on the same rows.

Each estimate can be subtracted from, or set in relation to, another of its kind on the same rows; what the two have in
common then cancels, which is the whole point of a paired comparison.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from slipway.evaluation.evidence import Floats
from slipway.evaluation.resampling import block_means, cell_draws, total

TWO_SIDED = 1.959963984540054
ONE_SIDED = 1.6448536269514722
POWER_80 = 0.8416212335729143

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Spread:
    """A figure, its standard error, its two-sided 95 % interval and its one-sided 95 % bounds."""

    value: float
    error: float
    low: float
    lower: float
    upper: float
    high: float

    @classmethod
    def normal(cls, value: float, error: float) -> Self:
        """Bounds of a normal distribution."""
        wide, narrow = TWO_SIDED * error, ONE_SIDED * error
        return cls(value, error, value - wide, value - narrow, value + narrow, value + wide)

    @classmethod
    def of_draws(cls, value: float, draws: Floats) -> Self:
        """Quantiles of resampled values, moved so that their mean is the figure itself; undefined draws are left out.

        Moving them keeps the upward bias that resampling adds to folded figures, such as calibration error, out.
        """
        known = draws[np.isfinite(draws)]
        if known.size == 0:
            return cls.normal(value, 0.0)
        centred = known - known.mean() + value
        low, lower, upper, high = (float(q) for q in np.quantile(centred, (0.025, 0.05, 0.95, 0.975)))
        return cls(value, float(known.std()), min(low, value), min(lower, value), max(upper, value), max(high, value))

    def negated(self) -> "Spread":
        """The same figure with its sign turned."""
        return Spread(-self.value, self.error, -self.high, -self.upper, -self.lower, -self.low)

    def deviation(self, rows: int) -> float:
        """The standard deviation for one row."""
        return self.error * sqrt(rows)

    def resolvable(self) -> float:
        """The smallest drop that as many rows prove with 80 % power, one-sided at 5 %: 2.49 standard errors."""
        return (ONE_SIDED + POWER_80) * self.error

    def rows_to_settle(self, margin: float, rows: int) -> int | None:
        """Rows with which 95 % of truly equal models would be proved within a margin: (3.29 s / margin)²."""
        return ceil((2 * ONE_SIDED * self.deviation(rows) / margin) ** 2) if margin > 0 else None


class Estimate(Protocol):
    """A metric of one model on n rows, comparable with the same metric of another model on the same rows."""

    @property
    def value(self) -> float: ...

    def spread(self) -> Spread:
        """The metric with its interval."""
        ...

    def minus(self, other: Self) -> Spread:
        """The paired difference."""
        ...

    def relative_to(self, other: Self) -> Spread:
        """The paired difference as a share of the other's value, which must not be 0."""
        ...


@dataclass(frozen=True, eq=False)
class Influence:
    """A metric and every row's influence on it: variance is the mean square of ``rows`` (n,) over n (delta method)."""

    value: float
    rows: Floats

    def _spread(self, value: float, influence: Floats) -> Spread:
        return Spread.normal(value, sqrt(total(influence, influence)) / influence.size)

    def spread(self) -> Spread:
        return self._spread(self.value, self.rows)

    def minus(self, other: "Influence") -> Spread:
        return self._spread(self.value - other.value, self.rows - other.rows)

    def relative_to(self, other: "Influence") -> Spread:
        ratio = self.value / other.value
        return self._spread(ratio - 1, (self.rows - ratio * other.rows) / other.value)

    def magnitude(self) -> "Influence":
        """The metric's distance from zero."""
        return Influence(abs(self.value), np.sign(self.value) * self.rows)


def mean_of(figures: Floats) -> Influence:
    """The mean of a figure for each row (n,), with the unbiased variance."""
    mean, rows = float(figures.mean()), figures.size
    return Influence(mean, (figures - mean) * sqrt(rows / max(rows - 1, 1)))


@dataclass(frozen=True, eq=False)
class Resampled:
    """A metric and its values in resamples of the rows; ``draws`` of all models come from the same resamples."""

    value: float
    draws: Floats

    def spread(self) -> Spread:
        return Spread.of_draws(self.value, self.draws)

    def minus(self, other: "Resampled") -> Spread:
        return Spread.of_draws(self.value - other.value, self.draws - other.draws)

    def relative_to(self, other: "Resampled") -> Spread:
        return Spread.of_draws(self.value / other.value - 1, self.draws / other.draws - 1)


def resampled_influence(value: float, rows: Floats) -> Resampled:
    """A metric whose row influences (n,) are known, by weighted bootstrap of their block sums."""
    return Resampled(value, value + block_means(rows[:, None])[:, 0])


CellFormula = Callable[[Floats], Floats]
"""From counts (..., 2, 2), by truth and by decision, to a metric (...); NaN where it is not defined."""


@dataclass(frozen=True, eq=False)
class Cells:
    """A metric of decisions, resampled through the cells of its cross table.

    Attributes:
        truth, decided: bool (n,).
    """

    truth: Bools
    decided: Bools
    formula: CellFormula

    @property
    def value(self) -> float:
        return float(self.formula(self._counts(self.decided)[:, :, 0]))

    def _counts(self, other: Bools) -> Floats:
        cell = 4 * self.truth.view(np.int8) + 2 * self.decided.view(np.int8) + other.view(np.int8)
        pooled = np.bincount(cell, minlength=8).reshape(2, 2, 2).astype(np.float64)
        return pooled if other is not self.decided else pooled.sum(axis=2, keepdims=True)

    def _draws(self, other: "Cells") -> tuple[Floats, Floats]:
        joint = cell_draws(self._counts(other.decided))
        return self.formula(joint.sum(axis=3)), other.formula(joint.sum(axis=2))

    def spread(self) -> Spread:
        return Spread.of_draws(self.value, self.formula(cell_draws(self._counts(self.decided))[:, :, :, 0]))

    def minus(self, other: "Cells") -> Spread:
        mine, theirs = self._draws(other)
        return Spread.of_draws(self.value - other.value, mine - theirs)

    def relative_to(self, other: "Cells") -> Spread:
        mine, theirs = self._draws(other)
        return Spread.of_draws(self.value / other.value - 1, mine / theirs - 1)
