"""rollback: the champion before is champion again."""

from slipway.core.errors import VersionUnknown
from slipway.core.version import Standing, Version, carrier, numbered
from slipway.ports import Registry


def rollback(use_case: str, registry: Registry, to: int | None = None) -> str:
    """Give "champion" back to the version that had it before, or to one that is named; says so.

    Every rollback that names none goes one promotion further back, never forward again. The version that loses the
    alias is withdrawn, and so is its bar: was it the anchor, the restored champion is the anchor now. That alias moves
    first, so that a rollback killed between the two and repeated goes back once, not twice.

    Raises:
        VersionUnknown: there is no champion, none before it, or the one that is named never was champion.
    """
    return give_back(target(use_case, registry, to), registry)


def target(use_case: str, registry: Registry, to: int | None = None) -> Version:
    """The version that a rollback brings back; raises VersionUnknown as :func:`rollback` does."""
    versions = registry.versions(use_case)
    champion = carrier(versions, "champion")
    if champion is None:
        raise _nowhere(use_case, f"{use_case} has no champion", "no model of it was ever promoted")
    if to is not None:
        return _once_champion(numbered(versions, use_case, to))
    previous = registry.previous_champion(use_case)
    if previous is None:
        what = f"{use_case} has no champion before version {champion.number}"
        raise _nowhere(use_case, what, "it was the first to be promoted, or the one before was deleted")
    return numbered(versions, use_case, previous)


def give_back(version: Version, registry: Registry) -> str:
    """Make a version champion again; says so. Doing it twice is doing it once."""
    champion = registry.aliased(version.use_case, "champion")
    if champion is None or champion.number == version.number:
        registry.set_alias(version.use_case, "champion", version.number)
        return f"version {version.number} is champion of {version.use_case}"
    return _go_back(champion, version.number, registry)


def _once_champion(version: Version) -> Version:
    if version.standing is Standing.UNPROMOTED:
        what = f"version {version.number} of {version.use_case} was never champion"
        raise _nowhere(version.use_case, what, "a rollback brings back only what has served; its verdict stands")
    return version


def _go_back(champion: Version, previous: int, registry: Registry) -> str:
    anchored = "anchor" in champion.aliases
    if anchored:
        registry.set_alias(champion.use_case, "anchor", previous)
    registry.set_alias(champion.use_case, "champion", previous)
    roles = "champion and anchor" if anchored else "champion"
    return f"version {previous} is {roles} of {champion.use_case} again; version {champion.number} is withdrawn"


def _nowhere(use_case: str, what: str, cause: str) -> VersionUnknown:
    return VersionUnknown(what, cause=cause, next_step=f"see what there is with `slipway history {use_case}`")
