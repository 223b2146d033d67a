"""From a checkout to a registered champion, trained in a pod: followed, let go of, followed again, and refused."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import change_params, refused, succeeded
from tests.support.clusters import kubectl
from tests.support.images import BASE, REPOSITORY, until
from tests.support.trainings import Field, field
from tests.support.workspace import PROJECT, clean_environment, command_path, commit, git, slipway

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.pipeline]

ADDRESS = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}'
MINUTES = 8 * 60


@dataclass(frozen=True)
class Scene:
    """A project, where it is trained, and the MLflow server that pods and this machine reach alike."""

    project: Path
    ground: Field
    mlflow: str

    @property
    def env(self) -> dict[str, str]:
        settings = {"KUBECONFIG": str(self.ground.kubeconfig), "MLFLOW_TRACKING_URI": self.mlflow, "USER": "ada"}
        return settings | {"SLIPWAY_IMAGE_REPOSITORY": REPOSITORY, "SLIPWAY_BASE_IMAGE": BASE}

    def train(self, *more: str) -> subprocess.CompletedProcess[str]:
        return slipway(self.project, *self.words, *more, env=self.env, timeout=MINUTES)

    @property
    def words(self) -> tuple[str, ...]:
        return ("train", "churn", "--on", "kubernetes", "--namespace", self.ground.namespace)

    def push(self) -> str:
        return succeeded(slipway(self.project, "image", "--train", "--push", env=self.env, timeout=MINUTES))

    def version(self, alias: str) -> dict[str, str]:
        query = {"name": "churn", "alias": alias}
        found = httpx.get(f"{self.mlflow}/api/2.0/mlflow/registered-models/alias", params=query, trust_env=False)
        version: dict[str, str] = found.json()["model_version"]
        return version


@pytest.fixture
def scene(churn: Path, tmp_path: Path) -> Iterator[Scene]:
    shutil.copytree(PROJECT / "deploy", churn / "deploy")
    change_params(churn, "    serve:", "    train_on: {cpu: 100m, memory: 1500Mi, deadline_minutes: 8}\n    serve:")
    commit(churn, "Say what a pod is given")
    with field(tmp_path) as ground, tracking_server(tmp_path / "mlflow") as mlflow:
        yield Scene(churn, ground, mlflow)


@contextmanager
def tracking_server(folder: Path) -> Iterator[str]:
    """MLflow on an address of this machine that pods reach."""
    host = os.environ.get("SLIPWAY_TEST_HOST") or kubectl("get", "nodes", f"--output=jsonpath={ADDRESS}").stdout
    folder.mkdir()
    with closing(socket.socket()) as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    stores = ("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts")
    command = [command_path("mlflow"), "server", "--host", host, "--port", str(port), "--workers", "1", *stores]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--allowed-hosts", "*"],
            env=clean_environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            until(lambda: _answers(f"http://{host}:{port}/health"), (folder / "log").read_text)
            yield f"http://{host}:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def interrupted(scene: Scene) -> str:
    """Start a training and press Ctrl-C once its container runs; returns what was said in the end."""
    with subprocess.Popen(
        [command_path(), *scene.words, "--again"],
        cwd=scene.project,
        env=clean_environment() | scene.env,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = []
        for line in process.stderr or ():
            said.append(line)
            if "train is running" in line:
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130, "".join(said)
    return "".join(said)


def test_churn_is_trained_in_a_pod_and_becomes_champion(scene: Scene) -> None:
    refused(scene.train(), 10, "slipway image --train --push")
    assert "trainings of this checkout run in" in scene.push()
    assert "is pushed already" in scene.push()

    trained = scene.train()
    assert "has trained churn" in succeeded(trained)
    assert "data: brought from the DVC remote" in trained.stderr
    assert "churn: promote" in trained.stderr
    champion = scene.version("champion")
    assert champion["version"] == "1"
    run = httpx.get(
        f"{scene.mlflow}/api/2.0/mlflow/runs/get", params={"run_id": champion["run_id"]}, trust_env=False
    ).text
    assert git(scene.project, "rev-parse", "HEAD").strip() in run
    assert "has trained this already" in succeeded(scene.train())

    assert "goes on in the cluster" in interrupted(scene)
    followed = scene.train("--again")
    assert "has trained churn" in succeeded(followed)
    assert "is at work already; following it" in followed.stderr

    change_params(scene.project, "{metric: roc_auc, min: 0.80}", "{metric: roc_auc, min: 0.99}")
    refused(scene.train(), 10, "of other code")
    scene.push()
    refused(scene.train(), 40, "the candidate of churn was rejected", "0.99")
    assert scene.version("champion")["version"] == champion["version"]


def test_what_cannot_work_is_refused_with_every_reason_before_anything_is_submitted(scene: Scene) -> None:
    image = f"{REPOSITORY}/any@sha256:{'0' * 64}"
    change_params(scene.project, "{cpu: 100m, memory: 1500Mi", "{secrets: [no-login], config_maps: [none], gpus: 1")
    nodes = {"KUBECONFIG": os.environ["KUBECONFIG"]}  # who may see nodes
    told = slipway(scene.project, *scene.words, "--image", image, env=scene.env | nodes)
    refused(told, 74, "'no-login'", "'none'", "nvidia.com/gpu", "nothing was submitted")
    here = scene.env | {"MLFLOW_TRACKING_URI": "http://user:secret@127.0.0.1:5000"}
    told = slipway(scene.project, *scene.words, "--image", image, env=here)
    refused(told, 74, "holds a login", "points to this machine")
    assert "secret@" not in told.stderr
    printed = succeeded(slipway(scene.project, *scene.words, "--image", image, "--print", env=scene.env))
    assert "nvidia.com/gpu: '1'" in printed
    jobs = kubectl("get", "jobs", "--namespace", scene.ground.namespace, "--output=name").stdout
    assert jobs == ""
