"""Whether a model's intervals hold what they say."""

import numpy as np

from slipway.core.evaluation import IntervalCheck
from slipway.core.signature import Interval
from slipway.evaluation.evidence import Floats
from slipway.evaluation.measure import Measure
from slipway.evaluation.scores import Scores
from slipway.evaluation.spread import Influence, mean_of


def check_interval(interval: Interval, y: Floats, values: Floats) -> IntervalCheck:
    """The share of rows whose true value lies in its interval, with its 95 % confidence interval; arrays (n,)."""

    def covered(scores: Scores) -> Influence:
        error = scores.y - scores.values
        return mean_of(((error >= -interval.below) & (error <= interval.above)).astype(float))

    coverage = Measure("interval_coverage", covered, higher_is_better=True, most=1.0)
    scores = Scores(np.asarray(y, float), np.asarray(values, float), threshold=0.5)
    return IntervalCheck(level=interval.level, width=interval.below + interval.above, coverage=coverage.of(scores))
