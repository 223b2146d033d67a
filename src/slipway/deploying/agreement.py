"""Where the registry and an environment say different things of a use case."""

from collections.abc import Sequence
from enum import StrEnum

from slipway.core.claim import CUT_OFF, SERVED, Deed
from slipway.core.deployment import Deployment, Phase, Place
from slipway.core.seen import Seen
from slipway.core.value import Value
from slipway.core.version import Version, carrier


class Kind(StrEnum):
    """What does not agree, in the order in which it is repaired."""

    ROLLBACK_CUT_OFF = "rollback cut off"
    ROLLING = "rolling"
    ANOTHER_DIGEST = "another digest"
    UNKNOWN_DIGEST = "unknown digest"
    CANARY_LEFT = "canary left"


class Disagreement(Value):
    """One thing that is not as it should be; ``version`` is the one that is to serve once it is repaired."""

    kind: Kind
    place: Place
    told: str
    version: int = 0


def disagreements(versions: Sequence[Version], seen: Seen, *, at_work: bool) -> tuple[Disagreement, ...]:
    """All of one place; what was never deployed disagrees with nothing.

    Args:
        versions: all that are registered of the use case.
        at_work: whether another is, which explains what does not agree.
    """
    champion = carrier(versions, "champion")
    if seen.stable is None or at_work:
        return ()
    return (*_moved(versions, champion, seen, seen.stable), *_canary(champion, seen))


def _stopped_half_way(seen: Seen, stable: Deployment) -> Deed | None:
    """The rollback that was begun last, when it was killed, or failed once its version served already."""
    last = seen.claim.last
    if last is None or last.what != "rollback" or last.outcome == SERVED:
        return None
    killed = last.outcome in ("", CUT_OFF)
    return last if killed or (stable.version, stable.phase) == (last.version, Phase.SERVING) else None


def _moved(versions: Sequence[Version], champion: Version | None, seen: Seen, stable: Deployment) -> list[Disagreement]:
    number = 0 if champion is None else champion.number
    back = _stopped_half_way(seen, stable)
    if back is not None and not (back.version == number and stable.phase is Phase.SERVING):
        told = f"the rollback to version {back.version} by {back.actor} (release {back.release}) stopped half-way"
        return [Disagreement(kind=Kind.ROLLBACK_CUT_OFF, place=seen.place, told=told, version=back.version)]
    if stable.phase is Phase.ROLLING:
        told = f"version {stable.version} was left rolling out by {stable.actor} (release {stable.release})"
        return [Disagreement(kind=Kind.ROLLING, place=seen.place, told=told, version=number)]
    return _other(versions, champion, seen.place, stable)


def _other(
    versions: Sequence[Version], champion: Version | None, place: Place, stable: Deployment
) -> list[Disagreement]:
    served = {v.release.digest: v for v in versions if v.release is not None}
    number = 0 if champion is None else champion.number
    found = []
    if stable.digest not in served:
        told = f"the image that serves, {stable.image}, is that of no registered version"
        found.append(Disagreement(kind=Kind.UNKNOWN_DIGEST, place=place, told=told, version=number))
    elif champion is None or champion.release is None or stable.digest != champion.release.digest:
        is_champion = "nothing is champion" if champion is None else f"version {number} is champion"
        told = f"version {served[stable.digest].number} serves, and {is_champion}"
        found.append(Disagreement(kind=Kind.ANOTHER_DIGEST, place=place, told=told, version=number))
    return found


def _canary(champion: Version | None, seen: Seen) -> list[Disagreement]:
    if seen.canary is None or not seen.canary.replicas:
        return []
    told = f"a canary was left behind, with image {seen.canary.image}"
    number = 0 if champion is None else champion.number
    return [Disagreement(kind=Kind.CANARY_LEFT, place=seen.place, told=told, version=number)]
