"""How the endpoint did, and what is to be said of the log itself."""

from collections.abc import Iterator

from slipway.core.moment import moment
from slipway.core.params import MonitorParams
from slipway.core.watch import Concern, Counts, Health, Sighting, Weight
from slipway.monitoring.situation import Situation, hours_between
from slipway.monitoring.tally import Tally

FEWEST_REFUSED = 5


def health_of(tally: Tally, counts: Counts, situation: Situation) -> Health:
    """Latency percentiles, the share of requests refused, and how long nobody has asked."""
    requests = max(counts.requests, counts.refused)
    return Health(
        refused_share=counts.refused / requests if requests else None,
        latency_p50=tally.latencies.percentile(0.50),
        latency_p95=tally.latencies.percentile(0.95),
        latency_p99=tally.latencies.percentile(0.99),
        silent_hours=_silent_hours(tally, situation),
    )


def _silent_hours(tally: Tally, situation: Situation) -> float:
    """Since the last prediction; without any, since there could have been one."""
    if tally.last == tally.last:
        return max(0.0, (moment(situation.now).timestamp() - tally.last) / 3600)
    could = max(situation.span.since, situation.registered_at, key=moment)
    return max(0.0, hours_between(could, situation.now))


def of_health(health: Health, counts: Counts, params: MonitorParams) -> Iterator[Sighting]:
    """Silence and refusals."""
    silent, refused = health.silent_hours or 0.0, health.refused_share or 0.0
    if silent >= params.silent_hours:
        told = f"no prediction for {silent:.0f} hours; {params.silent_hours:g} are expected at most"
        yield Sighting(name="silence", concern=Concern.SERVICE, weight=Weight.ALARM, told=told)
    if refused >= params.refused_share and counts.refused >= FEWEST_REFUSED:
        told = f"{counts.refused:,} of {max(counts.requests, counts.refused):,} requests ({refused:.1%}) were refused"
        yield Sighting(name="refused requests", concern=Concern.SERVICE, weight=Weight.ALARM, told=told)


def of_log(counts: Counts) -> Iterator[Sighting]:
    """What reading the log could not use, or has to be known about it."""
    if not counts.predictions:
        others = ", ".join(counts.others)
        told = f"no prediction of this version in the span; versions that answered: {others or 'none'}"
        yield _of_log("no predictions", Weight.WARNING, told)
    elif counts.others:
        told = ", ".join(f"{rows:,} by version {version}" for version, rows in sorted(counts.others.items()))
        yield _of_log("other versions", Weight.NOTE, f"rows answered by others, left out: {told}")
    for name, number, weight, told in _kinds(counts):
        if number:
            yield _of_log(name, weight, f"{number:,} {told}")


def _kinds(counts: Counts) -> tuple[tuple[str, int, Weight, str], ...]:
    return (
        ("torn files", counts.torn, Weight.NOTE, "files end in the middle; what came before was read"),
        ("unreadable lines", counts.unreadable, Weight.WARNING, "lines of the log are no entry of it"),
        ("repeated entries", counts.repeated, Weight.NOTE, "entries were there before, and are counted once"),
        (
            "misdated entries",
            counts.misdated,
            Weight.WARNING,
            "entries have a time that cannot be: a clock that jumps?",
        ),
        (
            "contradictory feedback",
            counts.contradictory,
            Weight.WARNING,
            "outcomes contradict others, and are left out",
        ),
        ("orphaned feedback", counts.orphaned, Weight.NOTE, "outcomes are of no prediction that is known"),
    )


def _of_log(name: str, weight: Weight, told: str) -> Sighting:
    return Sighting(name=name, concern=Concern.LOG, weight=weight, told=told)
