"""Namespaces to train in, and small Jobs that end in every way."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from slipway.core.job import Order
from slipway.core.params import TrainOnParams
from slipway.deploying.training import FILE, job
from tests.support.clusters import kubectl
from tests.support.documents import PROJECT
from tests.support.images import BASE, REPOSITORY, docker

PROFILE = "pod-security.kubernetes.io/enforce=restricted"


@dataclass(frozen=True)
class Field:
    """A namespace of one's own, prepared for training, and the kubeconfig of who may submit there."""

    namespace: str
    kubeconfig: Path


@contextmanager
def field(folder: Path) -> Iterator[Field]:
    """A namespace with the accounts of deploy/training/access, which is deleted in the end."""
    namespace = f"slipway-train-{uuid4().hex[:8]}"
    shutil.copytree(PROJECT / "deploy" / "training", folder / "training")
    kubectl("create", "namespace", namespace)
    try:
        kubectl("label", "namespace", namespace, PROFILE)
        kubectl("apply", "--namespace", namespace, "--kustomize", str(folder / "training" / "access"))
        yield Field(namespace, _submitter(folder, namespace))
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


def order(namespace: str = "slipway-training", image: str = BASE, **given: Any) -> Order:
    """An order that asks for little."""
    small = {"cpu": "50m", "memory": "64Mi", "disk": "64Mi", "retries": 0}
    return Order(
        use_case="tiny_case",
        namespace=namespace,
        image=image,
        commit="c" * 40,
        given=TrainOnParams.model_validate_json(json.dumps(small | given)),
        settings={"MLFLOW_TRACKING_URI": "http://mlflow.example.org"},
        actor="ada",
        release="7",
    )


def base() -> dict[str, Any]:
    """The project's own Job."""
    document: dict[str, Any] = yaml.safe_load((PROJECT / FILE).read_text())
    return document


def short_job(wanted: Order, script: str, bring: str = "echo brought") -> dict[str, Any]:
    """A Job as the project makes them, with other scripts in it."""
    made = job(base(), wanted)
    pod = made["spec"]["template"]["spec"]
    for kind, text in (("initContainers", bring), ("containers", script)):
        pod[kind][0] |= {"args": [text], "workingDir": "/workspace"}
    return made


def pushed_base() -> str:
    """The base image, where the cluster can pull it from."""
    name = f"{REPOSITORY}/base:training"
    if not docker("image", "inspect", BASE, check=False).stdout.strip("[]\n"):
        docker("pull", BASE)
    docker("tag", BASE, name)
    docker("push", name)
    return name


def _submitter(folder: Path, namespace: str) -> Path:
    """A kubeconfig with the submitter's token and nothing of the one that runs the tests."""
    config = yaml.safe_load(kubectl("config", "view", "--minify", "--raw").stdout)
    token = kubectl("create", "token", "slipway-submitter", "--namespace", namespace).stdout.strip()
    config["users"] = [{"name": "submitter", "user": {"token": token}}]
    config["contexts"][0]["context"]["user"] = "submitter"
    path = folder / "submitter.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path
