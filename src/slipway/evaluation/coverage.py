"""Whether a model's intervals hold what they say."""

import numpy as np

from slipway.core.evaluation import IntervalCheck
from slipway.core.signature import Interval
from slipway.evaluation.evidence import Floats
from slipway.evaluation.measure import Measure
from slipway.evaluation.scores import Scores
from slipway.evaluation.spread import Influence, mean_of


def check_interval(interval: Interval, y: Floats, values: Floats) -> IntervalCheck:
    """The share of rows whose true value lies in its interval, and how wide these are; arrays (n,), n at least 1."""
    return check_scores(interval, Scores(np.asarray(y, float), np.asarray(values, float), threshold=0.5))


def check_scores(interval: Interval, scores: Scores) -> IntervalCheck:
    """The same of scored rows; both figures with their 95 % confidence intervals."""

    def covered(scores: Scores) -> Influence:
        error, unit = scores.y - scores.values, _unit(interval, scores)
        return mean_of(((error >= -interval.below * unit) & (error <= interval.above * unit)).astype(float))

    def width(scores: Scores) -> Influence:
        return mean_of((interval.below + interval.above) * _unit(interval, scores))

    coverage = Measure("interval_coverage", covered, higher_is_better=True, most=1.0).of(scores)
    mean_width = Measure("interval_width", width, higher_is_better=False).of(scores)
    return IntervalCheck(level=interval.level, width=mean_width.value or 0.0, coverage=coverage, mean_width=mean_width)


def _unit(interval: Interval, scores: Scores) -> Floats:
    """What ``below`` and ``above`` count in, row by row."""
    return np.abs(scores.values) if interval.relative else np.ones(scores.rows)
