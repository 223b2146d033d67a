"""rollback: the champion before is champion again."""

from slipway.core.errors import VersionUnknown
from slipway.core.version import Version
from slipway.ports import Registry


def rollback(use_case: str, registry: Registry) -> str:
    """Give "champion" back to the version that had it before; says so.

    Every rollback goes one promotion further back, never forward again. The version that loses the alias is withdrawn,
    and so is its bar: was it the anchor, the restored champion is the anchor now. That alias moves first, so that a
    rollback killed between the two and repeated goes back once, not twice.

    Raises:
        VersionUnknown: there is no champion, or none before it.
    """
    champion = registry.aliased(use_case, "champion")
    if champion is None:
        raise _nowhere(use_case, f"{use_case} has no champion", "no model of it was ever promoted")
    previous = registry.previous_champion(use_case)
    if previous is None:
        what = f"{use_case} has no champion before version {champion.number}"
        raise _nowhere(use_case, what, "it was the first to be promoted, or the one before was deleted")
    return _go_back(champion, previous, registry)


def _go_back(champion: Version, previous: int, registry: Registry) -> str:
    anchored = "anchor" in champion.aliases
    if anchored:
        registry.set_alias(champion.use_case, "anchor", previous)
    registry.set_alias(champion.use_case, "champion", previous)
    roles = "champion and anchor" if anchored else "champion"
    return f"version {previous} is {roles} of {champion.use_case} again; version {champion.number} is withdrawn"


def _nowhere(use_case: str, what: str, cause: str) -> VersionUnknown:
    return VersionUnknown(what, cause=cause, next_step=f"see what there is with `slipway history {use_case}`")
