"""What a metric is, and what a task brings along so that everything else need not know which task it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np

from slipway.core.evaluation import Metric, Series
from slipway.evaluation.evidence import Floats
from slipway.evaluation.scores import Scores
from slipway.evaluation.spread import Estimate, Spread

DIGITS = 10


def tidy(figure: float) -> float:
    """Ten significant digits: more would only tell processors apart."""
    return float(f"{figure:.{DIGITS}g}")


@dataclass(frozen=True)
class Measure:
    """One metric.

    Attributes:
        estimate: the metric of scored rows, or None where it is not defined.
        compared: what two models are compared by, where that is not the metric itself (bias: its distance from zero).
        relative: whether differences are shares of the other model's value.
        least, most: the values it can take.
    """

    name: str
    estimate: Callable[[Scores], Estimate | None]
    higher_is_better: bool
    relative: bool = False
    least: float = 0.0
    most: float = inf
    compared: Callable[[Scores], Estimate | None] | None = None

    def of(self, scores: Scores) -> Metric:
        """The metric with its interval."""
        found = scores.cached(self.name, self.estimate)
        if found is None:
            return Metric(name=self.name, value=None, low=None, high=None)
        spread = found.spread()
        low, high = max(spread.low, self.least), min(spread.high, self.most)
        return Metric(name=self.name, value=tidy(spread.value), low=tidy(low), high=tidy(high))

    def value(self, scores: Scores) -> float | None:
        """The metric alone."""
        found = scores.cached(self.name, self.estimate)
        return None if found is None else found.value

    def compared_value(self, scores: Scores) -> float | None:
        """What models are ordered by: the metric itself, unless two are compared by something else."""
        found = self._comparable(scores)
        return None if found is None else found.value

    def difference(self, mine: Scores, theirs: Scores) -> Spread | None:
        """How much better the first is than the second on the same rows; None where that is not defined."""
        a, b = self._comparable(mine), self._comparable(theirs)
        if a is None or b is None or (self.relative and b.value == 0):
            return None
        spread = a.relative_to(b) if self.relative else a.minus(b)
        return spread if self.higher_is_better else spread.negated()

    def _comparable(self, scores: Scores) -> Estimate | None:
        if self.compared is None:
            return scores.cached(self.name, self.estimate)
        return scores.cached(f"{self.name} compared", self.compared)


@dataclass(frozen=True)
class Kit:
    """Everything that depends on the task.

    Attributes:
        measures: by name, the most telling first.
        rare_rows: from targets (n,) to the rows that a slice's evidence rests on.
        fewest_rows: below so many of them no slice is tested, whatever params say.
        reverse: turns scores into those of a model that prefers what this one shuns.
        near_truth: scores of a model that is right (almost) everywhere, from the targets.
        wrong: scores of a model that is wrong everywhere, by any metric.
        charts: what to draw of a candidate and, if there is one, a champion.
    """

    measures: Mapping[str, Measure]
    rare_rows: Callable[[Floats], int]
    fewest_rows: int
    reverse: Callable[[Floats], Floats]
    near_truth: Callable[[Floats], Floats]
    wrong: Callable[[Floats], Floats]
    charts: Callable[[Scores, Scores | None], tuple[Series, ...]]


def by_name(*measures: Measure) -> dict[str, Measure]:
    """A table of measures, in the order given."""
    return {measure.name: measure for measure in measures}


def series(name: str, x: Floats, y: Floats) -> Series:
    """A chart's points; those that are not finite are left out."""
    known = np.isfinite(x) & np.isfinite(y)
    return Series(name=name, x=tuple(tidy(v) for v in x[known]), y=tuple(tidy(v) for v in y[known]))
