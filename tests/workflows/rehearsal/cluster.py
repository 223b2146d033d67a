"""Environments of a real cluster for one scenario: namespaces, keys, and the account that may only deploy."""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.clusters import SMALL, kubectl
from tests.workflows.rehearsal.scene import Scene

ENVIRONMENTS = ("staging", "production")
_DEPLOYER = "slipway-deployer"


@dataclass(frozen=True)
class Deployed:
    """What an environment's Deployment says of itself; pods by number."""

    digest: str
    version: int
    phase: str
    wanted: int
    ready: int


@dataclass(frozen=True)
class Cluster:
    """``prefix`` and an environment's name make a namespace's."""

    prefix: str

    def namespace(self, environment: str) -> str:
        return f"{self.prefix}-{environment}"

    def deployed(self, environment: str) -> Deployed:
        """Of churn's endpoint."""
        words = ("get", "deployment", "churn-endpoint", "--namespace", self.namespace(environment), "--output=json")
        found = json.loads(kubectl(*words).stdout)
        notes, image = found["metadata"]["annotations"], found["spec"]["template"]["spec"]["containers"][0]["image"]
        return Deployed(
            image.partition("@")[2], int(notes["slipway.io/version"]), notes["slipway.io/phase"],
            found["spec"]["replicas"], found["status"].get("readyReplicas", 0),
        )  # fmt: skip


@contextmanager
def environments(scene: Scene) -> Iterator[Cluster]:
    """Prepare what docs/deploy.md tells an administrator to, in namespaces that are deleted in the end.

    Main's overlays name these namespaces afterwards, and the repository's secrets hold the deployer's kubeconfig.
    """
    cluster = Cluster(f"rehearsal-{scene.token}")
    scene.repository.commit("environments", _renamed(cluster), message="Environments of our cluster")
    scene.repository.merge("environments")
    try:
        for environment in ENVIRONMENTS:
            kubectl("apply", "--kustomize", str(scene.repository.clone / "deploy" / "namespaces" / environment))
        key = secrets.token_urlsafe(24)
        for environment in ENVIRONMENTS:
            _hand_out(cluster.namespace(environment), key)
        token = _deployers_token(cluster)
        scene.secrets |= {"KUBECONFIG": _kubeconfig(token), "SLIPWAY_API_KEY": key, "DEPLOYERS_TOKEN": token}
        yield cluster
    finally:
        names = [cluster.namespace(environment) for environment in ENVIRONMENTS]
        kubectl("delete", "namespace", *names, "--wait=false", "--ignore-not-found")


def _renamed(cluster: Cluster) -> Callable[[Path], None]:
    """Other namespaces, and pods that ask for little: the machine is one person's."""

    def change(clone: Path) -> None:
        for environment in ENVIRONMENTS:
            for kind in ("overlays", "namespaces"):
                file = clone / "deploy" / kind / environment / "kustomization.yaml"
                document = yaml.safe_load(file.read_text()) | {"namespace": cluster.namespace(environment)}
                if kind == "overlays":
                    small = {"target": {"kind": "Deployment"}, "patch": yaml.safe_dump(SMALL)}
                    document["patches"] = [*document.get("patches", []), small]
                file.write_text(yaml.safe_dump(document))

    return change


def _hand_out(namespace: str, key: str) -> None:
    """The endpoint learns the key's hash."""
    secret = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "churn-keys", "namespace": namespace},
        "stringData": {"keys": f"deployment:{hashlib.sha256(key.encode()).hexdigest()}\n"},
    }  # fmt: skip
    kubectl("apply", "--filename=-", stdin=json.dumps(secret))


def _deployers_token(cluster: Cluster) -> str:
    """Staging's deployer; act knows no secrets of environments, so that it has production's Role too."""
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "rehearsal", "namespace": cluster.namespace("production")},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": _DEPLOYER},
        "subjects": [{"kind": "ServiceAccount", "name": _DEPLOYER, "namespace": cluster.namespace("staging")}],
    }  # fmt: skip
    kubectl("apply", "--filename=-", stdin=json.dumps(binding))
    return kubectl("create", "token", _DEPLOYER, "--namespace", cluster.namespace("staging")).stdout.strip()


def _kubeconfig(token: str) -> str:
    """In one line, with nothing of the account that rehearses."""
    config = yaml.safe_load(kubectl("config", "view", "--minify", "--raw").stdout)
    config["users"] = [{"name": "deployer", "user": {"token": token}}]
    config["contexts"][0]["context"]["user"] = "deployer"
    return json.dumps(config, separators=(",", ":"))
