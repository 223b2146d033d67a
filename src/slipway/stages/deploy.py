"""deploy: the champion's image replaces what runs in an environment, or what ran there goes on.

A release is a small state machine whose state is in the cluster: nothing, then ROLLING with a note of what was good
before, then SERVING. Whoever finds ROLLING, because a run was killed, goes on from there.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from slipway.core.deployment import Deployment, Phase, Place
from slipway.core.errors import EndpointFailed, ReleaseMissing, RolloutFailed, SlipwayError, VersionUnknown
from slipway.core.release import Release
from slipway.core.version import Version
from slipway.ports import Cluster, Registry
from slipway.stages.canary import CanaryRun, Pair, on_trial, sweep
from slipway.stages.rollback import give_back, target
from slipway.stages.serve import trial

SECONDS = 300.0


@dataclass(frozen=True)
class Delivery:
    """What a release is carried out with.

    Attributes:
        key: an API key that the environment's endpoint knows.
        release: identity of this run; ``actor`` is who started it, ``commit`` what it runs from.
        seconds: until the new pods must be ready.
        at: when it began, UTC, ISO 8601.
        check: raises when this run may change nothing any more, as another does; asked before every change.
        at_once: whether all new pods start at once: what comes back served before, and is waited for.
        canary: how canaries are tried and taken away; None where nobody ever makes one.
    """

    registry: Registry
    cluster: Cluster
    place: Place
    key: str
    release: str
    actor: str
    commit: str
    say: Callable[[str], None]
    seconds: float = SECONDS
    at: str = ""
    check: Callable[[], None] = lambda: None
    at_once: bool = False
    canary: CanaryRun | None = None


def champion_of(registry: Registry, use_case: str) -> Version:
    """The version to deploy; raises VersionUnknown when nothing was promoted."""
    champion = registry.aliased(use_case, "champion")
    if champion is None:
        raise VersionUnknown(
            f"{use_case} has no champion to deploy",
            cause="no candidate was promoted yet",
            next_step=f"run `slipway run {use_case}`, then `slipway image {use_case} --push`",
        )
    return champion


def deploy(delivery: Delivery, version: Version) -> str:
    """Make a version's image what runs, see it answer, and say so; on failure bring back what served before.

    Done twice it is done once. Killed anywhere and run again, it goes on.

    Raises:
        ReleaseMissing: the version was never pushed as an image.
        ClusterUnreachable: no cluster answers.
        DeployRefused: the cluster does not take it; nothing was changed.
        RolloutFailed: pods did not come up, or did not answer as the model does; what served before serves.
        CanaryBreached: its canary was stopped; what serves was not touched.
    """
    if delivery.canary is None:
        return _deployed(delivery, version)
    if delivery.canary.params is None:
        sweep(delivery, delivery.canary)
    try:
        said = _deployed(delivery, version)
    except RolloutFailed:
        sweep(delivery, delivery.canary)
        raise
    sweep(delivery, delivery.canary)
    return said


def _deployed(delivery: Delivery, version: Version) -> str:
    present = _settled(delivery, version, delivery.cluster.deployed(delivery.place))
    wanted = _wanted(delivery, version, present)
    if present is not None and _serves(present, wanted) and not delivery.cluster.preview(present):
        delivery.cluster.wait(delivery.place, seconds=delivery.seconds, say=delivery.say)
        asked = _see_it_answer(delivery, version)
        return f"version {version.number} of {version.use_case} is running already, {asked} pods answer as the model"
    _tell(delivery, present, wanted, delivery.cluster.preview(wanted))
    tried = _tried(delivery, version, wanted, present)
    delivery.check()
    delivery.cluster.apply(wanted)
    try:
        delivery.cluster.wait(delivery.place, seconds=delivery.seconds, say=delivery.say)
        asked = _see_it_answer(delivery, version)
    except (RolloutFailed, EndpointFailed) as failure:
        raise _gone_back(delivery, wanted, failure) from failure
    delivery.cluster.note(wanted.model_copy(update={"phase": Phase.SERVING}))
    return f"version {version.number} of {version.use_case} is running, {asked} pods answer as the model{tried}"


def _released(version: Version) -> Release:
    if version.release is None:
        raise ReleaseMissing(
            f"version {version.number} of {version.use_case} has no image to deploy",
            cause="it was registered, and not pushed as an image",
            next_step=f"run `slipway image {version.use_case} --version {version.number} --push`, then this again",
        )
    return version.release


def _wanted(delivery: Delivery, version: Version, present: Deployment | None) -> Deployment:
    return Deployment(
        place=delivery.place,
        image=_released(version).reference,
        version=version.number,
        record_digest=version.record_digest,
        commit=delivery.commit,
        release=delivery.release,
        actor=delivery.actor,
        at=delivery.at,
        at_once=delivery.at_once,
        phase=Phase.ROLLING,
        last_good=present.good if present is not None else "",
        replicas=(present.replicas or None) if present is not None else None,  # none were wanted: the overlay's again
    )


def _serves(present: Deployment, wanted: Deployment) -> bool:
    return present.phase is Phase.SERVING and present.image == wanted.image and bool(present.replicas)


def _tried(delivery: Delivery, version: Version, wanted: Deployment, present: Deployment | None) -> str:
    """Take the version through its canary where one is wished for, and there is what to compare it with."""
    run = delivery.canary
    if run is None or run.params is None:
        return ""
    if present is None or not present.replicas:
        delivery.say("no canary: nothing serves there to compare it with")
    elif (present.image, present.version) == (wanted.image, wanted.version):
        delivery.say("no canary: the image is there already" + ", its canary passed before" * (not _is_good(present)))
    elif not _is_good(present):
        delivery.say("no canary: what is there was never seen to serve")
    else:
        return f"; {on_trial(delivery, run, run.params, version, Pair(wanted.image, present.version))}"
    return ""


def _settled(delivery: Delivery, version: Version, present: Deployment | None) -> Deployment | None:
    """What to compare a canary with: where a run was killed while another version rolled out, what was good before."""
    run = delivery.canary
    if run is None or run.params is None or present is None:
        return present
    if _is_good(present) or present.image == _released(version).reference:
        return present
    delivery.say(f"version {present.version} was left rolling out: {_bring_back(delivery, present)}")
    return delivery.cluster.deployed(delivery.place)


def _is_good(present: Deployment) -> bool:
    return present.phase is Phase.SERVING


def _tell(delivery: Delivery, present: Deployment | None, wanted: Deployment, changes: tuple[str, ...]) -> None:
    before = "nothing runs there" if present is None else f"version {present.version} is there, {present.phase.value}"
    delivery.say(f"{delivery.place.environment}: {before}; {wanted.told}")
    for line in changes:
        delivery.say(f"  {line}")


def _see_it_answer(delivery: Delivery, version: Version) -> int:
    """Ask every ready pod for the signature's first example; returns how many there are.

    Raises:
        EndpointFailed: one answers otherwise than the model, or none is there.
    """
    pods = delivery.cluster.pods(delivery.place)
    if not pods:
        raise EndpointFailed("no pod is ready", cause="they ended again", next_step="run the same command again")
    with tempfile.TemporaryDirectory(prefix="slipway-deploy-") as folder:
        bundle = delivery.registry.fetch_bundle(version.use_case, version.number, Path(folder) / "bundle")
        for pod in pods:
            with delivery.cluster.forward(delivery.place, pod, key=delivery.key) as endpoint:
                trial(bundle, endpoint)
            delivery.say(f"{pod} answers as the model")
    return len(pods)


def _gone_back(delivery: Delivery, failed: Deployment, failure: SlipwayError) -> RolloutFailed:
    """Bring back what served before; returns the failure to tell, with what became of it."""
    return RolloutFailed(
        f"{failure.what}; {_bring_back(delivery, failed)}", cause=failure.cause, next_step=failure.next_step
    )


def _bring_back(delivery: Delivery, failed: Deployment) -> str:
    cluster, place = delivery.cluster, delivery.place
    if not failed.last_good:
        return "nothing served there before, so it is left as it is"
    delivery.say("going back to what served before")
    delivery.check()
    if not cluster.undo(place, failed.last_good):
        return "the cluster does not remember what served before, so it is left as it is"
    try:
        cluster.wait(place, seconds=delivery.seconds, say=delivery.say)
    except RolloutFailed as error:
        return f"going back failed too: {error.what}"
    restored = cluster.deployed(place)
    if restored is None:
        return "somebody deleted it meanwhile"
    cluster.note(restored.model_copy(update={"phase": Phase.SERVING}))
    return f"version {restored.version} serves as before"


def roll_back(delivery: Delivery, to: int | None = None) -> str:
    """Let an earlier version serve, then make it champion again; says so.

    The alias moves last: a rollback that was killed, or whose pods did not come up, and is run again goes back to the
    same version.

    Raises:
        VersionUnknown: there is none to go back to.
        SlipwayError: as :func:`deploy` does; the registry is as it was.
    """
    version = target(delivery.place.use_case, delivery.registry, to)
    hurried = None if delivery.canary is None else replace(delivery.canary, params=None)
    served = deploy(replace(delivery, canary=hurried, at_once=True), version)
    return f"{served}; {give_back(version, delivery.registry)}"
