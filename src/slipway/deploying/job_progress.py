"""How far a Job has come, read from what the API server tells of it and its pods."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.core.job import Fault, JobPhase, JobState
from slipway.deploying.progress import Object, of_kind

_IMAGE = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
_CONFIG = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})


def job_state(objects: Sequence[Object]) -> JobState | None:
    """Judge a Job with its pods; None when there is no Job."""
    jobs = of_kind(objects, "Job")
    if not jobs:
        return None
    job = jobs[0]
    pods = sorted(of_kind(objects, "Pod"), key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    last = pods[-1] if pods else None
    found = JobState(
        name=job["metadata"]["name"],
        phase=JobPhase.WAITING,
        told="waiting for its pod",
        pod=last["metadata"]["name"] if last else "",
        containers=_begun(last) if last else (),
        attempts=len(pods),
    )
    conditions = {c["type"]: c for c in job.get("status", {}).get("conditions", ()) if c["status"] == "True"}
    if "Complete" in conditions:
        return found.model_copy(update={"phase": JobPhase.SUCCEEDED, "told": "done"})
    if "Failed" in conditions:
        return _failed(found, conditions["Failed"], _worst(pods))
    return found if last is None else _under_way(found, last)


def _under_way(found: JobState, pod: Object) -> JobState:
    fault, message = _waits_in_vain(pod)
    running = [name for name, status in _statuses(pod) if "running" in status.get("state", {})]
    update: dict[str, Any] = {"fault": fault, "message": message}
    if running:
        update |= {"phase": JobPhase.RUNNING, "told": f"attempt {found.attempts}: {running[-1]} is running"}
    elif fault is not None:
        update |= {"told": f"attempt {found.attempts}: {message}"}
    elif found.containers:
        update |= {"phase": JobPhase.RUNNING, "told": f"attempt {found.attempts}: {found.containers[-1]} has ended"}
    else:
        update |= {"told": f"attempt {found.attempts}: {_why_not_yet(pod)}"}
    return found.model_copy(update=update)


def _failed(found: JobState, condition: Mapping[str, Any], pod: Object | None) -> JobState:
    """A pod's own trouble says more than the Job's, but for a deadline, at which pods are taken away."""
    told = {"phase": JobPhase.FAILED, "told": "failed", "message": str(condition.get("message", ""))}
    if condition.get("reason") == "DeadlineExceeded":
        return found.model_copy(update=told | {"fault": Fault.DEADLINE})
    if pod is None:
        return found.model_copy(update=told | {"fault": Fault.OTHER})
    update: dict[str, Any] = {"pod": pod["metadata"]["name"], "containers": _begun(pod)}
    evicted = _eviction(pod)
    if evicted is not None:
        return found.model_copy(update=told | update | {"fault": Fault.EVICTED, "message": evicted})
    for name, status in _statuses(pod):
        ended = status.get("state", {}).get("terminated")
        if ended and ended.get("exitCode", 0) != 0:
            memory = ended.get("reason") == "OOMKilled"
            update |= {
                "exit_code": int(ended["exitCode"]),
                "last": str(ended.get("message", "")).strip(),
                "fault": Fault.MEMORY if memory else Fault.OTHER,
                "message": f"the container {name} ended with exit code {ended['exitCode']}",
            }
            break
    return found.model_copy(update={"fault": Fault.OTHER} | told | update)


def _worst(pods: Sequence[Object]) -> Object | None:
    """The last pod that failed."""
    failed = [pod for pod in pods if pod.get("status", {}).get("phase") == "Failed"]
    return failed[-1] if failed else (pods[-1] if pods else None)


def _eviction(pod: Object) -> str | None:
    status = pod.get("status", {})
    if status.get("reason") in {"Evicted", "Preempting", "NodeLost", "Shutdown", "Terminated"}:
        return str(status.get("message") or status["reason"])
    for condition in status.get("conditions", ()):
        if condition["type"] == "DisruptionTarget" and condition["status"] == "True":
            return str(condition.get("message") or condition.get("reason", "its node took it away"))
    return None


def _waits_in_vain(pod: Object) -> tuple[Fault | None, str]:
    for name, status in _statuses(pod):
        waiting = status.get("state", {}).get("waiting", {})
        reason = str(waiting.get("reason", ""))
        fault = Fault.IMAGE if reason in _IMAGE else Fault.CONFIG if reason in _CONFIG else None
        if fault is not None:
            return fault, f"{name}: {reason}: {waiting.get('message', '')}".rstrip(": ")[:400]
    return None, ""


def _why_not_yet(pod: Object) -> str:
    for condition in pod.get("status", {}).get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False" and condition.get("message"):
            return f"no node for its pod: {condition['message']}"
    return "its pod is being prepared"


def _begun(pod: Object) -> tuple[str, ...]:
    """Containers that run or ran, and so have a log, in the order of their starting."""
    return tuple(n for n, status in _statuses(pod) if {"running", "terminated"} & set(status.get("state", {})))


def _statuses(pod: Object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    status = pod.get("status", {})
    for each in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        yield str(each["name"]), each
