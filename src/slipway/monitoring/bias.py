"""Whether a model's answers are off on the whole, and were already when it was made.

A mean is known far better than a metric: where everyone leaves more often, outcomes prove it long before they prove a
loss. And soon after a change the table is mostly of the time before it, and so is what is learned of it, while its
newest rows, which are held out, are of the time after. On them such a model is off on the whole, and its loss against
them stays hidden, because they are what loss is held to.
"""

import math

from slipway.core.evaluation import Metric
from slipway.core.watch import Bias
from slipway.evaluation.spread import Spread
from slipway.monitoring.batch import Floats, Outcomes
from slipway.monitoring.reference import Reference

FEWEST = 50
"""With fewer rows nothing is said of either."""
_SURE = 3.290526731491926
"""Standard errors of a normal distribution's two-sided 99.9 % interval."""


def bias_of(reference: Reference, outcomes: Outcomes | None, tolerated: float) -> Bias | None:
    """Mean outcome less mean answer, of what came true and of the rows held out; None where one of them is too few.

    In standard deviations of the reference's outcomes, so that it means the same for a probability and for a price.
    For probabilities it is calibration in the large (Cox 1958) as a difference of means.

    Args:
        tolerated: a bias below it does not count, however certain it is.
    """
    if outcomes is None:
        return None
    labelled, (targets, scores) = reference.labelled, outcomes.known()
    unit = float(labelled.targets.std()) if labelled.rows else 0.0
    if min(targets.size, labelled.rows) < FEWEST or not unit > 0:
        return None
    observed, before = _mean(targets - scores, unit), _mean(labelled.targets - labelled.scores, unit)
    sides = {_side(found, tolerated) for found in (observed, before)}
    return Bias(
        rows=targets.size,
        observed=_told(observed),
        reference=_told(before),
        confirmed=sides in ({1}, {-1}),
        sure=abs(observed.value) >= tolerated and abs(observed.value) > _SURE * observed.error,
    )


def _mean(errors: Floats, unit: float) -> Spread:
    return Spread.normal(float(errors.mean()) / unit, float(errors.std(ddof=1)) / unit / math.sqrt(errors.size))


def _side(found: Spread, tolerated: float) -> int:
    """1 where answers are proved too low and by what counts, -1 where too high, else 0."""
    if abs(found.value) < tolerated:
        return 0
    return 1 if found.low > 0 else -1 if found.high < 0 else 0


def _told(found: Spread) -> Metric:
    return Metric(name="bias", value=found.value, low=found.low, high=found.high)
