"""What a release applies is what Kubernetes knows, and what kube-score finds sound."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from slipway.adapters.kubectl import KubectlCluster
from slipway.core.deployment import Place
from slipway.deploying.training import job, schedule
from tests.support.deployments import WANTED
from tests.support.documents import PROJECT
from tests.support.trainings import base, order

pytestmark = pytest.mark.cluster

KUBERNETES = "1.33"
ENVIRONMENTS = ("staging", "production")

ACCEPTED = {
    "deployment-has-host-podantiaffinity": "topologySpreadConstraints deal pods out over hosts and zones",
    "container-image-pull-policy": "images are named by digest: what is there already is what was asked for",
    "deployment-targeted-by-hpa-does-not-have-replicas-configured": "a release keeps the number that it finds",
}


def rendered(folder: Path, environment: str) -> str:
    """The manifests of a release to an environment, as `slipway deploy` applies them."""
    shutil.copytree(PROJECT / "deploy", folder / "deploy")
    wanted = WANTED.model_copy(update={"place": Place(use_case="a_case", environment=environment)})
    return KubectlCluster(folder, ("kubectl",), patience=3.0).render(wanted)


def namespace(environment: str) -> str:
    words = ["kubectl", "kustomize", PROJECT / "deploy" / "namespaces" / environment]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def fits(document: dict[str, Any]) -> None:
    """Hold one object to the schema that Kubernetes publishes, unknown fields included."""
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_object_fits_the_schema_of_its_kind(tmp_path: Path, environment: str) -> None:
    documents = [*yaml.safe_load_all(rendered(tmp_path, environment)), *yaml.safe_load_all(namespace(environment))]
    assert {"Deployment", "Service", "NetworkPolicy", "Namespace", "Role"} <= {each["kind"] for each in documents}
    for document in documents:
        fits(document)


def test_training_fits_its_schema_once_or_on_a_schedule() -> None:
    cron = yaml.safe_load((PROJECT / "deploy" / "training" / "schedule.yaml").read_text(encoding="utf-8"))
    fits(job(base(), order()))
    fits(schedule(base(), cron, order(), "0 4 * * 1"))


def test_a_field_that_kubernetes_does_not_know_is_found(tmp_path: Path) -> None:
    [deployment] = [each for each in yaml.safe_load_all(rendered(tmp_path, "staging")) if each["kind"] == "Deployment"]
    deployment["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        fits(deployment)


def scored(manifests: str, *options: str) -> subprocess.CompletedProcess[str]:
    words = ["kube-score", "score", "--color=never", *options, "-"]
    return subprocess.run(words, input=manifests, capture_output=True, text=True, check=False)


@pytest.mark.policy
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kube_score_finds_nothing_but_what_is_accepted_with_a_reason(tmp_path: Path, environment: str) -> None:
    ignored = [word for test in ACCEPTED for word in ("--ignore-test", test)]
    # a limit on CPU would slow answers while the node is idle; memory is limited
    done = scored(rendered(tmp_path, environment), "--exit-one-on-warning", "--ignore-container-cpu-limit", *ignored)
    assert done.returncode == 0, done.stdout


@pytest.mark.policy
def test_kube_score_would_see_a_pod_that_may_write_its_root(tmp_path: Path) -> None:
    manifests = rendered(tmp_path, "staging").replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")
    assert "ReadOnlyRootFilesystem" in scored(manifests).stdout.replace(" ", "")
