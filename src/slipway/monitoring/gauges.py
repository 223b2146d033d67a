"""A look at a live model as numbers that Prometheus can keep."""

from collections.abc import Iterator

from slipway.core.evaluation import Metric
from slipway.core.gauge import Gauge
from slipway.core.moment import moment
from slipway.core.watch import Answer, ColumnDrift, Estimate, Performance, Watch, Weight

PREFIX = "slipway_monitor_"
PREDICTION = "(prediction)"
TOLD = {
    "last_look_timestamp_seconds": "When the last look was made, seconds since 1970-01-01 UTC.",
    "window_end_timestamp_seconds": "Until when the last look looked, seconds since 1970-01-01 UTC.",
    "version": "The version that was watched.",
    "predictions": "Rows that this version answered in the span.",
    "requests": "Requests in the span.",
    "feedback": "Rows whose outcome is known.",
    "findings": "Findings of the last look, by weight.",
    "alarms": "Findings that people are called for.",
    "drift_effect": "How far a column, or the prediction, is from the reference: standard deviations, or a share.",
    "drift_floor": "The effect below which it is no drift.",
    "drifted": "1 where the effect is proved and reaches the floor.",
    "drift_matters": "1 where a drift is important enough to act on.",
    "performance": "A metric on labelled rows of the span.",
    "performance_loss": "By which share a metric is worse than on the reference; below zero is better.",
    "performance_loss_low": "The lower end of the 95 % interval of that loss.",
    "performance_loss_high": "The upper end of the 95 % interval of that loss.",
    "performance_loss_proved": "1 where the interval lies above the tolerated loss.",
    "estimated_loss": "The loss of a metric by the model's own confidence, without labels.",
    "estimated_loss_proved": "1 where the estimate is above the tolerated loss by more than its error.",
    "refused_share": "Share of requests in the span that did not fit the model's inputs.",
    "silent_hours": "Hours without any request.",
    "retrain": "1 for the answer of the last decision, 0 for the others.",
}
NAMES = tuple(PREFIX + name for name in TOLD)


def gauges(watch: Watch) -> tuple[Gauge, ...]:
    """What a look says, in numbers; what it could not find out is left out, so that it is no zero."""
    found = (_of_look, _of_findings, _of_drift, _of_performance, _of_estimate, _of_health, _of_decision)
    return tuple(gauge for part in found for gauge in part(watch))


def _of_look(watch: Watch) -> Iterator[Gauge]:
    yield _gauge("last_look_timestamp_seconds", _seconds(watch.made_at))
    yield _gauge("window_end_timestamp_seconds", _seconds(watch.span.until))
    yield _gauge("version", watch.version)
    yield _gauge("predictions", watch.counts.predictions)
    yield _gauge("requests", watch.counts.requests)
    yield _gauge("feedback", watch.counts.feedback)


def _of_findings(watch: Watch) -> Iterator[Gauge]:
    for weight in Weight:
        yield _gauge("findings", sum(found.weight is weight for found in watch.findings), weight=weight.value)
    yield _gauge("alarms", len(watch.alarms))


def _of_drift(watch: Watch) -> Iterator[Gauge]:
    for column in watch.columns:
        yield from _of_column(column, column.column)
    if watch.prediction is not None:
        yield from _of_column(watch.prediction, PREDICTION)


def _of_column(drift: ColumnDrift, column: str) -> Iterator[Gauge]:
    labels = {"column": column, "test": drift.test}
    if drift.effect is not None:
        yield _gauge("drift_effect", drift.effect, **labels)
    yield _gauge("drift_floor", drift.floor, **labels)
    yield _gauge("drifted", drift.drifted, **labels)
    yield _gauge("drift_matters", drift.matters, **labels)


def _of_performance(watch: Watch) -> Iterator[Gauge]:
    for performance in watch.performance:
        if performance.observed.value is not None:
            yield _gauge("performance", performance.observed.value, metric=performance.metric)
        yield from _of_loss("performance_loss", performance.loss, performance)
        yield _gauge("performance_loss_proved", performance.proved, metric=performance.metric)


def _of_estimate(watch: Watch) -> Iterator[Gauge]:
    if watch.estimate is not None:
        estimate = watch.estimate
        if estimate.loss.value is not None:
            yield _gauge("estimated_loss", estimate.loss.value, metric=estimate.metric)
        yield _gauge("estimated_loss_proved", estimate.lost, metric=estimate.metric)


def _of_loss(name: str, loss: Metric, of: Performance | Estimate) -> Iterator[Gauge]:
    for ending, value in (("", loss.value), ("_low", loss.low), ("_high", loss.high)):
        if value is not None:
            yield _gauge(name + ending, value, metric=of.metric)


def _of_health(watch: Watch) -> Iterator[Gauge]:
    for name, value in (("refused_share", watch.health.refused_share), ("silent_hours", watch.health.silent_hours)):
        if value is not None:
            yield _gauge(name, value)


def _of_decision(watch: Watch) -> Iterator[Gauge]:
    for answer in Answer:
        yield _gauge("retrain", watch.retrain.answer is answer, answer=answer.value)


def _gauge(name: str, value: float, **labels: str) -> Gauge:
    return Gauge(name=PREFIX + name, told=TOLD[name], value=float(value), labels=labels)


def _seconds(text: str) -> float:
    return moment(text).timestamp()
