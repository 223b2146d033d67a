"""A use case's figures over time: what was measured at each release, and what came true since."""

from collections.abc import Iterator

from slipway.core.evaluation import Metric
from slipway.core.moment import moment
from slipway.dashboard.chart import Curve, Point, chart
from slipway.dashboard.markup import Html, tag
from slipway.dashboard.portrait import Portrait, day
from slipway.report.figures import interval, label

MOST = 6
_RELEASED = "on the holdout, when a version was judged"
_OBSERVED = "in production, where outcomes are known"
_ESTIMATED = "in production, estimated without outcomes"


def charts(portrait: Portrait) -> Html:
    """A chart a metric, the one that gates go by first."""
    drawn = [made for name in _names(portrait)[:MOST] if (made := chart(label(name), curves(portrait, name)))]
    return tag("div", drawn, class_="charts") if drawn else tag("p", "Nothing was measured yet.", class_="soft")


def curves(portrait: Portrait, metric: str) -> tuple[Curve, ...]:
    """What is known of a metric, a curve a source."""
    return (
        Curve(_RELEASED, "diamond", tuple(_released(portrait, metric)), line=False),
        Curve(_OBSERVED, "dot", tuple(_observed(portrait, metric))),
        Curve(_ESTIMATED, "ring", tuple(_estimated(portrait, metric))),
    )


def _names(portrait: Portrait) -> list[str]:
    watched = [each.metric for watch in portrait.watches for each in watch.performance]
    record = portrait.record
    judged = [metric.name for metric in record.evaluation.metrics] if record else []
    first = [portrait.primary.name] if portrait.primary else []
    return list(dict.fromkeys([*first, *watched, *judged]))


def _released(portrait: Portrait, metric: str) -> Iterator[Point]:
    for version in portrait.versions:
        record = portrait.records.get(version.number)
        found = next((each for each in record.evaluation.metrics if each.name == metric), None) if record else None
        if found is not None:
            yield from _point(version.registered_at, found, f"version {version.number}, {version.decision.value}")


def _observed(portrait: Portrait, metric: str) -> Iterator[Point]:
    for watch in reversed(portrait.watches):
        for each in watch.performance:
            if each.metric == metric:
                yield from _point(watch.made_at, each.observed, f"version {watch.version}, {each.rows:,} rows")


def _estimated(portrait: Portrait, metric: str) -> Iterator[Point]:
    for watch in reversed(portrait.watches):
        each = watch.estimate
        if each is not None and each.metric == metric and each.estimated is not None:
            spread = None if each.error is None else 1.96 * each.error
            low, high = (None, None) if spread is None else (each.estimated - spread, each.estimated + spread)
            known = Metric(name=metric, value=each.estimated, low=low, high=high)
            yield from _point(watch.made_at, known, f"version {watch.version}, estimated on {each.rows:,} rows")


def _point(at: str, metric: Metric, told: str) -> Iterator[Point]:
    if metric.value is not None:
        yield Point(moment(at), metric.value, metric.low, metric.high, f"{day(at)}: {interval(metric)}, {told}")
