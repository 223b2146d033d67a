"""Comparisons as they are written down."""

from slipway.core.evaluation import Comparison, Finding
from slipway.core.params import GateParams
from slipway.evaluation.hearing import Hearing
from slipway.evaluation.measure import Measure, tidy
from slipway.evaluation.scores import Scores
from slipway.evaluation.spread import Spread


def finding_of(gain: Spread, margin: float) -> Finding:
    """What a gain shows: one-sided 95 % bounds against zero and a margin."""
    if gain.lower > 0:
        return Finding.BETTER
    if gain.lower > -margin:
        return Finding.NOT_WORSE
    return Finding.WORSE if gain.upper < -margin else Finding.UNDECIDED


def comparisons(hearing: Hearing, params: GateParams) -> tuple[Comparison, ...]:
    """The candidate against every other model by every metric; the margin is that of the gate on that metric."""
    opponents = (
        ("champion", hearing.champion, params.champion.metric, params.champion.margin),
        ("anchor", hearing.anchor, params.anchor.metric, params.anchor.margin),
        ("baseline", hearing.baseline, "", 0.0),
    )
    found = (
        _comparison(hearing, against, opponent, measure, margin if measure.name == metric else 0.0)
        for against, opponent, metric, margin in opponents
        if opponent is not None
        for measure in hearing.kit.measures.values()
    )
    return tuple(comparison for comparison in found if comparison is not None)


def _comparison(hearing: Hearing, against: str, opponent: Scores, measure: Measure, margin: float) -> Comparison | None:
    gain, rows = measure.difference(hearing.candidate, opponent), opponent.rows
    if gain is None:
        return None
    return Comparison(
        against=against,
        metric=measure.name,
        relative=measure.relative,
        difference=tidy(gain.value),
        low=tidy(gain.low),
        high=tidy(gain.high),
        lower_bound=tidy(gain.lower),
        upper_bound=tidy(gain.upper),
        margin=margin,
        deviation=tidy(gain.deviation(rows)),
        resolvable=tidy(gain.resolvable()),
        rows_to_settle=gain.rows_to_settle(margin, rows),
        finding=finding_of(gain, margin),
    )
