"""The values of one use case, laid over an environment's overlay: the only part that differs between use cases."""

from collections.abc import Mapping
from typing import Any

import yaml

from slipway.core.deployment import Deployment
from slipway.core.errors import ParamsInvalid
from slipway.deploying.annotations import DOMAIN, annotations

OVERLAYS = "deploy/overlays"
NAMED_IN_BASE = "endpoint"
ALL_AT_ONCE = "100%"

# a shadow is called otherwise, so that the Service does not find it; the policy shall
_EVERY_TRACK = [{"op": "remove", "path": "/spec/podSelector/matchLabels/app.kubernetes.io~1name"}]


def kustomization(deployment: Deployment, overlay: str) -> str:
    """Text of a kustomization.yaml that renders ``deployment``.

    Args:
        overlay: path of the environment's overlay, seen from the folder the text is written to.
    """
    place = deployment.place
    repository, _, digest = deployment.image.partition("@")
    return yaml.safe_dump(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [overlay],
            "namePrefix": f"{place.instance}-",
            "labels": [
                {"pairs": {"app.kubernetes.io/instance": place.instance}, "includeSelectors": True},
                {"pairs": {"app.kubernetes.io/version": str(deployment.version)}},
            ],
            "images": [{"name": NAMED_IN_BASE, "newName": repository, "digest": digest}],
            "patches": [
                {"target": {"kind": "Deployment"}, "patch": yaml.safe_dump(_patch(deployment))},
                {"target": {"kind": "NetworkPolicy"}, "patch": yaml.safe_dump(_EVERY_TRACK)},
            ],
        },
        sort_keys=False,
    )


def namespace_of(overlay: str, text: str) -> str:
    """The namespace that an overlay's kustomization.yaml names.

    Raises:
        ParamsInvalid: it names none.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        document = None
    namespace = document.get("namespace") if isinstance(document, Mapping) else None
    if not isinstance(namespace, str) or not namespace:
        raise ParamsInvalid(
            f"{overlay}/kustomization.yaml names no namespace",
            cause="the line was taken out, or the file is no YAML",
            next_step="add `namespace: NAME`, the one that was prepared for this environment",
        )
    return namespace


def _patch(deployment: Deployment) -> dict[str, Any]:
    """The pods tell which model they are; who deployed it, and when, is no reason to replace them."""
    model = {f"{DOMAIN}/version": str(deployment.version), f"{DOMAIN}/record-digest": deployment.record_digest}
    volumes = [{"name": "keys", "secret": {"secretName": deployment.place.keys}}]
    spec: dict[str, Any] = {"template": {"metadata": {"annotations": model}, "spec": {"volumes": volumes}}}
    if deployment.replicas is not None:
        spec["replicas"] = deployment.replicas
    if deployment.at_once:
        spec["strategy"] = {"rollingUpdate": {"maxSurge": ALL_AT_ONCE}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAMED_IN_BASE, "annotations": annotations(deployment)},
        "spec": spec,
    }
