"""How much a choice among many models is worth, without counting what luck adds to the one that was chosen.

The best of many looks better on the rows it was chosen by than it is. So each fold is scored by the model that is
best on all other folds: what choosing brings on rows that had no say in it. Where the choice is nothing but luck, it
brings nothing there.

Source: the bias of the minimum that Tibshirani and Tibshirani, A bias correction for the minimum error rate in
cross-validation (2009), estimate from the same quantities.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from slipway.core.tuning import Gain
from slipway.evaluation.evidence import Floats
from slipway.evaluation.measure import Measure, tidy
from slipway.evaluation.scores import Scores

Rows = npt.NDArray[np.intp]


def best_of(models: Sequence[Scores], measure: Measure) -> int:
    """Position of the model with the best metric; the first of equals. One without a metric is never best."""
    return int(np.argmax([_worth(model, measure) for model in models]))


def chosen_elsewhere(models: Sequence[Scores], fold_of: Rows, measure: Measure) -> Scores:
    """Scores of every row (n,) by the model that is best on the rows of the other folds.

    Args:
        models: scores of the same rows, in the same order.
        fold_of: the fold of each row, (n,).
    """
    values = np.empty(models[0].rows)
    for fold in np.unique(fold_of):
        here = fold_of == fold
        elsewhere = [_of_rows(model, ~here) for model in models]
        values[here] = models[best_of(elsewhere, measure)].values[here]
    return models[0].rescored(values)


def gain_over(mine: Scores, theirs: Scores, measure: Measure) -> Gain | None:
    """The paired gain with its two-sided 95 % interval; None where the metric is not defined."""
    spread = measure.difference(mine, theirs)
    if spread is None:
        return None
    return Gain(value=tidy(spread.value), low=tidy(spread.low), high=tidy(spread.high), relative=measure.relative)


def by_fold(mine: Scores, fold_of: Rows, measure: Measure) -> tuple[float | None, ...]:
    """The metric on the rows of each fold."""
    found = (measure.compared_value(_of_rows(mine, fold_of == fold)) for fold in np.unique(fold_of))
    return tuple(None if value is None else tidy(value) for value in found)


def _of_rows(scores: Scores, kept: npt.NDArray[np.bool_]) -> Scores:
    return Scores(_part(scores.y, kept), _part(scores.values, kept), scores.threshold)


def _part(values: Floats, kept: npt.NDArray[np.bool_]) -> Floats:
    return np.ascontiguousarray(values[kept])


def _worth(scores: Scores, measure: Measure) -> float:
    value = measure.compared_value(scores)
    if value is None or not np.isfinite(value):
        return -np.inf
    return value if measure.higher_is_better else -value
