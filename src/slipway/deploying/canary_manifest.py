"""A canary's Deployment: that of the endpoint under another name, with a label that tells the two apart."""

from collections.abc import Mapping
from typing import Any

import yaml

from slipway.core.canary import Canary
from slipway.core.deployment import Phase, Place
from slipway.deploying.annotations import CHANGE_CAUSE, DOMAIN
from slipway.deploying.progress import Object, image_of

TRACK = f"{DOMAIN}/track"
NAME = "app.kubernetes.io/name"
INSTANCE = "app.kubernetes.io/instance"
SHADOW = "endpoint-shadow"


def canary_manifest(rendered: str, canary: Canary) -> str:
    """The manifest of a canary as YAML.

    Its pods have the labels that the Service asks for; in the shadow they are called otherwise, so that it does not.

    Args:
        rendered: all manifests of the release, the endpoint's Deployment among them.
    """
    documents = [document for document in yaml.safe_load_all(rendered) if document]
    [found] = [document for document in documents if document["kind"] == "Deployment"]
    spec, template = found["spec"], found["spec"]["template"]
    labels = template["metadata"]["labels"] | {TRACK: "canary"} | ({NAME: SHADOW} if canary.shadow else {})
    template["metadata"]["labels"] = labels
    own = {INSTANCE: labels[INSTANCE], TRACK: "canary"}
    for spread in template["spec"].get("topologySpreadConstraints", ()):
        spread["labelSelector"] = {"matchLabels": own}
    metadata = {
        "name": canary.name,
        "namespace": found["metadata"]["namespace"],
        "labels": found["metadata"]["labels"] | {TRACK: "canary"},
        "annotations": notes(canary),
    }
    changed = spec | {"replicas": canary.replicas, "selector": {"matchLabels": own}, "template": template}
    return yaml.safe_dump(found | {"metadata": metadata, "spec": changed}, sort_keys=False)


def notes(canary: Canary) -> dict[str, str]:
    """What is noted at the canary's Deployment; image and number of pods are in its own fields."""
    return {CHANGE_CAUSE: canary.told} | {
        f"{DOMAIN}/{key}": value
        for key, value in {
            "version": str(canary.version),
            "record-digest": canary.record_digest,
            "commit": canary.commit,
            "release": canary.release,
            "actor": canary.actor,
            "phase": Phase.CANARY.value,
            "step": str(canary.step),
        }.items()
    }


def canary_of(place: Place, deployment: Object) -> Canary:
    """Read a canary back; one that was changed by hand has gaps, which is another canary."""
    noted: Mapping[str, Any] = deployment["metadata"].get("annotations", {})

    def note(key: str) -> str:
        return str(noted.get(f"{DOMAIN}/{key}", ""))

    return Canary(
        place=place,
        image=image_of(deployment),
        version=int(note("version")) if note("version").isdecimal() else 0,
        record_digest=note("record-digest"),
        commit=note("commit"),
        release=note("release"),
        actor=note("actor"),
        step=int(note("step")) if note("step").isdecimal() else 0,
        replicas=int(deployment["spec"].get("replicas", 1)),
        shadow=deployment["spec"]["template"]["metadata"]["labels"].get(NAME) == SHADOW,
    )
