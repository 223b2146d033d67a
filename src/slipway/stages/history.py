"""history: every version that was registered, and what was decided about it."""

from collections.abc import Sequence

from slipway.core.claim import CUT_OFF, Deed
from slipway.core.seen import Seen
from slipway.core.version import Standing, Version
from slipway.core.watch import Watch
from slipway.deploying.agreement import disagreements
from slipway.ports import Registry
from slipway.stages.hold import at_work

COLUMNS = ("version", "aliases", "verdict", "standing", "metric", "commit", "registered", "reason")
DECISIONS = ("looked at", "version", "since", "predictions", "outcomes", "retrain")
DEEDS = ("at", "environment", "what", "version", "digest", "by", "release", "outcome")


def history(use_case: str, registry: Registry) -> tuple[Version, ...]:
    """All versions, oldest first."""
    return registry.versions(use_case)


def rows(versions: Sequence[Version]) -> tuple[tuple[str, ...], ...]:
    """A table's cells under ``COLUMNS``, newest first."""
    return tuple(_row(version) for version in reversed(versions))


def told(version: Version) -> str:
    """Why a version was judged as it was, and as which image it was pushed, in a line."""
    line = f"version {version.number}: {version.reason}"
    return line if version.release is None else f"{line}; pushed as {version.release.reference}"


def decisions(looks: Sequence[Watch]) -> tuple[tuple[str, ...], ...]:
    """What was decided on live versions, as cells under ``DECISIONS``, in the order given."""
    return tuple(_decision(watch) for watch in looks)


def decided(watch: Watch) -> str:
    """Why it was decided so, and what people were called for, in a line."""
    line = f"{watch.made_at[:16].replace('T', ' ')}: {next(iter(watch.retrain.reasons), '')}"
    return f"{line}; alarms: {', '.join(watch.alarms)}" if watch.alarms else line


def deeds(seen: Sequence[Seen]) -> tuple[tuple[str, ...], ...]:
    """What was done in environments, as cells under ``DEEDS``, newest first."""
    done = [(deed, each.place.environment) for each in seen for deed in _ended(each)]
    return tuple(_deed(deed, environment) for deed, environment in sorted(done, key=lambda d: d[0].at, reverse=True))


def flags(versions: Sequence[Version], seen: Sequence[Seen]) -> tuple[str, ...]:
    """Where registry and cluster disagree, a line each."""
    return tuple(
        f"{each.place.environment}: {found.told}"
        for each in seen
        for found in disagreements(versions, each, at_work=at_work(each.claim))
    )


def _ended(seen: Seen) -> tuple[Deed, ...]:
    """Whoever is gone without having said how it ended was cut off."""
    return seen.claim.deeds if at_work(seen.claim) else seen.claim.ending(CUT_OFF, "").deeds


def _decision(watch: Watch) -> tuple[str, ...]:
    return (
        watch.made_at[:16].replace("T", " "),
        str(watch.version),
        watch.span.since[:16].replace("T", " "),
        f"{watch.counts.predictions:,}",
        f"{watch.counts.feedback:,}",
        watch.retrain.answer.value,
    )


def _deed(deed: Deed, environment: str) -> tuple[str, ...]:
    return (
        deed.at[:19].replace("T", " "),
        environment,
        deed.what,
        str(deed.version),
        deed.digest.removeprefix("sha256:")[:12],
        deed.actor,
        deed.release,
        deed.outcome or "going on",
    )


def _row(version: Version) -> tuple[str, ...]:
    return (
        str(version.number),
        ", ".join(version.aliases),
        version.decision.value,
        "" if version.standing is Standing.UNPROMOTED else version.standing.value,
        version.primary,
        version.commit[:9],
        version.registered_at[:16].replace("T", " "),
        version.reason,
    )
