"""How well the model did on rows whose outcome has come, beside how well it did on the reference."""

from slipway.core.watch import Performance
from slipway.evaluation.measure import Kit, Measure
from slipway.evaluation.scores import Scores
from slipway.evaluation.spread import Estimate
from slipway.evaluation.tasks import KITS
from slipway.monitoring.batch import Outcomes
from slipway.monitoring.reference import Reference
from slipway.monitoring.relative_loss import loss_of

FEWEST_RARE = 30
"""With fewer rows of the rarer class (classification), or rows (regression), no loss is proved."""


def performance_of(
    reference: Reference, outcomes: Outcomes | None, metric: str, tolerated: float
) -> tuple[Performance, ...]:
    """Every metric of the task, that which the decision goes by first; none without outcomes."""
    observed = _scored(outcomes, reference.threshold)
    if observed is None:
        return ()
    kit, before = KITS[reference.task], reference.labelled.scored(reference.threshold)
    names = sorted(kit.measures, key=lambda name: name != metric)
    return tuple(_compared(kit, kit.measures[name], observed, before, tolerated) for name in names)


def _scored(outcomes: Outcomes | None, threshold: float) -> Scores | None:
    if outcomes is None:
        return None
    targets, scores = outcomes.known()
    return Scores(targets, scores, threshold) if targets.size else None


def _compared(kit: Kit, measure: Measure, observed: Scores, before: Scores, tolerated: float) -> Performance:
    mine, theirs = estimate_of(measure, observed), estimate_of(measure, before)
    if mine is None or theirs is None:
        loss = loss_of(measure, 0, 0, -1, 0)
    else:
        (a, b) = mine.spread(), theirs.spread()
        loss = loss_of(measure, a.value, a.error, b.value, b.error)
    enough = kit.rare_rows(observed.y) >= max(FEWEST_RARE, kit.fewest_rows)
    return Performance(
        metric=measure.name,
        rows=observed.rows,
        reference=measure.of(before),
        observed=measure.of(observed),
        loss=loss,
        proved=enough and loss.low is not None and loss.low > tolerated,
    )


def estimate_of(measure: Measure, scores: Scores) -> Estimate | None:
    """What is compared: the metric, or what stands for it where that can be of either sign."""
    if measure.compared is not None:
        return scores.cached(f"{measure.name} compared", measure.compared)
    return scores.cached(measure.name, measure.estimate)
