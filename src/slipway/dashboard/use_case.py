"""A use case's page: how it stands, its figures over time, drift, decisions, looks and releases."""

from datetime import datetime

from slipway.core.version import Standing, Version
from slipway.core.watch import Sighting, Watch, Weight
from slipway.dashboard.drift import strip
from slipway.dashboard.history import charts
from slipway.dashboard.index import facts_of
from slipway.dashboard.layout import badge, page
from slipway.dashboard.markup import Child, Html, tag
from slipway.dashboard.portrait import Portrait, day, minute
from slipway.dashboard.standing import stand
from slipway.dashboard.table import table
from slipway.report.figures import interval, label, number, share

LOOKS = 12
_TONES = {Weight.NOTE: "none", Weight.WARNING: "mind", Weight.ALARM: "bad"}


def use_case(portrait: Portrait, now: datetime) -> str:
    """Text of ``<name>.html``."""
    found = stand(portrait, now)
    top = [
        tag("nav", tag("a", "All models", href="index.html"), aria_label="Site"),
        tag("div", tag("h1", portrait.name), badge(found.tone, found.word), class_="line"),
        tag("p", portrait.title, class_="soft"),
        tag("p", found.told),
    ]
    parts = [
        _section("At a glance", _facts(portrait, now)),
        _section("Findings of the last look", _findings(portrait.last)),
        _section("Metrics over time", charts(portrait)),
        _section("Drift", strip(portrait.watches), _KEY if portrait.watches else None),
        _section("Retraining", _decisions(portrait)),
        _section("Looks", _looks(portrait)),
        _section("Releases and verdicts", _releases(portrait)),
    ]
    return page(f"{portrait.name}: {found.word}", top, parts, now)


_KEY = tag(
    "p",
    "Figures are effects: standard deviations for numbers, changed shares for the rest. "
    "Colour is the effect in floors; △ is proved and reaches its floor; ▲ is important enough to act on as well.",
    class_="soft",
)


def _section(title: str, *parts: Child) -> Html:
    return tag("section", tag("h2", title), *parts)


def _facts(portrait: Portrait, now: datetime) -> Html:
    facts = facts_of(portrait, now)
    last = portrait.last
    if last is not None:
        counts = last.counts
        facts.append(("Window", f"{day(last.span.since)} to {day(last.span.until)}"))
        facts.append(("Predictions seen", f"{counts.predictions:,}, {counts.feedback:,} with an outcome"))
        facts.append(("Refused", "unknown" if last.health.refused_share is None else share(last.health.refused_share)))
        facts.append(("Latency, 95th percentile", _milliseconds(last.health.latency_p95)))
    return tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts], class_="facts")


def _milliseconds(value: float | None) -> str:
    return "unknown" if value is None else f"{number(value)} ms"


def _findings(last: Watch | None) -> Html:
    if last is None:
        return tag("p", "There was none yet: run slipway monitor.", class_="soft")
    if not last.findings:
        return tag("p", "None.", class_="soft")
    order = (Weight.ALARM, Weight.WARNING, Weight.NOTE)
    ordered = sorted(last.findings, key=lambda found: order.index(found.weight))
    return tag("ul", [_finding(found) for found in ordered], class_="findings")


def _finding(found: Sighting) -> Html:
    told = found.told.removeprefix(f"{found.name}: ")
    return tag("li", badge(_TONES[found.weight], found.weight.value), " ", tag("strong", found.name), ": ", told)


def _decisions(portrait: Portrait) -> Html:
    rows = [
        (
            minute(watch.made_at),
            f"version {watch.version}",
            watch.retrain.answer.value,
            "" if watch.retrain.cause is None else watch.retrain.cause.value,
            "; ".join(watch.retrain.reasons),
        )
        for watch in portrait.watches[:LOOKS]
    ]
    head = ("Look", "Champion then", "Retrain", "Cause", "Reasons")
    return table("Whether to retrain, the latest first", head, rows, empty="Nothing was decided yet.")


def _looks(portrait: Portrait) -> Html:
    rows = [
        (
            minute(watch.made_at),
            f"{watch.counts.predictions:,}",
            f"{watch.counts.feedback:,}",
            *_first_performance(watch),
            ", ".join(watch.alarms) or "none",
        )
        for watch in portrait.watches[:LOOKS]
    ]
    head = ("Look", "Predictions", "Outcomes", "Performance", "Loss", "Alarms")
    return table("What was seen, the latest first", head, rows, numbers=(1, 2), empty="Nobody looked yet.")


def _first_performance(watch: Watch) -> tuple[str, str]:
    """The metric that gates go by, and how much of it was lost; the others are drawn."""
    if not watch.performance:
        return "not known", "not known"
    first = watch.performance[0]
    if first.loss.value is None:
        return f"{label(first.metric)} {interval(first.observed)}", "not known"
    return f"{label(first.metric)} {interval(first.observed)}", share(first.loss.value) + (
        ", proved" if first.proved else ""
    )


def _releases(portrait: Portrait) -> Html:
    rows = [_release(portrait, version) for version in reversed(portrait.versions)]
    head = ("Version", "Registered", "Verdict", "Now", "Metric", "Data", "Commit", "Reason")
    return table("Every registered version, the latest first", head, rows, empty="Nothing was registered yet.")


def _release(portrait: Portrait, version: Version) -> tuple[Child, ...]:
    record = portrait.records.get(version.number)
    link = portrait.links.get(version.number)
    name: Child = tag("a", str(version.number), href=link) if link else str(version.number)
    return (
        name,
        minute(version.registered_at),
        version.decision.value,
        "" if version.standing is Standing.UNPROMOTED else version.standing.value,
        version.primary,
        "" if record is None else record.evaluation.data_digest[:8],
        version.commit[:9],
        version.reason,
    )
