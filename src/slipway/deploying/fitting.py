"""Whether a pod can be put on any node at all, and what it needs beside itself."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from slipway.core.quantity import amount
from slipway.deploying.progress import Object


def unfit(pod: Mapping[str, Any], nodes: Sequence[Object]) -> tuple[str, ...]:
    """Why no node can take a pod, however empty it is; empty where one may.

    Args:
        pod: its spec; of several containers the largest request of each kind counts, as for init containers.
    """
    selector: Mapping[str, str] = pod.get("nodeSelector", {})
    fitting = [node for node in nodes if _has_labels(node, selector) and not node.get("spec", {}).get("unschedulable")]
    if not fitting:
        wanted = ", ".join(f"{key}={value}" for key, value in selector.items())
        return (f"no node has the labels of node_selector ({wanted})" if wanted else "no node takes pods",)
    asked = _asked(pod)
    lacking = tuple(
        _told(kind, text, fitting)
        for kind, text in asked.items()
        if all(_capacity(node, kind) < amount(text) for node in fitting)
    )
    if lacking or any(all(_capacity(node, kind) >= amount(text) for kind, text in asked.items()) for node in fitting):
        return lacking
    together = ", ".join(f"{text} {kind}" for kind, text in asked.items())
    return (f"no single node has all of {together}",)


def needed(pod: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Names of the Secrets and ConfigMaps that a pod cannot start without, by the kind's name for kubectl."""
    found = {"secret": dict.fromkeys(_secrets(pod)), "configmap": dict.fromkeys(_config_maps(pod))}
    return {kind: tuple(names) for kind, names in found.items() if names}


def _asked(pod: Mapping[str, Any]) -> dict[str, str]:
    """The largest amount of each kind that a container asks for; what is only limited is asked for too."""
    largest: dict[str, str] = {}
    for container in _containers(pod):
        resources = container.get("resources", {})
        for kind, text in {**resources.get("limits", {}), **resources.get("requests", {})}.items():
            if kind not in largest or amount(str(text)) > amount(largest[kind]):
                largest[kind] = str(text)
    return largest


def _told(kind: str, text: str, nodes: Sequence[Object]) -> str:
    largest = max(nodes, key=lambda node: _capacity(node, kind))
    has = largest.get("status", {}).get("allocatable", {}).get(kind)
    name = largest["metadata"]["name"]
    if has is None:
        return f"it asks for {text} of {kind}, and no node has any"
    return f"it asks for {text} of {kind}, and the largest node ({name}) has {_readable(kind, str(has))}"


def _readable(kind: str, text: str) -> str:
    if kind in {"memory", "ephemeral-storage"}:
        return f"{amount(text) / Decimal(1024**3):.1f}Gi"
    return text


def _capacity(node: Object, kind: str) -> Decimal:
    return amount(str(node.get("status", {}).get("allocatable", {}).get(kind, "0")))


def _has_labels(node: Object, selector: Mapping[str, str]) -> bool:
    labels = node["metadata"].get("labels", {})
    return all(labels.get(key) == value for key, value in selector.items())


def _containers(pod: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from pod.get("initContainers", ())
    yield from pod.get("containers", ())


def _secrets(pod: Mapping[str, Any]) -> Iterator[str]:
    yield from (each["name"] for each in pod.get("imagePullSecrets", ()))
    yield from (v["secret"]["secretName"] for v in pod.get("volumes", ()) if _counts(v.get("secret")))
    yield from _from_env(pod, "secretRef", "secretKeyRef")


def _config_maps(pod: Mapping[str, Any]) -> Iterator[str]:
    yield from (v["configMap"]["name"] for v in pod.get("volumes", ()) if _counts(v.get("configMap")))
    yield from _from_env(pod, "configMapRef", "configMapKeyRef")


def _from_env(pod: Mapping[str, Any], whole: str, one: str) -> Iterator[str]:
    for container in _containers(pod):
        references = [each.get(whole) for each in container.get("envFrom", ())]
        references += [each.get("valueFrom", {}).get(one) for each in container.get("env", ())]
        yield from (reference["name"] for reference in references if _counts(reference))


def _counts(reference: Mapping[str, Any] | None) -> bool:
    return reference is not None and not reference.get("optional", False)
