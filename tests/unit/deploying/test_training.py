"""The manifest of a training holds what was asked for, and deploy/training fits image and errors."""

import re
from typing import Any

import pytest
import yaml

from slipway.core import errors
from slipway.core.errors import ParamsInvalid
from slipway.core.job import Order
from slipway.core.params import GitParams
from slipway.deploying.training import JOB_LABEL, job, pod_of, schedule
from tests.support.documents import read
from tests.support.trainings import base, order

CRON = yaml.safe_load(read("deploy/training/schedule.yaml"))


def pod(wanted: Order | None = None) -> dict[str, Any]:
    spec: dict[str, Any] = job(base(), wanted or order())["spec"]["template"]["spec"]
    return spec


def containers(wanted: Order | None = None) -> list[dict[str, Any]]:
    return [*pod(wanted)["initContainers"], *pod(wanted)["containers"]]


def env(wanted: Order) -> dict[str, str]:
    [train] = pod(wanted)["containers"]
    return {entry["name"]: entry["value"] for entry in train["env"]}


def test_limits_come_from_params() -> None:
    spec = job(base(), order(deadline_minutes=5, retries=3, keep_hours=2))["spec"]
    assert (spec["activeDeadlineSeconds"], spec["backoffLimit"], spec["ttlSecondsAfterFinished"]) == (300, 3, 7200)


def test_every_container_is_given_what_params_say_and_no_more_memory() -> None:
    for container in containers(order(cpu="2", memory="3Gi", disk="9Gi")):
        assert container["resources"]["requests"] == {"cpu": "2", "memory": "3Gi", "ephemeral-storage": "9Gi"}
        assert container["resources"]["limits"] == {"memory": "3Gi"}
    assert pod(order(disk="9Gi"))["volumes"][0]["emptyDir"] == {"sizeLimit": "9Gi"}


def test_gpus_selectors_and_tolerations_are_rendered() -> None:
    toleration = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    wanted = order(gpus=2, node_selector={"gpu": "a100"}, tolerations=[toleration])
    bring, train = containers(wanted)
    assert train["resources"]["limits"] == {"memory": "64Mi", "nvidia.com/gpu": "2"}
    assert "nvidia.com/gpu" not in bring["resources"]["limits"]
    assert pod(wanted)["nodeSelector"] == {"gpu": "a100"}
    assert pod(wanted)["tolerations"] == [toleration]
    assert containers(order(gpus=1, gpu_resource="amd.com/gpu"))[1]["resources"]["limits"]["amd.com/gpu"] == "1"


def test_nothing_of_it_is_there_unasked() -> None:
    assert not {"nodeSelector", "tolerations"} & set(pod())
    assert not [container for container in containers() if "envFrom" in container]


def test_secrets_are_named_and_never_held() -> None:
    for container in containers(order(secrets=["login"], config_maps=["settings"])):
        assert container["envFrom"] == [{"secretRef": {"name": "login"}}, {"configMapRef": {"name": "settings"}}]


def test_orders_for_the_same_have_the_same_name_whoever_asks() -> None:
    name = job(base(), order())["metadata"]["name"]
    assert re.fullmatch(r"tiny-case-train-[0-9a-f]{12}", name)
    assert job(base(), order().model_copy(update={"actor": "eve", "release": "8"}))["metadata"]["name"] == name
    for other in (order(image="another"), order(memory="65Mi"), order().model_copy(update={"settings": {}})):
        assert job(base(), other)["metadata"]["name"] != name


def test_the_longest_name_of_a_use_case_makes_names_that_kubernetes_takes() -> None:
    long = order().model_copy(update={"use_case": "a_" * 40})
    made = job(base(), long)
    assert len(f"{made['metadata']['name']}-try") <= 63
    assert all(len(value) <= 63 for value in made["metadata"]["labels"].values())
    assert len(schedule(base(), CRON, long, "0 4 * * 1")["metadata"]["name"]) <= 52


def test_who_asked_is_noted_and_the_release_goes_along() -> None:
    noted = job(base(), order())["metadata"]["annotations"]
    assert (noted["slipway.io/actor"], noted["slipway.io/release"], noted["slipway.io/commit"]) == (
        "ada",
        "7",
        "c" * 40,
    )
    assert env(order())["SLIPWAY_RELEASE"] == "7"


def test_code_is_cloned_where_params_say_from_where() -> None:
    git = GitParams(url="https://example.org/acme/models.git", reference="release")
    wanted = order().model_copy(update={"given": order().given.model_copy(update={"git": git})})
    assert env(wanted)["TRAIN_GIT_URL"] == git.url
    assert env(wanted)["TRAIN_GIT_REFERENCE"] == "release"
    assert "TRAIN_GIT_URL" not in env(order())


def test_pods_are_found_by_their_job() -> None:
    made = job(base(), order())
    assert made["metadata"]["labels"][JOB_LABEL] == made["metadata"]["name"]
    assert made["spec"]["template"]["metadata"]["labels"][JOB_LABEL] == made["metadata"]["name"]
    assert pod_of(made)["spec"] == made["spec"]["template"]["spec"]


def test_a_schedule_never_runs_twice_at_once_and_keeps_little() -> None:
    made = schedule(base(), CRON, order(), "0 4 * * 1")
    spec = made["spec"]
    assert (made["kind"], made["metadata"]["name"], spec["schedule"]) == ("CronJob", "tiny-case-retrain", "0 4 * * 1")
    assert (spec["concurrencyPolicy"], spec["startingDeadlineSeconds"]) == ("Forbid", 3600)
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 3)
    single = spec["jobTemplate"]["spec"]
    assert single["activeDeadlineSeconds"] == 7200
    assert single["template"]["spec"]["containers"][0]["image"] == order().image


def test_the_pod_keeps_to_the_restricted_profile_and_writes_to_its_volumes_only() -> None:
    spec = pod()
    assert spec["automountServiceAccountToken"] is False
    assert (spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["runAsUser"]) == (True, 10001)
    for container in containers():
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    dockerfile = read("Dockerfile.train")
    assert "USER 10001:10001" in dockerfile
    written = re.findall(r"(?:HOME|DVC_SITE_CACHE_DIR)=(/\w+)", dockerfile)
    assert set(written) == {"/workspace"}
    assert {mount["mountPath"] for mount in containers()[0]["volumeMounts"]} == {"/workspace", "/tmp"}  # noqa: S108


def test_what_would_end_the_same_again_is_not_tried_again() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SlipwayError)]
    codes = {kind.exit_code for kind in kinds}
    [rule] = [rule for rule in base()["spec"]["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]
    values = set(rule["onExitCodes"]["values"])
    passing = {errors.SourceUnavailable.exit_code}
    assert values == {code for code in codes if code < 50 and code not in passing} | {2, 137}


@pytest.mark.parametrize("broken", [{}, {"spec": {"template": {"spec": {"containers": [], "volumes": []}}}}])
def test_a_job_without_its_container_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ParamsInvalid, match=r"deploy/training/job\.yaml"):
        job(broken, order())


def test_the_base_itself_is_left_as_it_is() -> None:
    document = base()
    job(document, order(gpus=1, secrets=["login"]))
    assert document == base()
