"""One look at a live model: everything that was counted, tested, found and decided."""

from collections.abc import Iterator, Sequence

from slipway.core.params import MonitorParams, RetrainParams
from slipway.core.watch import ColumnDrift, Concern, Counts, Estimate, Performance, Sighting, Watch, Weight
from slipway.monitoring.batch import Outcomes
from slipway.monitoring.bias import bias_of
from slipway.monitoring.deciding import Seen, decide
from slipway.monitoring.drift import PREDICTIONS, drifts
from slipway.monitoring.estimating import estimated
from slipway.monitoring.faults import faults
from slipway.monitoring.performance import performance_of
from slipway.monitoring.reference import Reference
from slipway.monitoring.service import health_of, of_health, of_log
from slipway.monitoring.situation import Situation
from slipway.monitoring.skew import Collect, skews
from slipway.monitoring.standing import lasts, name_of
from slipway.monitoring.tally import Tally


def look(
    reference: Reference,
    tally: Tally,
    outcomes: Outcomes | None,
    counts: Counts,
    *,
    params: MonitorParams,
    retrain: RetrainParams,
    situation: Situation,
    collect: Collect = lambda: None,
) -> Watch:
    """Say what was seen, and whether to retrain.

    Args:
        outcomes: labelled predictions, whose outcome came since ``situation.outcomes_since``; None for none.
        collect: reads the raw table; asked where a drift lasts.
    """
    metric, tolerated = retrain.metric or situation.metric, retrain.tolerated_loss
    columns, prediction = drifts(reference, tally, params)
    performance = performance_of(reference, outcomes, metric, tolerated)
    bias = bias_of(reference, outcomes, retrain.tolerated_bias)
    estimate = None if tally.rows < params.least_rows else estimated(reference, tally, metric, tolerated)
    health = health_of(tally, counts, situation)
    drifted = tuple(drift for drift in (*columns, prediction) if drift.drifted)
    lasting = tuple(drift for drift in drifted if _lasts(drift, situation, params))
    to_act_on = _to_act_on(lasting)
    skewed = tuple(skews(to_act_on, reference, collect, situation, params))
    seen = Seen(
        metric,
        performance[0] if performance else None,
        estimate,
        tuple(name_of(drift) for drift in to_act_on),
        skewed=tuple(found.name for found in skewed),
        bias=bias,
    )
    findings = [
        *situation.findings,
        *reference.problems,
        *of_log(counts),
        *of_health(health, counts, params),
        *_of_losses(performance[:1], estimate),
        *faults(reference, tally, params),
        *skewed,
        *(_of_drift(drift, lasts=drift in lasting, params=params) for drift in drifted),
        *_untested(tally, params),
    ]
    return Watch(
        use_case=situation.use_case,
        version=situation.version,
        record_digest=situation.record_digest,
        span=situation.span,
        made_at=situation.now,
        counts=counts,
        columns=columns,
        prediction=prediction,
        performance=performance,
        estimate=estimate,
        health=health,
        findings=_each_once(findings),
        standing=tuple(name_of(drift) for drift in drifted),
        retrain=decide(seen, situation, params, retrain),
        outcomes_since=situation.outcomes_since,
        bias=bias,
    )


def _lasts(drift: ColumnDrift, situation: Situation, params: MonitorParams) -> bool:
    return lasts(name_of(drift), situation.span, situation.own_looks, params.windows)


def _to_act_on(lasting: Sequence[ColumnDrift]) -> tuple[ColumnDrift, ...]:
    """Important inputs. Predictions are not among them: their drift follows from that of inputs."""
    return tuple(drift for drift in lasting if drift.matters and drift.column != PREDICTIONS)


def _of_drift(drift: ColumnDrift, *, lasts: bool, params: MonitorParams) -> Sighting:
    """An alarm when it matters and lasts, a warning when it is seen for the first time, else a note."""
    concern = Concern.PREDICTIONS if drift.column == PREDICTIONS else Concern.DRIFT
    told = f"{name_of(drift)}: {drift.detail}, effect {drift.effect:.2g} (floor {drift.floor:g})"
    if not drift.matters:
        ignored = f"; the model hardly uses it ({drift.importance or 0:.1%} of its importance)"
        return Sighting(name=name_of(drift), concern=concern, weight=Weight.NOTE, told=told + ignored)
    if not lasts:
        told += f"; an alarm when {params.windows} windows in a row show it"
    weight = Weight.ALARM if lasts else Weight.WARNING
    return Sighting(name=name_of(drift), concern=concern, weight=weight, told=told)


def _of_losses(performance: Sequence[Performance], estimate: Estimate | None) -> Iterator[Sighting]:
    for found in performance:
        if found.proved:
            told = f"{found.metric} is worse than on the reference by {_interval(found.loss.low, found.loss.high)}"
            yield Sighting(name="loss of performance", concern=Concern.PERFORMANCE, weight=Weight.ALARM, told=told)
    if estimate is not None and estimate.lost:
        loss = _interval(estimate.loss.low, estimate.loss.high)
        told = f"{estimate.metric} is estimated worse than on the reference by {loss}, without outcomes"
        yield Sighting(name="estimated loss", concern=Concern.ESTIMATE, weight=Weight.WARNING, told=told)


def _interval(low: float | None, high: float | None) -> str:
    return f"{100 * (low or 0):.1f} to {100 * (high or 0):.1f} %"


def _untested(tally: Tally, params: MonitorParams) -> Iterator[Sighting]:
    if 0 < tally.rows < params.least_rows:
        told = f"{tally.rows:,} predictions; drift is tested from {params.least_rows:,}"
        yield Sighting(name="few predictions", concern=Concern.LOG, weight=Weight.NOTE, told=told)


def _each_once(findings: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """The first of each name, the weightiest before the others."""
    first = {found.name: found for found in reversed(findings)}
    ordered = sorted(first.values(), key=findings.index)
    return tuple(sorted(ordered, key=lambda found: -list(Weight).index(found.weight)))
