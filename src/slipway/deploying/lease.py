"""A claim as a Lease of Kubernetes, and back."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from slipway.core.claim import Claim, Deed
from slipway.core.deployment import Place
from slipway.deploying.annotations import DOMAIN

_DEEDS = f"{DOMAIN}/deeds"


def lease_of(place: Place, namespace: str, claim: Claim) -> dict[str, Any]:
    """The object to write; with the claim's mark, the server takes it only if nobody wrote meanwhile."""
    metadata: dict[str, Any] = {
        "name": place.name,
        "namespace": namespace,
        "labels": {
            "app.kubernetes.io/name": "endpoint",
            "app.kubernetes.io/part-of": "slipway",
            "app.kubernetes.io/instance": place.instance,
        },
        "annotations": {_DEEDS: json.dumps([deed.model_dump() for deed in claim.deeds], ensure_ascii=False)},
    }
    if claim.mark:
        metadata["resourceVersion"] = claim.mark
    spec = {
        "holderIdentity": claim.holder,
        "leaseDurationSeconds": max(1, claim.seconds),
        "acquireTime": claim.taken_at,
        "renewTime": claim.renewed_at,
    }
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": metadata,
        "spec": {key: value for key, value in spec.items() if value or key == "holderIdentity"},
    }


def claim_of(lease: Mapping[str, Any]) -> Claim:
    """Read a Lease back; deeds that somebody wrote otherwise than we do are left out."""
    metadata, spec = lease["metadata"], lease.get("spec", {})
    return Claim(
        holder=str(spec.get("holderIdentity") or ""),
        seconds=int(spec.get("leaseDurationSeconds") or 0),
        taken_at=str(spec.get("acquireTime") or ""),
        renewed_at=str(spec.get("renewTime") or ""),
        deeds=_deeds(str(metadata.get("annotations", {}).get(_DEEDS, ""))),
        mark=str(metadata["resourceVersion"]),
    )


def _deeds(text: str) -> tuple[Deed, ...]:
    try:
        noted = json.loads(text or "[]")
    except ValueError:
        return ()
    read = [_deed(each) for each in noted] if isinstance(noted, list) else []
    return tuple(deed for deed in read if deed is not None)


def _deed(noted: object) -> Deed | None:
    try:
        return Deed.model_validate(noted)
    except ValidationError:
        return None
