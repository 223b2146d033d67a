"""A release ends in pods that answer as the model does, or in those that served before."""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.deployment import Deployment, Phase, Place
from slipway.core.errors import (
    ClusterUnreachable,
    DeployRefused,
    EndpointFailed,
    ReleaseMissing,
    RolloutFailed,
    VersionUnknown,
)
from slipway.core.version import Version
from slipway.ports import Cluster
from slipway.stages.deploy import Delivery, champion_of, deploy, roll_back
from slipway.workspace.bundle import read_record
from tests.support.bundles import CHURN, model_bytes, write_bundle
from tests.support.deliveries import Killed, Mortal
from tests.support.records import release

PLACE = Place(use_case="churn", environment="staging")
DIGESTS = {number: f"sha256:{number:064x}" for number in (1, 2, 3)}


def model(number: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def predict(row: dict[str, Any]) -> dict[str, Any]:
        weight = 0.05 * number
        return {"probability": 1 / (1 + math.exp(-(weight * row["tenure"] + (row["contract"] == "Two year"))))}

    return predict


@pytest.fixture
def cluster() -> InMemoryCluster:
    return InMemoryCluster({digest: model(number) for number, digest in DIGESTS.items()})


@pytest.fixture
def registry(tmp_path: Path) -> InMemoryRegistry:
    """Versions 1, 2 and 3, of which 1 and 2 were promoted and all were pushed."""
    registry = InMemoryRegistry(tmp_path / "bundles")
    for number in (1, 2, 3):
        bundle = write_bundle(tmp_path / str(number), model=model_bytes(CHURN, 0.05 * number))
        registry.register(read_record(bundle), bundle, [])
        registry.set_release("churn", number, release(DIGESTS[number]))
    registry.promote("churn", 1, expected_champion=None)
    registry.promote("churn", 2, expected_champion=1)
    return registry


@pytest.fixture
def delivery(registry: InMemoryRegistry, cluster: InMemoryCluster) -> Delivery:
    return Delivery(
        registry=registry,
        cluster=cluster,
        place=PLACE,
        key=cluster.key,
        release="run-7",
        actor="ada",
        commit="c" * 40,
        say=lambda _: None,
    )


def version(delivery: Delivery, number: int) -> Version:
    return delivery.registry.versions("churn")[number - 1]


def running(cluster: Cluster) -> Deployment:
    found = cluster.deployed(PLACE)
    assert found is not None
    return found


def champion(delivery: Delivery) -> int:
    return champion_of(delivery.registry, "churn").number


def test_the_champion_s_image_runs_by_its_digest_and_says_whose_it_is(
    delivery: Delivery, cluster: InMemoryCluster
) -> None:
    said = deploy(delivery, champion_of(delivery.registry, "churn"))
    found = running(cluster)
    assert said == "version 2 of churn is running, 2 pods answer as the model"
    assert found.image == f"registry.example.org/acme/churn@{DIGESTS[2]}"
    assert (found.version, found.release, found.actor, found.commit) == (2, "run-7", "ada", "c" * 40)
    assert found.record_digest == version(delivery, 2).record_digest
    assert found.phase is Phase.SERVING


def test_a_version_without_an_image_is_refused_and_nothing_changes(
    delivery: Delivery, cluster: InMemoryCluster
) -> None:
    with pytest.raises(ReleaseMissing, match="no image"):
        deploy(delivery, version(delivery, 1).model_copy(update={"release": None}))
    assert cluster.deployed(PLACE) is None


def test_a_use_case_without_champion_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VersionUnknown, match="no champion"):
        champion_of(InMemoryRegistry(tmp_path), "churn")


def test_what_runs_already_is_left_alone_and_asked_again(delivery: Delivery, cluster: InMemoryCluster) -> None:
    deploy(delivery, version(delivery, 2))
    before = running(cluster)
    said = deploy(replace(delivery, release="run-8"), version(delivery, 2))
    assert said == "version 2 of churn is running already, 2 pods answer as the model"
    assert (running(cluster), cluster.rollouts) == (before, 1)


def test_an_edit_of_the_manifests_is_rolled_out_though_the_image_is_the_same(
    delivery: Delivery, cluster: InMemoryCluster
) -> None:
    deploy(delivery, version(delivery, 2))
    cluster.overlay = "edited"
    deploy(replace(delivery, release="run-8"), version(delivery, 2))
    assert (running(cluster).release, cluster.rollouts) == ("run-8", 2)


def test_the_number_of_pods_that_runs_is_kept(delivery: Delivery, cluster: InMemoryCluster) -> None:
    deploy(delivery, version(delivery, 1))
    cluster.places[PLACE] = running(cluster).model_copy(update={"replicas": 5})
    assert "5 pods" in deploy(delivery, version(delivery, 2))


def test_pods_that_somebody_took_away_come_back(delivery: Delivery, cluster: InMemoryCluster) -> None:
    deploy(delivery, version(delivery, 2))
    cluster.places[PLACE] = running(cluster).model_copy(update={"replicas": 0})
    assert "is running, 2 pods" in deploy(delivery, version(delivery, 2))


def test_what_runs_already_and_does_not_come_up_any_more_is_a_failure(
    delivery: Delivery, cluster: InMemoryCluster
) -> None:
    deploy(delivery, version(delivery, 2))
    cluster.broken.add(DIGESTS[2])
    with pytest.raises(RolloutFailed):
        deploy(delivery, version(delivery, 2))


@pytest.mark.parametrize(("fault", "error"), [("reachable", ClusterUnreachable), ("takes", DeployRefused)])
def test_a_cluster_that_does_not_take_it_is_left_as_it_was(
    delivery: Delivery, cluster: InMemoryCluster, fault: str, error: type[Exception]
) -> None:
    deploy(delivery, version(delivery, 1))
    before = running(cluster)
    setattr(cluster, fault, False)
    with pytest.raises(error):
        deploy(delivery, version(delivery, 2))
    setattr(cluster, fault, True)
    assert running(cluster) == before


def test_pods_that_do_not_come_up_make_room_for_those_before(delivery: Delivery, cluster: InMemoryCluster) -> None:
    deploy(delivery, version(delivery, 1))
    before = running(cluster)
    cluster.broken.add(DIGESTS[2])
    with pytest.raises(RolloutFailed, match="version 1 serves as before") as failure:
        deploy(delivery, version(delivery, 2))
    assert "BackOff" in failure.value.cause
    assert running(cluster) == before


def test_pods_that_answer_as_another_model_make_room_for_those_before(
    delivery: Delivery, cluster: InMemoryCluster
) -> None:
    deploy(delivery, version(delivery, 1))
    cluster.predict = {**cluster.predict, DIGESTS[2]: model(3)}
    with pytest.raises(RolloutFailed, match=r"where the model itself says.*version 1 serves as before"):
        deploy(delivery, version(delivery, 2))
    assert (running(cluster).version, running(cluster).phase) == (1, Phase.SERVING)


def test_an_edit_that_does_not_work_makes_room_for_the_same_image_as_it_was(
    delivery: Delivery, cluster: InMemoryCluster
) -> None:
    deploy(delivery, version(delivery, 2))
    before = running(cluster)
    cluster.overlay = "edited"
    cluster.broken.add(DIGESTS[2])
    with pytest.raises(RolloutFailed, match="going back failed too"):
        deploy(delivery, version(delivery, 2))
    assert running(cluster).template == before.template


def test_the_first_release_that_fails_has_nothing_to_go_back_to(delivery: Delivery, cluster: InMemoryCluster) -> None:
    cluster.broken.add(DIGESTS[1])
    with pytest.raises(RolloutFailed, match="nothing served there before"):
        deploy(delivery, version(delivery, 1))


def test_what_served_before_and_is_not_remembered_is_said(delivery: Delivery, cluster: InMemoryCluster) -> None:
    deploy(delivery, version(delivery, 1))
    cluster.remembered.clear()
    cluster.broken.add(DIGESTS[2])
    with pytest.raises(RolloutFailed, match="does not remember"):
        deploy(delivery, version(delivery, 2))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("calls", range(1, 9))
@pytest.mark.parametrize("broken", [False, True])
def test_killed_anywhere_and_run_again_it_converges(
    delivery: Delivery, cluster: InMemoryCluster, calls: int, after: bool, broken: bool
) -> None:
    deploy(delivery, version(delivery, 1))
    cluster.broken = {DIGESTS[2]} if broken else set()
    with suppress(Killed, RolloutFailed):
        deploy(replace(delivery, cluster=Mortal(cluster, calls, after)), version(delivery, 2))
    cluster.broken = set()
    deploy(delivery, version(delivery, 2))
    assert (running(cluster).version, running(cluster).phase) == (2, Phase.SERVING)


@pytest.mark.parametrize("calls", range(1, 9))
def test_killed_anywhere_and_followed_by_a_failure_the_good_one_comes_back(
    delivery: Delivery, cluster: InMemoryCluster, calls: int
) -> None:
    deploy(delivery, version(delivery, 1))
    with suppress(Killed):
        deploy(replace(delivery, cluster=Mortal(cluster, calls, after=True)), version(delivery, 2))
    served = running(cluster)
    good = served.version if served.phase is Phase.SERVING else 1
    cluster.broken = {DIGESTS[3]}
    with pytest.raises(RolloutFailed, match=f"version {good} serves as before"):
        deploy(delivery, version(delivery, 3))
    assert (running(cluster).version, running(cluster).phase) == (good, Phase.SERVING)


def test_a_key_that_the_endpoint_does_not_know_is_told(delivery: Delivery) -> None:
    with pytest.raises(RolloutFailed, match="cannot be asked"):
        deploy(replace(delivery, key="another"), version(delivery, 2))


def test_a_rollback_takes_digest_and_alias_back_together(delivery: Delivery, cluster: InMemoryCluster) -> None:
    deploy(delivery, version(delivery, 2))
    said = roll_back(delivery)
    assert said.endswith("version 1 is champion of churn again; version 2 is withdrawn")
    assert (running(cluster).version, champion(delivery)) == (1, 1)


def test_a_rollback_to_a_version_goes_there_and_again_stays_there(delivery: Delivery, cluster: InMemoryCluster) -> None:
    delivery.registry.promote("churn", 3, expected_champion=2)
    deploy(delivery, version(delivery, 3))
    roll_back(delivery, 1)
    assert (running(cluster).version, champion(delivery)) == (1, 1)
    roll_back(delivery, 1)
    assert (running(cluster).version, champion(delivery), cluster.rollouts) == (1, 1, 2)


def test_a_rollback_to_what_never_was_champion_is_refused(delivery: Delivery, cluster: InMemoryCluster) -> None:
    with pytest.raises(VersionUnknown, match="version 3 of churn was never champion"):
        roll_back(delivery, 3)
    assert cluster.deployed(PLACE) is None


def test_a_rollback_whose_pods_do_not_come_up_leaves_registry_and_cluster_as_they_were(
    delivery: Delivery, cluster: InMemoryCluster
) -> None:
    deploy(delivery, version(delivery, 2))
    cluster.broken.add(DIGESTS[1])
    with pytest.raises(RolloutFailed, match="version 2 serves as before"):
        roll_back(delivery)
    assert (running(cluster).version, champion(delivery)) == (2, 2)


@pytest.mark.parametrize("calls", range(1, 9))
def test_a_rollback_that_was_killed_and_is_run_again_goes_back_once(
    delivery: Delivery, cluster: InMemoryCluster, calls: int
) -> None:
    delivery.registry.promote("churn", 3, expected_champion=2)
    deploy(delivery, version(delivery, 3))
    with pytest.raises(Killed):
        roll_back(replace(delivery, cluster=Mortal(cluster, calls, after=True)))
    roll_back(delivery)
    assert (running(cluster).version, champion(delivery)) == (2, 2)


def test_a_pod_that_is_gone_is_no_answer(delivery: Delivery, cluster: InMemoryCluster) -> None:
    with pytest.raises(EndpointFailed), cluster.forward(PLACE, "nobody", key=cluster.key):
        pass
