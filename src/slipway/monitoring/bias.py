"""Whether a model's answers are off on the whole, and were already when it was made.

A mean is known far better than a metric: where everyone leaves more often, outcomes prove it long before they prove a
loss. And soon after a change the table is mostly of the time before it, and so is what is learned of it, while its
newest rows, which are held out, are of the time after. On them such a model is off on the whole, and its loss against
them stays hidden, because they are what loss is held to.
"""

import math

import numpy as np
import numpy.typing as npt

from slipway.core.evaluation import Metric
from slipway.core.watch import Bias
from slipway.monitoring.batch import Floats, Outcomes
from slipway.monitoring.reference import Reference

FEWEST = 50
"""With fewer rows nothing is said of either."""
_QUANTILE, _SURE = 1.959964, 3.290527
"""Normal quantiles of two-sided intervals of 95 and of 99.9 %."""


def bias_of(reference: Reference, outcomes: Outcomes | None, tolerated: float) -> Bias | None:
    """Mean outcome less mean answer, of what came true and of the rows held out; None where one of them is too few.

    In standard deviations of the reference's outcomes, so that it means the same for a probability and for a price.
    For probabilities it is calibration in the large (Cox 1958) as a difference of means.

    Args:
        tolerated: a bias below it does not count, however certain it is.
    """
    if outcomes is None:
        return None
    spread = float(np.nanstd(reference.labelled.targets)) if reference.labelled.rows else 0.0
    observed = _measured(outcomes.targets, outcomes.scores, spread)
    before = _measured(reference.labelled.targets, reference.labelled.scores, spread)
    if observed is None or before is None:
        return None
    rows = int(_known(outcomes.targets, outcomes.scores).sum())
    sides = {_side(found, tolerated) for found in (observed, before)}
    return Bias(
        rows=rows,
        observed=observed,
        reference=before,
        confirmed=sides in ({1}, {-1}),
        sure=_side(_widened(observed), tolerated) != 0,
    )


def _known(targets: Floats, scores: Floats) -> npt.NDArray[np.bool_]:
    return np.isfinite(targets) & np.isfinite(scores)


def _measured(targets: Floats, scores: Floats, spread: float) -> Metric | None:
    """With its 95 % interval, of normal quantiles."""
    known = _known(targets, scores)
    rows = int(known.sum())
    if rows < FEWEST or not spread > 0:
        return None
    errors = (targets[known] - scores[known]) / spread
    value, off = float(errors.mean()), _QUANTILE * float(errors.std(ddof=1)) / math.sqrt(rows)
    return Metric(name="bias", value=value, low=value - off, high=value + off)


def _widened(found: Metric) -> Metric:
    """With its 99.9 % interval."""
    value, high = found.value or 0.0, found.high or 0.0
    off = (high - value) * _SURE / _QUANTILE
    return found.model_copy(update={"low": value - off, "high": value + off})


def _side(found: Metric, tolerated: float) -> int:
    """1 where answers are proved too low and by what counts, -1 where too high, else 0."""
    value, low, high = found.value or 0.0, found.low or 0.0, found.high or 0.0
    if abs(value) < tolerated:
        return 0
    return 1 if low > 0 else -1 if high < 0 else 0
