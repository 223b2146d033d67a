"""A real cluster, asked as the account that may only deploy, and its twin keep the same promises."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.adapters.docker import DockerImages
from slipway.adapters.kubectl import KubectlCluster
from slipway.core.deployment import Deployment, Phase, Place
from slipway.core.errors import ClusterUnreachable, DeployRefused, EndpointFailed, RolloutFailed
from slipway.ports import Cluster
from tests.support.bundles import CHURN, model_bytes, write_bundle
from tests.support.clusters import Ground, ground
from tests.support.images import BASE, KEY, REPOSITORY, write_sources

SECONDS = 120.0
EXAMPLE = CHURN.examples[0]
PULLED_IN_VAIN = f"sha256:{'0' * 64}"
REAL = pytest.param("kubectl", marks=[pytest.mark.cluster, pytest.mark.engine])


@dataclass(frozen=True)
class Stage:
    """A cluster, a place of one's own in it, and images that two models answer in; a third never comes up."""

    cluster: Cluster
    place: Place
    one: str
    two: str
    broken: str

    def wanted(self, image: str, version: int, **changes: Any) -> Deployment:
        return Deployment(
            place=self.place,
            image=image,
            version=version,
            record_digest="d" * 64,
            commit="c" * 40,
            release="run 7",
            actor='Ada\'s, with "quotes"',
            phase=Phase.ROLLING,
        ).model_copy(update=changes)

    def roll(self, image: str, version: int) -> Deployment:
        self.cluster.apply(self.wanted(image, version))
        self.cluster.wait(self.place, seconds=SECONDS, say=quiet)
        return self.running

    @property
    def running(self) -> Deployment:
        found = self.cluster.deployed(self.place)
        assert found is not None
        return found


def quiet(_: str) -> None:
    pass


def weighing(weight: float) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    def predict(row: dict[str, Any]) -> dict[str, Any]:
        return {"probability": 1 / (1 + math.exp(-(weight * row["tenure"] + (row["contract"] == "Two year"))))}

    return predict


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[float, str]:
    """References of pushed images, by the weight of their model."""
    engine, pushed = DockerImages(), {}
    for number, weight in enumerate((0.05, 0.1), start=1):
        context = write_sources(tmp_path_factory.mktemp("image") / "context")
        write_bundle(context / "bundle", model=model_bytes(CHURN, weight))
        tag = f"{REPOSITORY}/cluster:v{number}"
        arguments = {"BASE_IMAGE": engine.base(BASE, quiet).reference, "MODEL_VERSION": str(number)}
        engine.build(context, tags=[tag], arguments=arguments, say=quiet)
        pushed[weight] = f"{REPOSITORY}/cluster@{engine.push(tag, quiet)}"
    return pushed


@pytest.fixture(scope="module")
def own_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground") / "project") as made:
        yield made


@pytest.fixture(params=[REAL, "twin"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "twin":
        one, two, broken = (f"{REPOSITORY}/cluster@sha256:{letter * 64}" for letter in "120")
        predict = {one.partition("@")[2]: weighing(0.05), two.partition("@")[2]: weighing(0.1)}
        cluster = InMemoryCluster(predict, broken={PULLED_IN_VAIN}, key=KEY)
        yield Stage(cluster, Place(use_case="churn", environment="staging"), one, two, broken)
        return
    made: Ground = request.getfixturevalue("own_ground")
    pushed: dict[float, str] = request.getfixturevalue("images")
    place = made.place(f"a_case_{abs(hash(request.node.name)) % 10**6}")
    yield Stage(made.cluster, place, pushed[0.05], pushed[0.1], f"{REPOSITORY}/cluster@{PULLED_IN_VAIN}")
    made.clear(place)


def answer(stage: Stage, pod: str, key: str = KEY) -> float:
    with stage.cluster.forward(stage.place, pod, key=key) as endpoint:
        return float(json.loads(endpoint.post("/predict", json.dumps(EXAMPLE)))["probability"])


def test_where_nothing_was_deployed_nothing_is_and_a_preview_leaves_it_so(stage: Stage) -> None:
    changes = stage.cluster.preview(stage.wanted(stage.one, 1))
    assert any(stage.place.name in line for line in changes)
    assert stage.cluster.deployed(stage.place) is None
    assert not stage.cluster.undo(stage.place, "anything")


def test_what_is_applied_comes_up_is_told_back_and_answers(stage: Stage) -> None:
    told: list[str] = []
    stage.cluster.apply(stage.wanted(stage.one, 1, last_good="before"))
    stage.cluster.wait(stage.place, seconds=SECONDS, say=told.append)
    running = stage.running
    assert told[-1] == "2 of 2 new pods ready"
    assert running == stage.wanted(stage.one, 1, last_good="before", template=running.template, replicas=2)
    assert running.template
    pods = stage.cluster.pods(stage.place)
    assert len(pods) == 2
    assert answer(stage, pods[0]) == pytest.approx(1 / (1 + math.exp(-0.6)), abs=1e-6)
    with pytest.raises(EndpointFailed):
        answer(stage, pods[0], key="not this one")
    with pytest.raises(EndpointFailed):
        answer(stage, "nobody")
    assert stage.cluster.preview(running) == ()


def test_noting_a_state_replaces_no_pod(stage: Stage) -> None:
    stage.roll(stage.one, 1)
    pods = stage.cluster.pods(stage.place)
    stage.cluster.note(stage.running.model_copy(update={"phase": Phase.SERVING, "release": "run 8"}))
    assert (stage.running.phase, stage.running.release) == (Phase.SERVING, "run 8")
    assert set(stage.cluster.pods(stage.place)) == set(pods)
    assert stage.cluster.preview(stage.running) == ()


def test_a_new_image_replaces_the_old_one_and_undoing_brings_it_back_with_its_notes(stage: Stage) -> None:
    first = stage.roll(stage.one, 1)
    second = stage.roll(stage.two, 2)
    assert first.template != second.template
    assert answer(stage, stage.cluster.pods(stage.place)[0]) == pytest.approx(1 / (1 + math.exp(-1.2)), abs=1e-6)
    assert stage.cluster.undo(stage.place, first.template)
    stage.cluster.wait(stage.place, seconds=SECONDS, say=quiet)
    assert stage.running == first
    assert answer(stage, stage.cluster.pods(stage.place)[0]) == pytest.approx(1 / (1 + math.exp(-0.6)), abs=1e-6)


def test_pods_that_start_all_at_once_are_told_back_so_and_are_the_same_pods(stage: Stage) -> None:
    first = stage.roll(stage.one, 1)
    stage.roll(stage.two, 2)
    stage.cluster.apply(stage.wanted(stage.one, 1, at_once=True))
    stage.cluster.wait(stage.place, seconds=SECONDS, say=quiet)
    assert stage.running == first.model_copy(update={"at_once": True})
    assert stage.cluster.preview(stage.running) == ()
    assert stage.cluster.preview(stage.running.model_copy(update={"at_once": False})) != ()


def test_pods_that_do_not_come_up_are_told_and_can_be_undone(stage: Stage) -> None:
    first = stage.roll(stage.one, 1)
    stage.cluster.apply(stage.wanted(stage.broken, 2))
    with pytest.raises(RolloutFailed) as failure:
        stage.cluster.wait(stage.place, seconds=SECONDS, say=quiet)
    assert "BackOff" in failure.value.cause
    assert stage.cluster.pods(stage.place) == ()
    assert stage.cluster.undo(stage.place, first.template)
    stage.cluster.wait(stage.place, seconds=SECONDS, say=quiet)
    assert stage.running == first


def test_an_account_that_may_not_is_told_so(stage: Stage) -> None:
    elsewhere = stage.place.model_copy(update={"environment": "staging"})  # where another account deploys
    if isinstance(stage.cluster, InMemoryCluster):
        stage.cluster.takes = False
    with pytest.raises(DeployRefused):
        stage.cluster.preview(stage.wanted(stage.one, 1, place=elsewhere))


@pytest.mark.parametrize("kind", ["no cluster", "no command", "twin"])
def test_without_a_cluster_every_wish_says_so(kind: str, tmp_path: Path) -> None:
    overlay = tmp_path / "deploy" / "overlays" / "staging" / "kustomization.yaml"
    overlay.parent.mkdir(parents=True)
    overlay.write_text("namespace: nowhere\n")
    nobody = ("kubectl", "--server=http://127.0.0.1:1", "--kubeconfig=/dev/null")
    absent: Cluster = {
        "no cluster": KubectlCluster(tmp_path, nobody),
        "no command": KubectlCluster(tmp_path, ("no-such-program",)),
        "twin": InMemoryCluster({}, reachable=False),
    }[kind]
    place = Place(use_case="churn", environment="staging")
    for wish in (
        absent.deployed,
        absent.pods,
        lambda place: absent.undo(place, "any"),
        lambda p: absent.wait(p, seconds=1, say=quiet),
    ):
        with pytest.raises(ClusterUnreachable):
            wish(place)
