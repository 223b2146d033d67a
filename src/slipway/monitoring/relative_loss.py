"""By which share a metric is worse than another.

Of an error (``rmse``, ``brier``) it is the increase as a share of the reference's error. Of a merit (``recall``,
``average_precision``) it is the decrease as a share of what the reference had above a model that knows nothing. That
model's area under the ROC curve is 0.5, not 0: a fall from 0.84 to 0.67 halves what the model is good for, which a
share of 0.84 would call a fifth. A merit without such a fixed point is counted from 0.
"""

from math import sqrt

from slipway.core.evaluation import Metric
from slipway.evaluation.measure import Measure, tidy
from slipway.evaluation.spread import TWO_SIDED

KNOWS_NOTHING = {"roc_auc": 0.5}


def loss_of(measure: Measure, value: float, error: float, reference: float, reference_error: float) -> Metric:
    """The loss with its two-sided 95 % interval, by the delta method for a ratio of independent estimates.

    All None where the reference is no better than a model that knows nothing.

    Args:
        value, reference: what is compared, and with what.
        error, reference_error: their standard errors.
    """
    nothing = KNOWS_NOTHING.get(measure.name, 0.0)
    whole = reference - nothing
    if whole <= 0:
        return Metric(name=measure.name, value=None, low=None, high=None)
    ratio = (value - nothing) / whole
    loss = 1 - ratio if measure.higher_is_better else ratio - 1
    off = TWO_SIDED * sqrt(error**2 + (ratio * reference_error) ** 2) / whole
    return Metric(name=measure.name, value=tidy(loss), low=tidy(loss - off), high=tidy(loss + off))
