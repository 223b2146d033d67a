"""A canary is the endpoint once more, told apart by a label, behind the same Service unless it is in the shadow."""

from typing import Any

import yaml

from slipway.core.canary import Canary
from slipway.core.deployment import Place
from slipway.deploying.canary_manifest import canary_manifest, canary_of
from slipway.deploying.kustomization import kustomization
from tests.support.deployments import WANTED
from tests.support.documents import read

PLACE = Place(use_case="a_case", environment="production")
CANARY = Canary(
    place=PLACE,
    image=f"registry.example.org/acme/a_case@sha256:{'a' * 64}",
    version=3,
    record_digest="d" * 64,
    commit="c" * 40,
    release="run 7",
    actor='Ada: the "first"',
    step=1,
    replicas=2,
    shadow=False,
)
LABELS = {
    "app.kubernetes.io/name": "endpoint",
    "app.kubernetes.io/part-of": "slipway",
    "app.kubernetes.io/instance": "a-case",
}


def release() -> str:
    """What kustomize makes of the base, as far as it matters here."""
    found = yaml.safe_load(read("deploy/base/deployment.yaml"))
    labels = LABELS | {"slipway.io/track": "stable"}
    found["metadata"] |= {"name": "a-case-endpoint", "namespace": "slipway-production", "labels": labels}
    found["metadata"]["annotations"] = {"slipway.io/phase": "rolling"}
    found["spec"]["selector"]["matchLabels"] = labels
    found["spec"]["template"]["metadata"]["labels"] = labels
    found["spec"]["template"]["spec"]["containers"][0]["image"] = CANARY.image
    service = {"kind": "Service", "spec": {"selector": LABELS}}
    return yaml.safe_dump_all([service, found])


def manifest(canary: Canary = CANARY) -> Any:
    return yaml.safe_load(canary_manifest(release(), canary))


def pod_labels(document: Any) -> dict[str, str]:
    labels: dict[str, str] = document["spec"]["template"]["metadata"]["labels"]
    return labels


def test_it_is_the_endpoint_under_another_name_with_its_own_number_of_pods() -> None:
    made = manifest()
    [stable] = [each for each in yaml.safe_load_all(release()) if each["kind"] == "Deployment"]
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("a-case-endpoint-canary", "slipway-production")
    assert made["spec"]["replicas"] == 2
    assert made["spec"]["template"]["spec"]["containers"] == stable["spec"]["template"]["spec"]["containers"]


def test_the_service_finds_its_pods_and_what_serves_does_not_count_them_as_its_own() -> None:
    labels = pod_labels(manifest())
    assert labels.items() >= LABELS.items()
    assert labels["slipway.io/track"] == "canary"
    assert labels.items() >= manifest()["spec"]["selector"]["matchLabels"].items()


def test_in_the_shadow_the_service_does_not_find_them_and_the_policy_still_does() -> None:
    labels = pod_labels(manifest(CANARY.model_copy(update={"shadow": True})))
    assert not labels.items() >= LABELS.items()
    patches = yaml.safe_load(kustomization(WANTED, "../overlay"))["patches"]
    [policy] = [yaml.safe_load(patch["patch"]) for patch in patches if patch["target"]["kind"] == "NetworkPolicy"]
    assert policy == [{"op": "remove", "path": "/spec/podSelector/matchLabels/app.kubernetes.io~1name"}]


def test_leaving_the_shadow_keeps_what_a_deployment_may_not_change() -> None:
    shadow = manifest(CANARY.model_copy(update={"shadow": True}))
    assert shadow["spec"]["selector"] == manifest()["spec"]["selector"]


def test_its_pods_are_spread_among_themselves() -> None:
    spreads = manifest()["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {spread["labelSelector"]["matchLabels"]["slipway.io/track"] for spread in spreads} == {"canary"}


def test_its_state_is_read_back_from_what_was_noted() -> None:
    assert canary_of(PLACE, manifest()) == CANARY
    shadow = CANARY.model_copy(update={"shadow": True, "step": 0})
    assert canary_of(PLACE, manifest(shadow)) == shadow
    assert manifest()["metadata"]["annotations"]["slipway.io/phase"] == "canary"


def test_one_that_was_changed_by_hand_is_another() -> None:
    made = manifest()
    made["metadata"]["annotations"] = {"slipway.io/version": "three"}
    assert canary_of(PLACE, made) != CANARY
    assert canary_of(PLACE, made).version == 0
