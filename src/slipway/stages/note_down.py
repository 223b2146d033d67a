"""What a run does at a place is noted in its claim: before it begins, and how it ended."""

from collections.abc import Callable

from slipway.core.claim import CUT_OFF, FAILED, SERVED, Deed
from slipway.core.deployment import Deployment, Phase
from slipway.core.errors import SlipwayError
from slipway.core.version import Version
from slipway.stages.deploy import Delivery
from slipway.stages.hold import Hold, now

_LONGEST = 200


def note_down(hold: Hold, delivery: Delivery, what: str, version: Version, action: Callable[[], str]) -> str:
    """Run an action that is to let a version serve; one that changed nothing leaves no note.

    A run that is killed leaves a note without an end; the next one ends it as "cut off".
    """
    before = _standing(delivery)
    _mend(hold, *before)
    deed = Deed(
        what=what,
        version=version.number,
        digest="" if version.release is None else version.release.digest,
        release=delivery.release,
        actor=delivery.actor,
        at=delivery.at or now(),
    )
    hold.begin(deed)
    try:
        said = action()
    except SlipwayError as error:
        hold.end(f"{FAILED}: {error.what[:_LONGEST]}")
        raise
    except BaseException:
        hold.end(CUT_OFF)
        raise
    if _standing(delivery) == before:
        hold.drop(deed)
    else:
        hold.end(SERVED)
    return said


def _mend(hold: Hold, deployed: Deployment | None, champion: int | None) -> None:
    """A run that was killed once all was done, before it could say so, did serve."""
    last = hold.mine.last
    if last is None or last.outcome != CUT_OFF or deployed is None or deployed.phase is not Phase.SERVING:
        return
    if (deployed.release, deployed.at, deployed.version) == (last.release, last.at, champion):
        hold.mend(last, SERVED)


def _standing(delivery: Delivery) -> tuple[Deployment | None, int | None]:
    champion = delivery.registry.aliased(delivery.place.use_case, "champion")
    return delivery.cluster.deployed(delivery.place), None if champion is None else champion.number
