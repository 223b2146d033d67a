"""How far a rollout has come, read from what the API server tells of a Deployment, its ReplicaSets and its pods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]

REVISION = "deployment.kubernetes.io/revision"
_WAITS_IN_VAIN = frozenset(
    {
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "CrashLoopBackOff",
        "RunContainerError",
    }
)
_RESTARTS = 2


@dataclass(frozen=True)
class Progress:
    """A rollout as it stands.

    Attributes:
        ready, wanted: pods of the new kind.
        done: all of them are ready and the Service asks no other.
        stuck: why it will hardly go on, in words; "" while it may.
        pods: names of the new pods.
        failing: those of them that are not ready.
    """

    ready: int
    wanted: int
    done: bool
    stuck: str
    pods: tuple[str, ...]
    failing: tuple[str, ...]

    @property
    def told(self) -> str:
        return f"{self.ready} of {self.wanted} new pods ready"


def progress(objects: Sequence[Object]) -> Progress:
    """Judge one Deployment with its ReplicaSets and pods."""
    deployment = of_kind(objects, "Deployment")[0]
    pods = new_pods(objects)
    wanted = int(deployment["spec"].get("replicas", 1))
    failing = [pod for pod in pods if not is_ready(pod)]
    return Progress(
        ready=len(pods) - len(failing),
        wanted=wanted,
        done=_is_done(deployment, wanted),
        stuck=_refused(deployment) or next(filter(None, map(_trouble, failing)), ""),
        pods=tuple(pod["metadata"]["name"] for pod in pods),
        failing=tuple(pod["metadata"]["name"] for pod in failing),
    )


def of_kind(objects: Sequence[Object], kind: str) -> list[Object]:
    """Those of one kind, in their order."""
    return [each for each in objects if each["kind"] == kind]


def new_pods(objects: Sequence[Object]) -> list[Object]:
    """Pods of the newest ReplicaSet that are not about to go."""
    revision = _revision(of_kind(objects, "Deployment")[0])
    newest = {s["metadata"]["uid"] for s in of_kind(objects, "ReplicaSet") if _revision(s) == revision}
    return [
        pod
        for pod in of_kind(objects, "Pod")
        if "deletionTimestamp" not in pod["metadata"]
        and any(owner["uid"] in newest for owner in pod["metadata"].get("ownerReferences", ()))
    ]


def template_of(objects: Sequence[Object]) -> str:
    """What the cluster calls the newest pods' description; "" while it has not looked at it yet."""
    deployment = of_kind(objects, "Deployment")[0]
    return next((_template(s) for s in of_kind(objects, "ReplicaSet") if _revision(s) == _revision(deployment)), "")


def revision_of(objects: Sequence[Object], template: str) -> int | None:
    """The latest revision of that description; None when it is not remembered."""
    sets = of_kind(objects, "ReplicaSet")
    return max((_revision(each) for each in sets if _template(each) == template), default=None)


def image_of(workload: Object) -> str:
    """The image of a Deployment's or ReplicaSet's endpoint."""
    containers = workload["spec"]["template"]["spec"]["containers"]
    return next(str(c["image"]) for c in containers if c["name"] == "endpoint")


def is_ready(pod: Object) -> bool:
    """Whether the Service asks it."""
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def state_of(pod: Object) -> str:
    """A pod's state in a line; of a process that keeps ending, how it ended."""
    status = pod.get("status", {})
    for container in status.get("containerStatuses", ()):
        now, before = container.get("state", {}), container.get("lastState", {})
        again = int(container.get("restartCount", 0))
        for kind, state in (("ended", before), ("ended", now), ("waiting", now)):
            found = state.get("terminated" if kind == "ended" else kind)
            if found:
                return _words(kind, found, again)
    unmet = [c for c in status.get("conditions", ()) if c["status"] == "False" and c.get("message")]
    return f"{status.get('phase', 'Unknown')}{': ' + unmet[0]['message'] if unmet else ''}"


def restarts(pod: Object) -> int:
    """How often its container was started anew."""
    statuses = pod.get("status", {}).get("containerStatuses", ())
    return max((int(each.get("restartCount", 0)) for each in statuses), default=0)


def _is_done(deployment: Object, wanted: int) -> bool:
    status = deployment.get("status", {})
    seen = int(status.get("observedGeneration", 0)) >= int(deployment["metadata"]["generation"])
    return seen and all(
        int(status.get(count, 0)) == wanted for count in ("replicas", "updatedReplicas", "availableReplicas")
    )


def _refused(deployment: Object) -> str:
    """Pods that cannot even be made: a quota, the namespace's security profile; or the cluster gave up waiting."""
    status = deployment.get("status", {})
    if int(status.get("observedGeneration", 0)) < int(deployment["metadata"]["generation"]):
        return ""
    for condition in status.get("conditions", ()):
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            return str(condition.get("message", "pods cannot be made"))
        if condition.get("reason") == "ProgressDeadlineExceeded":
            return str(condition.get("message", "the cluster gave up waiting"))
    return ""


def _trouble(pod: Object) -> str:
    for container in pod.get("status", {}).get("containerStatuses", ()):
        reason = str(container.get("state", {}).get("waiting", {}).get("reason", ""))
        if reason in _WAITS_IN_VAIN:
            return reason
        if int(container.get("restartCount", 0)) >= _RESTARTS:
            return "they keep ending"
    return ""


def _words(kind: str, state: Mapping[str, Any], restarted: int) -> str:
    words = f"{kind}, {state.get('reason', 'no reason given')}"
    if "exitCode" in state:
        words += f", exit code {state['exitCode']}"
    if restarted:
        words += f", started anew {restarted} times"
    message = str(state.get("message", "")).strip()
    return f"{words}: {message}" if message else words


def _revision(workload: Object) -> int:
    return int(workload["metadata"].get("annotations", {}).get(REVISION, 0))


def _template(replica_set: Object) -> str:
    return str(replica_set["metadata"].get("labels", {}).get("pod-template-hash", ""))
