"""A pod that no node can take is known before it is submitted."""

from typing import Any

import pytest

from slipway.deploying.fitting import needed, unfit


def node(name: str, *, cordoned: bool = False, labels: dict[str, str] | None = None, **has: str) -> dict[str, Any]:
    allocatable = {"cpu": "2", "memory": "8Gi"} | {kind.replace("_", "/"): amount for kind, amount in has.items()}
    found: dict[str, Any] = {"metadata": {"name": name, "labels": labels or {}}, "status": {"allocatable": allocatable}}
    return found | {"spec": {"unschedulable": cordoned}}


def pod(selector: dict[str, str] | None = None, **asks: str) -> dict[str, Any]:
    return {
        "nodeSelector": selector or {},
        "initContainers": [{"resources": {"requests": {"cpu": "100m"}}}],
        "containers": [{"resources": {"requests": asks}}],
    }


NODES = [node("small"), node("large", memory="24581696Ki", labels={"size": "large"})]


@pytest.mark.parametrize("asks", [{"cpu": "2"}, {"memory": "20Gi"}, {"cpu": "1500m", "memory": "8Gi"}])
def test_what_one_node_can_take_fits(asks: dict[str, str]) -> None:
    assert unfit(pod(**asks), NODES) == ()


def test_more_than_any_node_has_is_told_with_the_largest() -> None:
    cpu, memory = unfit(pod(cpu="2500m", memory="64Gi"), NODES)
    assert cpu == "it asks for 2500m of cpu, and the largest node (small) has 2"
    assert memory == "it asks for 64Gi of memory, and the largest node (large) has 23.4Gi"


def test_an_init_container_counts_as_well() -> None:
    wanted = pod(cpu="1")
    wanted["initContainers"][0]["resources"] = {"limits": {"memory": "64Gi"}}
    [reason] = unfit(wanted, NODES)
    assert "64Gi of memory" in reason


def test_a_kind_that_nobody_has_is_told_as_such() -> None:
    wanted = pod()
    wanted["containers"][0]["resources"] = {"limits": {"nvidia.com/gpu": "1"}}
    assert unfit(wanted, NODES) == ("it asks for 1 of nvidia.com/gpu, and no node has any",)


def test_each_on_another_node_is_not_enough() -> None:
    nodes = [node("many", cpu="64"), node("much", memory="640Gi")]
    assert unfit(pod(cpu="32", memory="320Gi"), nodes) == ("no single node has all of 32 cpu, 320Gi memory",)


def test_only_nodes_with_the_labels_and_open_ones_count() -> None:
    assert unfit(pod({"size": "huge"}), NODES) == ("no node has the labels of node_selector (size=huge)",)
    assert unfit(pod({"size": "large"}, memory="20Gi"), NODES) == ()
    assert unfit(pod(), [node("closed", cordoned=True)]) == ("no node takes pods",)


def test_what_a_pod_cannot_start_without_is_collected() -> None:
    one = {"valueFrom": {"secretKeyRef": {"name": "key", "key": "k"}}, "name": "K"}
    spec = {
        "imagePullSecrets": [{"name": "images"}],
        "volumes": [{"secret": {"secretName": "files"}}, {"configMap": {"name": "conf"}}, {"emptyDir": {}}],
        "containers": [
            {"env": [one, {"name": "A", "value": "b"}], "envFrom": [{"secretRef": {"name": "may", "optional": True}}]}
        ],
    }
    assert needed(spec) == {"secret": ("images", "files", "key"), "configmap": ("conf",)}
