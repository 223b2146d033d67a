"""A rollout is judged by what the API server tells."""

from typing import Any

import pytest

from slipway.deploying.progress import new_pods, progress, revision_of, state_of, template_of

READY = {"conditions": [{"type": "Ready", "status": "True"}]}


def deployment(revision: int = 2, wanted: int = 2, seen: int = 5, **status: Any) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"generation": 5, "annotations": {"deployment.kubernetes.io/revision": str(revision)}},
        "spec": {"replicas": wanted},
        "status": {"observedGeneration": seen} | status,
    }


def replica_set(revision: int) -> dict[str, Any]:
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "uid": f"set-{revision}",
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "labels": {"pod-template-hash": f"hash-{revision}"},
        },
    }


def pod(name: str, revision: int = 2, *, leaving: bool = False, **status: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "ownerReferences": [{"uid": f"set-{revision}"}]}
    return {
        "kind": "Pod",
        "metadata": metadata | ({"deletionTimestamp": "now"} if leaving else {}),
        "status": status,
    }


def waiting(reason: str, *, restarts: int = 0, **more: Any) -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": "because"}}
    return {"containerStatuses": [{"state": state, "restartCount": restarts} | more]}


SETS = [replica_set(1), replica_set(2)]
DONE = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}


def test_it_is_done_when_every_pod_is_new_and_available() -> None:
    now = progress([deployment(**DONE), *SETS, pod("a", **READY), pod("b", **READY)])
    assert (now.done, now.stuck, now.told) == (True, "", "2 of 2 new pods ready")


@pytest.mark.parametrize(
    "status", [DONE | {"replicas": 3}, DONE | {"updatedReplicas": 1}, DONE | {"availableReplicas": 1}, {}]
)
def test_it_is_not_done_while_an_old_pod_is_asked_or_a_new_one_is_missing(status: dict[str, int]) -> None:
    assert not progress([deployment(**status), *SETS]).done


def test_what_the_cluster_has_not_looked_at_is_not_done_and_not_stuck() -> None:
    late = {"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "status": "False"}]}
    now = progress([deployment(seen=4, **DONE, **late), *SETS])
    assert (now.done, now.stuck) == (False, "")


def test_only_pods_of_the_newest_kind_that_stay_are_new() -> None:
    objects = [deployment(), *SETS, pod("old", 1, **READY), pod("new", **READY), pod("leaving", leaving=True, **READY)]
    assert [each["metadata"]["name"] for each in new_pods(objects)] == ["new"]


@pytest.mark.parametrize("reason", ["ImagePullBackOff", "CrashLoopBackOff", "CreateContainerConfigError"])
def test_a_pod_that_waits_in_vain_is_told(reason: str) -> None:
    now = progress([deployment(), *SETS, pod("a", **waiting(reason))])
    assert now.stuck == reason
    assert state_of(pod("a", **waiting(reason))) == f"waiting, {reason}: because"


def test_a_pod_that_is_being_made_is_no_trouble() -> None:
    assert progress([deployment(), *SETS, pod("a", **waiting("ContainerCreating"))]).stuck == ""


def test_a_process_that_keeps_ending_is_told_with_its_exit_code() -> None:
    ended = {"terminated": {"reason": "Error", "exitCode": 5}}
    status = {"containerStatuses": [{"state": {"running": {}}, "lastState": ended, "restartCount": 2}]}
    assert progress([deployment(), *SETS, pod("a", **status)]).stuck == "they keep ending"
    assert state_of(pod("a", **status)) == "ended, Error, exit code 5, started anew 2 times"
    assert state_of(pod("a", **waiting("CrashLoopBackOff", restarts=1, lastState=ended))).startswith("ended, Error")


@pytest.mark.parametrize(
    "condition",
    [
        {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"},
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "exceeded quota"},
    ],
)
def test_pods_that_cannot_be_made_are_told(condition: dict[str, str]) -> None:
    assert progress([deployment(conditions=[condition]), *SETS]).stuck == "exceeded quota"


def test_a_pod_that_no_node_takes_says_why() -> None:
    unmet = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes: insufficient memory"}
    assert state_of(pod("a", phase="Pending", conditions=[unmet])) == "Pending: 0/1 nodes: insufficient memory"


def test_a_template_is_found_again_at_its_latest_revision() -> None:
    objects = [deployment(revision=2), *SETS]
    assert (template_of(objects), revision_of(objects, "hash-1"), revision_of(objects, "gone")) == ("hash-2", 1, None)
    assert template_of([deployment(revision=3), *SETS]) == ""
