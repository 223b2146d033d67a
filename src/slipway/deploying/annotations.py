"""A release's state as annotations, and back."""

from collections.abc import Mapping

from slipway.core.deployment import Deployment, Phase, Place

DOMAIN = "slipway.io"
CHANGE_CAUSE = "kubernetes.io/change-cause"


def annotations(deployment: Deployment) -> dict[str, str]:
    """What is noted at the Deployment; the image and the number of pods are in its own fields."""
    return {CHANGE_CAUSE: deployment.told} | {
        f"{DOMAIN}/{key}": value
        for key, value in {
            "version": str(deployment.version),
            "record-digest": deployment.record_digest,
            "commit": deployment.commit,
            "release": deployment.release,
            "actor": deployment.actor,
            "at": deployment.at,
            "phase": deployment.phase.value,
            "last-good": deployment.last_good,
        }.items()
    }


def deployment_of(
    place: Place, image: str, template: str, replicas: int, noted: Mapping[str, str], *, at_once: bool = False
) -> Deployment:
    """Read a Deployment back; one that was made or changed by hand has gaps, and counts as not finished."""

    def note(key: str) -> str:
        return noted.get(f"{DOMAIN}/{key}", "")

    return Deployment(
        place=place,
        image=image,
        version=int(note("version")) if note("version").isdecimal() else 0,
        record_digest=note("record-digest"),
        commit=note("commit"),
        release=note("release"),
        actor=note("actor"),
        at=note("at"),
        phase=Phase.SERVING if note("phase") == Phase.SERVING else Phase.ROLLING,
        template=template,
        last_good=note("last-good"),
        replicas=replicas,
        at_once=at_once,
    )
