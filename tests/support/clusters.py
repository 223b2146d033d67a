"""A namespace of one's own in a real cluster, prepared as docs/deploy.md tells, and an account that may only deploy."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import yaml

from slipway.adapters.kubectl import KubectlCluster
from slipway.core.deployment import Place
from tests.support.documents import PROJECT
from tests.support.images import KEYS

SECONDS = 120.0
SMALL = [{"op": "replace", "path": "/spec/template/spec/containers/0/resources/requests/cpu", "value": "10m"}]


@dataclass(frozen=True)
class Ground:
    """A prepared environment; ``kubeconfig`` is the deployer's, ``root`` a project with deploy/ alone."""

    root: Path
    environment: str
    namespace: str
    kubeconfig: Path

    @property
    def cluster(self) -> KubectlCluster:
        return KubectlCluster(self.root, ("kubectl", "--kubeconfig", str(self.kubeconfig)), patience=3.0)

    def place(self, use_case: str) -> Place:
        """A place whose endpoint knows the tests' key."""
        place = Place(use_case=use_case, environment=self.environment)
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": place.keys, "namespace": self.namespace},
            "stringData": {"keys": KEYS},
        }
        kubectl("apply", "--filename=-", stdin=json.dumps(secret))
        return place

    def clear(self, place: Place) -> None:
        """Take everything of a place away, at once."""
        kinds = "deployments,services,poddisruptionbudgets,horizontalpodautoscalers,networkpolicies"
        label = f"--selector=app.kubernetes.io/instance={place.instance}"
        kubectl("delete", kinds, label, "--namespace", self.namespace, "--wait=false")
        kubectl("delete", "pods", label, "--namespace", self.namespace, "--grace-period=1", "--wait=false")


@contextmanager
def ground(folder: Path, like: str = "staging") -> Iterator[Ground]:
    """An environment made after one of the project's, in a namespace that is deleted in the end."""
    environment = f"test-{uuid4().hex[:8]}"
    namespace = f"slipway-{environment}"
    shutil.copytree(PROJECT / "deploy", folder / "deploy")
    for kind in ("overlays", "namespaces"):
        _copy(folder / "deploy" / kind, like, environment, namespace)
    kubectl("apply", "--kustomize", str(folder / "deploy" / "namespaces" / environment))
    try:
        yield Ground(folder, environment, namespace, _deployer(folder, namespace))
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


def kubectl(*arguments: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run kubectl as whoever runs the tests."""
    done = subprocess.run(
        ["kubectl", *arguments], input=stdin, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def _copy(folder: Path, like: str, environment: str, namespace: str) -> None:
    shutil.copytree(folder / like, folder / environment)
    file = folder / environment / "kustomization.yaml"
    document = yaml.safe_load(file.read_text()) | {"namespace": namespace}
    if folder.name == "overlays":
        small = {"target": {"kind": "Deployment"}, "patch": yaml.safe_dump(SMALL)}
        document["patches"] = [*document.get("patches", []), small]
    file.write_text(yaml.safe_dump(document))


def _deployer(folder: Path, namespace: str) -> Path:
    """A kubeconfig with the deployer's token and nothing of the one that runs the tests."""
    config = yaml.safe_load(kubectl("config", "view", "--minify", "--raw").stdout)
    token = kubectl("create", "token", "slipway-deployer", "--namespace", namespace).stdout.strip()
    config["users"] = [{"name": "deployer", "user": {"token": token}}]
    config["contexts"][0]["context"]["user"] = "deployer"
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path
