"""A Job is judged by what the API server tells of it and its pods."""

from typing import Any

import pytest

from slipway.core.job import Fault, JobPhase
from slipway.deploying.job_progress import job_state


def job(*conditions: tuple[str, str]) -> dict[str, Any]:
    told = [{"type": kind, "status": "True", "reason": reason, "message": "so it is"} for kind, reason in conditions]
    return {"kind": "Job", "metadata": {"name": "churn-train"}, "status": {"conditions": told}}


def pod(number: int = 0, *, bring: Any = None, train: Any = None, **status: Any) -> dict[str, Any]:
    states = {"initContainerStatuses": [("bring", bring)], "containerStatuses": [("train", train)]}
    told = {key: [{"name": n, "state": s} for n, s in pairs if s is not None] for key, pairs in states.items()}
    metadata = {"name": f"pod-{number}", "creationTimestamp": f"2026-01-01T00:00:0{number}Z"}
    return {"kind": "Pod", "metadata": metadata, "status": told | status}


def ended(code: int, reason: str = "Error", message: str = "") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "message": message}}


def waiting(reason: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": "because"}}


RUNNING = {"running": {"startedAt": "now"}}
FAILED = job(("Failed", "PodFailurePolicy"))


def test_no_job_is_no_state() -> None:
    assert job_state([pod()]) is None


def test_a_new_job_waits_for_its_pod() -> None:
    state = job_state([job()])
    assert state is not None
    assert (state.phase, state.pod, state.ended) == (JobPhase.WAITING, "", False)


def test_the_last_attempt_is_the_one_that_is_told() -> None:
    state = job_state([job(), pod(1, bring=ended(0, "Completed"), train=RUNNING), pod(0, train=ended(73))])
    assert state is not None
    assert (state.phase, state.pod, state.attempts) == (JobPhase.RUNNING, "pod-1", 2)
    assert state.containers == ("bring", "train")
    assert state.told == "attempt 2: train is running"


def test_a_pod_that_no_node_takes_is_told_and_is_no_fault() -> None:
    condition = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}
    state = job_state([job(), pod(conditions=[condition])])
    assert state is not None
    assert "0/3 nodes are available" in state.told
    assert state.fault is None


@pytest.mark.parametrize(
    ("reason", "fault"), [("ImagePullBackOff", Fault.IMAGE), ("CreateContainerConfigError", Fault.CONFIG)]
)
def test_what_waits_in_vain_is_a_fault(reason: str, fault: Fault) -> None:
    state = job_state([job(), pod(bring=waiting(reason))])
    assert state is not None
    assert (state.phase, state.fault, state.message) == (JobPhase.WAITING, fault, f"bring: {reason}: because")


def test_a_job_that_is_complete_has_succeeded() -> None:
    state = job_state([job(("SuccessCriteriaMet", "x"), ("Complete", "x")), pod(train=ended(0, "Completed"))])
    assert state is not None
    assert (state.phase, state.fault) == (JobPhase.SUCCEEDED, None)


def test_a_stage_s_code_and_words_are_kept() -> None:
    state = job_state([FAILED, pod(bring=ended(0, "Completed"), train=ended(22, message="error: no\n"))])
    assert state is not None
    assert (state.phase, state.exit_code, state.last, state.fault) == (JobPhase.FAILED, 22, "error: no", Fault.OTHER)


def test_what_failed_while_code_and_data_were_brought_is_told_too() -> None:
    state = job_state([job(("Failed", "BackoffLimitExceeded")), pod(bring=ended(128))])
    assert state is not None
    assert (state.exit_code, state.message) == (128, "the container bring ended with exit code 128")


@pytest.mark.parametrize(
    ("conditions", "found", "fault"),
    [
        ([("Failed", "DeadlineExceeded")], None, Fault.DEADLINE),
        ([("Failed", "PodFailurePolicy")], pod(train=ended(137, "OOMKilled")), Fault.MEMORY),
        ([("Failed", "BackoffLimitExceeded")], pod(reason="Evicted", message="disk"), Fault.EVICTED),
        ([("Failed", "BackoffLimitExceeded")], None, Fault.OTHER),
    ],
)
def test_what_no_stage_can_tell_of_is_named(conditions: Any, found: Any, fault: Fault) -> None:
    state = job_state([job(*conditions), *([found] if found else [])])
    assert state is not None
    assert (state.phase, state.fault) == (JobPhase.FAILED, fault)


def test_a_disruption_counts_as_an_eviction() -> None:
    condition = {"type": "DisruptionTarget", "status": "True", "message": "the node is drained"}
    state = job_state([job(("Failed", "x")), pod(phase="Failed", conditions=[condition], train=ended(143))])
    assert state is not None
    assert (state.fault, state.message) == (Fault.EVICTED, "the node is drained")
