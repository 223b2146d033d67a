"""From a trained model to pods that answer, through a killed run, a release that does not start, and back again."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.conftest import change_params, refused, succeeded, versions
from tests.support.clusters import Ground, ground, kubectl
from tests.support.images import BASE, KEY, REPOSITORY
from tests.support.workspace import clean_environment, command_path, slipway

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

ROLLBACK_SECONDS = 60.0


@pytest.fixture
def prepared(project: Path) -> Iterator[Ground]:
    with ground(project) as made:
        made.place("tiny")
        yield made


def env(made: Ground, **more: str) -> dict[str, str]:
    settings = {"KUBECONFIG": str(made.kubeconfig), "SLIPWAY_API_KEY": KEY, "SLIPWAY_RELEASE": "e2e", "USER": "ada"}
    return settings | {"SLIPWAY_IMAGE_REPOSITORY": REPOSITORY, "SLIPWAY_BASE_IMAGE": BASE} | more


def deployed(made: Ground) -> tuple[str, str, str]:
    """Digest, version and phase of what is in the cluster."""
    told = kubectl("get", "deployment", "tiny-endpoint", "--namespace", made.namespace, "--output=json").stdout
    found = json.loads(told)
    notes = found["metadata"]["annotations"]
    image = found["spec"]["template"]["spec"]["containers"][0]["image"]
    return image.partition("@")[2], notes["slipway.io/version"], notes["slipway.io/phase"]


def answering(made: Ground) -> int:
    """How many ready pods stand behind the Service."""
    words = ("get", "endpointslices", "--selector=kubernetes.io/service-name=tiny-endpoint", "--output=json")
    slices = json.loads(kubectl(*words, "--namespace", made.namespace).stdout)["items"]
    return sum(bool(e["conditions"]["ready"]) for each in slices for e in each["endpoints"] or ())


def kill_while_rolling(project: Path, made: Ground) -> None:
    """Start a release and kill it, without a chance to tidy up, once pods are being replaced."""
    command = [command_path(), "deploy", "tiny", "--env", made.environment]
    with subprocess.Popen(
        command, cwd=project, env=clean_environment() | env(made), stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr or ():
            if "new pods ready" in line:
                process.kill()
                break
    assert process.returncode == -9


def break_overlay(made: Ground) -> str:
    """Make pods refuse their bundle; returns the overlay's text as it was."""
    file = made.root / "deploy" / "overlays" / made.environment / "kustomization.yaml"
    text = file.read_text()
    wrong = {"op": "add", "path": "/spec/template/spec/containers/0/env/-"}
    wrong["value"] = {"name": "SLIPWAY_BUNDLE_DIGEST", "value": "0" * 64}  # type: ignore[assignment]
    document = yaml.safe_load(text)
    document["patches"].append({"target": {"kind": "Deployment"}, "patch": yaml.safe_dump([wrong])})
    file.write_text(yaml.safe_dump(document))
    return text


def test_a_release_goes_out_survives_a_kill_and_a_bad_edit_and_comes_back(project: Path, prepared: Ground) -> None:
    where = ("--env", prepared.environment)
    refused(slipway(project, "deploy", "tiny", *where, env=env(prepared)), 66, "slipway image tiny --version 1 --push")

    succeeded(slipway(project, "image", "tiny", "--push", env=env(prepared)))
    assert "version 1 of tiny is running, 2 pods" in succeeded(
        slipway(project, "deploy", "tiny", *where, env=env(prepared))
    )
    first = deployed(prepared)
    assert first[1:] == ("1", "serving")
    assert answering(prepared) == 2
    assert "running already" in succeeded(slipway(project, "deploy", "tiny", *where, env=env(prepared)))

    change_params(project, "n_estimators: 20", "n_estimators: 24")
    succeeded(slipway(project, "run", "tiny", env={"USER": "ada"}))
    succeeded(slipway(project, "image", "tiny", "--push", env=env(prepared)))
    kill_while_rolling(project, prepared)
    assert deployed(prepared)[1:] == ("2", "rolling")
    assert answering(prepared) >= 2
    succeeded(slipway(project, "deploy", "tiny", *where, env=env(prepared)))
    second = deployed(prepared)
    assert second[1:] == ("2", "serving")
    assert second[0] != first[0]

    whole = break_overlay(prepared)
    refused(
        slipway(project, "deploy", "tiny", *where, env=env(prepared)),
        68,
        "version 2 serves as before",
        "exit code 3",
        "manifest.json",
    )
    assert deployed(prepared) == second
    assert answering(prepared) == 2
    (prepared.root / "deploy" / "overlays" / prepared.environment / "kustomization.yaml").write_text(whole)

    started = time.monotonic()
    said = succeeded(slipway(project, "rollback", "tiny", *where, env=env(prepared)))
    assert time.monotonic() - started < ROLLBACK_SECONDS
    assert "version 1 is champion" in said
    assert deployed(prepared) == first
    assert "champion" in versions(project)[1]


def test_without_a_cluster_it_is_skipped_and_a_silent_one_is_a_failure(project: Path, prepared: Ground) -> None:
    nothing = {name: "" for name in ("KUBECONFIG",) if name in os.environ}
    skipped = slipway(project, "deploy", "tiny", "--env", prepared.environment, env=nothing)
    assert "skipped: KUBECONFIG is not set" in succeeded(skipped)
    silent = env(prepared, KUBECONFIG=str(project / "no-such-file"))
    refused(slipway(project, "deploy", "tiny", "--env", prepared.environment, env=silent), 65)
    refused(slipway(project, "deploy", "tiny", "--env", "nowhere", env=env(prepared)), 10, prepared.environment)
