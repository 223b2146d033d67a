"""history: every version that was registered, and what was decided about it."""

from collections.abc import Sequence

from slipway.core.version import Standing, Version
from slipway.ports import Registry

COLUMNS = ("version", "aliases", "verdict", "standing", "metric", "commit", "registered", "reason")


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
