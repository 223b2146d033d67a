"""The manifests fit the endpoint and its image: where one of them changes, the other has to."""

import re
from typing import Any

import pytest
import yaml

from serving.server.process import GRACE_SECONDS
from slipway.core.deployment import Deployment, Phase
from slipway.core.errors import ParamsInvalid
from slipway.deploying.annotations import annotations, deployment_of
from slipway.deploying.kustomization import kustomization, namespace_of
from tests.support.deployments import WANTED
from tests.support.documents import read


def base(name: str) -> Any:
    return yaml.safe_load(read(f"deploy/base/{name}.yaml"))


def pod() -> Any:
    return base("deployment")["spec"]["template"]["spec"]


def container() -> Any:
    [only] = pod()["containers"]
    return only


def rendered(deployment: Deployment = WANTED) -> Any:
    return yaml.safe_load(kustomization(deployment, "../overlay"))


def test_probes_ask_routes_that_the_endpoint_has() -> None:
    routes = set(re.findall(r'@app.get\("([^"]+)"', read("serving/routes/health.py")))
    asked = {container()[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "readiness", "liveness")}
    assert asked == {"/health/ready", "/health/live"}
    assert asked <= routes
    assert container()["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_probes_and_metrics_are_on_the_port_that_asks_no_key() -> None:
    [port] = [entry["value"] for entry in container()["env"] if entry["name"] == "SLIPWAY_MANAGEMENT_PORT"]
    ports = {entry["name"]: entry["containerPort"] for entry in container()["ports"]}
    scraped = base("deployment")["spec"]["template"]["metadata"]["annotations"]
    assert ports == {"http": 8080, "management": int(port)}
    assert scraped["prometheus.io/port"] == port
    assert f"SLIPWAY_PORT={ports['http']}" in read("Dockerfile.serve")


def test_a_pod_is_given_longer_to_end_than_the_endpoint_needs() -> None:
    slept = container()["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert slept > 0
    assert pod()["terminationGracePeriodSeconds"] >= slept + 1.5 * GRACE_SECONDS + 5


def test_pods_run_as_the_image_s_user_and_find_its_keys() -> None:
    dockerfile = read("Dockerfile.serve")
    assert f"USER {pod()['securityContext']['runAsUser']}:{pod()['securityContext']['runAsGroup']}" in dockerfile
    assert pod()["securityContext"]["runAsNonRoot"] is True
    [mount] = container()["volumeMounts"]
    assert f"SLIPWAY_KEYS={mount['mountPath']}/keys" in dockerfile


def test_pods_hold_no_token_no_capability_and_write_nowhere() -> None:
    assert pod()["automountServiceAccountToken"] is False
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_no_pod_is_taken_away_before_another_is_ready() -> None:
    spec = base("deployment")["spec"]
    assert spec["replicas"] >= 2
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_the_service_does_not_tell_tracks_apart() -> None:
    """A canary's pods are to stand behind it too."""
    assert base("deployment")["spec"]["selector"]["matchLabels"] == {"slipway.io/track": "stable"}
    assert base("service")["spec"]["selector"] == {}


def test_an_image_goes_in_by_its_digest_alone() -> None:
    assert rendered()["images"] == [
        {"name": "endpoint", "newName": "registry.example.org/acme/a_case", "digest": f"sha256:{'a' * 64}"}
    ]


def test_names_are_those_kubernetes_allows() -> None:
    assert rendered()["namePrefix"] == "a-case-"
    assert (WANTED.place.name, WANTED.place.keys) == ("a-case-endpoint", "a-case-keys")


def test_who_deployed_it_is_noted_and_is_no_reason_to_replace_pods() -> None:
    def template(deployment: Deployment) -> Any:
        return yaml.safe_load(rendered(deployment)["patches"][0]["patch"])["spec"]["template"]

    other = WANTED.model_copy(update={"release": "run 8", "actor": "grace", "phase": Phase.SERVING, "commit": "e" * 40})
    assert template(other) == template(WANTED)
    assert template(WANTED.model_copy(update={"version": 4})) != template(WANTED)


def test_the_number_of_pods_is_the_overlay_s_unless_it_is_told() -> None:
    assert "replicas" not in yaml.safe_load(rendered()["patches"][0]["patch"])["spec"]
    told = rendered(WANTED.model_copy(update={"replicas": 5}))
    assert yaml.safe_load(told["patches"][0]["patch"])["spec"]["replicas"] == 5


def test_all_pods_start_at_once_where_that_is_wished_for_and_else_as_the_overlay_says() -> None:
    assert "strategy" not in yaml.safe_load(rendered()["patches"][0]["patch"])["spec"]
    told = rendered(WANTED.model_copy(update={"at_once": True}))
    assert yaml.safe_load(told["patches"][0]["patch"])["spec"]["strategy"] == {"rollingUpdate": {"maxSurge": "100%"}}


def test_a_state_that_is_noted_is_read_back() -> None:
    noted = annotations(WANTED)
    assert noted["kubernetes.io/change-cause"] == 'release run 7: version 3 of a_case, by Ada: the "first"'
    assert deployment_of(WANTED.place, WANTED.image, "t", 2, noted) == WANTED.model_copy(
        update={"template": "t", "replicas": 2}
    )


def test_a_deployment_made_by_hand_counts_as_not_finished() -> None:
    found = deployment_of(WANTED.place, "churn:latest", "t", 1, {"slipway.io/version": "seven"})
    assert (found.phase, found.version, found.digest, found.good) == (Phase.ROLLING, 0, "", "")


@pytest.mark.parametrize("text", ["", "resources: [../../base]", "namespace: ''", "namespace: [", "- a"])
def test_an_overlay_without_a_namespace_is_refused(text: str) -> None:
    with pytest.raises(ParamsInvalid, match="deploy/overlays/staging"):
        namespace_of("deploy/overlays/staging", text)
