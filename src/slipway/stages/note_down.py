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
    before = mend(hold, delivery)
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


def mend(hold: Hold, delivery: Delivery) -> tuple[Deployment | None, int | None]:
    """Note of a run that was killed once all was done, before it could say so, that it did serve.

    Returns:
        What is deployed, and the champion's number.
    """
    deployed, champion = _standing(delivery)
    last = hold.mine.last
    if last is not None and last.outcome == CUT_OFF and _served(last, deployed, champion):
        hold.mend(last, SERVED)
    return deployed, champion


def _served(deed: Deed, deployed: Deployment | None, champion: int | None) -> bool:
    if deployed is None or deployed.phase is not Phase.SERVING:
        return False
    return (deployed.release, deployed.at, deployed.version) == (deed.release, deed.at, champion)


def _standing(delivery: Delivery) -> tuple[Deployment | None, int | None]:
    champion = delivery.registry.aliased(delivery.place.use_case, "champion")
    return delivery.cluster.deployed(delivery.place), None if champion is None else champion.number
