"""Environments of a cluster, driven by kubectl: what is in them, and Leases against two at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.adapters.kubectl_calls import Kubectl, last_words
from slipway.core.claim import Claim
from slipway.core.deployment import Deployment, Place
from slipway.core.errors import DeployRefused
from slipway.core.seen import Seen
from slipway.deploying.annotations import deployment_of
from slipway.deploying.kustomization import OVERLAYS, namespace_of
from slipway.deploying.lease import claim_of, lease_of
from slipway.deploying.progress import image_of

QUICK = "5s"

_OURS = "--selector=app.kubernetes.io/part-of=slipway,app.kubernetes.io/name=endpoint"
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"
_WRITTEN_MEANWHILE = ("(Conflict)", "(AlreadyExists)", "(NotFound)")


@dataclass(frozen=True)
class KubectlEnvironments:
    """The cluster that ``kubectl`` talks to.

    Args:
        root: of the project; the namespace of an environment is read from its overlay there.
        program: the command, first words included.
    """

    root: Path
    program: Sequence[str] = ("kubectl",)

    def look(self, environment: str, use_cases: Sequence[str]) -> tuple[Seen, ...]:
        """Deployments and Leases in one question; see the port."""
        namespace = self._namespace(environment)
        words = ("get", "deployments,leases", _OURS, "--output=json", "--namespace", namespace)
        objects = json.loads(self._ask(environment, *words))["items"]
        return tuple(_seen(Place(use_case=name, environment=environment), objects) for name in use_cases)

    def claim(self, place: Place) -> Claim:
        """Read the Lease; see the port."""
        leases = _LEASES.format(self._namespace(place.environment))
        done = Kubectl(self.program).run("get", "--raw", f"{leases}/{place.name}", f"--request-timeout={QUICK}")
        if done.returncode == 0:
            return claim_of(json.loads(done.stdout))
        if "(NotFound)" in done.stderr:
            return Claim()
        raise _refused(place.environment, done.stderr)

    def write(self, place: Place, claim: Claim) -> Claim | None:
        """Make the Lease, or replace the state of it that was read; see the port."""
        namespace = self._namespace(place.environment)
        leases = _LEASES.format(namespace)
        words = ("replace", "--raw", f"{leases}/{place.name}") if claim.mark else ("create", "--raw", leases)
        lease = json.dumps(lease_of(place, namespace, claim))
        done = Kubectl(self.program).run(*words, "--filename=-", f"--request-timeout={QUICK}", stdin=lease)
        if done.returncode == 0:
            return claim_of(json.loads(done.stdout))
        if any(word in done.stderr for word in _WRITTEN_MEANWHILE) and "namespaces" not in done.stderr:
            return None
        raise _refused(place.environment, done.stderr)

    def _ask(self, environment: str, *words: str) -> str:
        done = Kubectl(self.program).run(*words, f"--request-timeout={QUICK}")
        if done.returncode != 0:
            raise _refused(environment, done.stderr)
        return done.stdout

    def _namespace(self, environment: str) -> str:
        overlay = f"{OVERLAYS}/{environment}"
        return namespace_of(overlay, (self.root / overlay / "kustomization.yaml").read_text(encoding="utf-8"))


def _seen(place: Place, objects: Sequence[dict[str, Any]]) -> Seen:
    named = {(each["kind"], each["metadata"]["name"]): each for each in objects}
    stable, lease = named.get(("Deployment", place.name)), named.get(("Lease", place.name))
    return Seen(
        place=place,
        stable=_deployment(place, stable),
        canary=_deployment(place, named.get(("Deployment", place.canary_name))),
        healthy=int((stable or {}).get("status", {}).get("readyReplicas", 0)),
        claim=claim_of(lease) if lease else Claim(),
    )


def _deployment(place: Place, found: dict[str, Any] | None) -> Deployment | None:
    """Without its template's name, which no Deployment tells."""
    if found is None:
        return None
    noted = found["metadata"].get("annotations", {})
    return deployment_of(place, image_of(found), "", int(found["spec"].get("replicas", 1)), noted)


def _refused(environment: str, said: str) -> DeployRefused:
    return DeployRefused(
        f"the cluster refuses to be looked at, or to take a Lease, in {environment}: {last_words(said)}",
        cause="the namespace was not prepared, or was before Leases were needed; or the account is another",
        next_step=f"`kubectl apply -k deploy/namespaces/{environment}` prepares it; docs/deploy.md tells the rest",
    )
