"""Canaries in a real cluster, made by the account that may only deploy, and their twin keep the same promises."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.canary_twin import Fault, InMemoryCanaries
from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.adapters.docker import DockerImages
from slipway.adapters.kubectl import KubectlCluster
from slipway.adapters.kubectl_canary import KubectlCanaries
from slipway.core.canary import Canary, PodState
from slipway.core.deployment import Deployment, Phase, Place
from slipway.core.errors import ClusterUnreachable, EndpointFailed
from slipway.deploying.counted import counted
from slipway.ports import Canaries, Cluster
from tests.support.bundles import CHURN, model_bytes, write_bundle
from tests.support.clusters import Ground, ground, kubectl
from tests.support.images import BASE, KEY, REPOSITORY, write_sources

SECONDS = 120.0
EXAMPLE = json.dumps(CHURN.examples[0])
NOWHERE = f"{REPOSITORY}/canaries@sha256:{'0' * 64}"
REAL = pytest.param("kubectl", marks=[pytest.mark.cluster, pytest.mark.engine])


@dataclass(frozen=True)
class Stage:
    """A place where an image serves, and the same image to be tried there."""

    cluster: Cluster
    canaries: Canaries
    place: Place
    image: str
    behind: Callable[[], int]
    pause: Callable[[float], None]

    def canary(self, **changes: Any) -> Canary:
        return Canary(
            place=self.place,
            image=self.image,
            version=2,
            record_digest="d" * 64,
            commit="c" * 40,
            release="run 7",
            actor='Ada\'s, with "quotes"',
            step=0,
            replicas=1,
            shadow=False,
        ).model_copy(update=changes)

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not holds():
            assert time.monotonic() < deadline, self.canaries.why(self.place)
            self.pause(0.5)

    def up(self, canary: Canary) -> tuple[PodState, ...]:
        """Let it stand, and wait until its pods may be asked."""
        self.canaries.stand(canary)
        self.until(lambda: sum(pod.ready for pod in self.canaries.pods(self.place)) == canary.replicas)
        return self.canaries.pods(self.place)


@pytest.fixture(scope="module")
def own_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground") / "project") as made:
        yield made


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    engine, tag = DockerImages(), f"{REPOSITORY}/canaries:v1"
    context = write_sources(tmp_path_factory.mktemp("image") / "context")
    write_bundle(context / "bundle", model=model_bytes(CHURN))
    arguments = {"BASE_IMAGE": engine.base(BASE, print).reference, "MODEL_VERSION": "1"}
    engine.build(context, tags=[tag], arguments=arguments, say=lambda _: None)
    return f"{REPOSITORY}/canaries@{engine.push(tag, print)}"


@pytest.fixture(params=[REAL, "twin"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "twin":
        yield twin()
        return
    made: Ground = request.getfixturevalue("own_ground")
    place = made.place(f"a_case_{abs(hash(request.node.name)) % 10**6}")
    canaries = KubectlCanaries(made.cluster)
    image: str = request.getfixturevalue("image")
    yield serving(Stage(made.cluster, canaries, place, image, lambda: behind(made, place), time.sleep))
    made.clear(place)


def twin() -> Stage:
    image = f"{REPOSITORY}/canaries@sha256:{'1' * 64}"
    cluster = InMemoryCluster({image.partition("@")[2]: lambda _: {"probability": 0.5}}, key=KEY)
    canaries = InMemoryCanaries(cluster, faults={NOWHERE.partition("@")[2]: Fault(stuck="ImagePullBackOff")})
    place = Place(use_case="churn", environment="staging")

    def asked() -> int:
        return len(cluster.pods(place)) + sum(
            canary.replicas for canary in canaries.standing_at.values() if not canary.shadow
        )

    return serving(Stage(cluster, canaries, place, image, asked, canaries.pause))


def serving(stage: Stage) -> Stage:
    wanted = Deployment(
        place=stage.place,
        image=stage.image,
        version=1,
        record_digest="d" * 64,
        commit="c" * 40,
        release="run 6",
        actor="ada",
        phase=Phase.SERVING,
    )
    stage.cluster.apply(wanted)
    stage.cluster.wait(stage.place, seconds=SECONDS, say=lambda _: None)
    return stage


def behind(made: Ground, place: Place) -> int:
    """How many ready pods stand behind the Service."""
    words = ("get", "endpointslices", f"--selector=kubernetes.io/service-name={place.name}", "--output=json")
    slices = json.loads(kubectl(*words, "--namespace", made.namespace).stdout)["items"]
    return sum(bool(e["conditions"]["ready"]) for each in slices for e in each["endpoints"] or ())


def test_it_comes_up_beside_what_serves_grows_and_goes_and_what_serves_is_as_it_was(stage: Stage) -> None:
    assert stage.canaries.standing(stage.place) is None
    assert stage.canaries.pods(stage.place) == ()
    stage.canaries.remove(stage.place)
    before, deployed = stage.canaries.stable(stage.place), stage.cluster.deployed(stage.place)
    assert [pod.ready for pod in before] == [True, True]

    [pod] = stage.up(stage.canary())
    assert stage.canaries.standing(stage.place) == stage.canary()
    assert pod.restarts == 0
    stage.until(lambda: stage.behind() == 3)

    grown = stage.canary(step=1, replicas=2)
    assert pod.name in {each.name for each in stage.up(grown)}
    assert stage.canaries.standing(stage.place) == grown
    stage.until(lambda: stage.behind() == 4)

    stage.canaries.remove(stage.place)
    assert stage.canaries.standing(stage.place) is None
    assert stage.canaries.pods(stage.place) == ()
    stage.until(lambda: stage.behind() == 2)
    assert (stage.canaries.stable(stage.place), stage.cluster.deployed(stage.place)) == (before, deployed)


def test_in_the_shadow_it_can_be_asked_by_us_alone(stage: Stage) -> None:
    [pod] = stage.up(stage.canary(shadow=True))
    assert stage.behind() == 2
    with stage.canaries.reach(stage.place, pod.name, key=KEY) as contact:
        assert contact.ask(EXAMPLE).status == 200
    stage.canaries.stand(stage.canary(step=1))
    stage.until(lambda: stage.behind() == 3)


def test_a_pod_of_either_kind_answers_and_tells_what_it_counted(stage: Stage) -> None:
    [pod] = stage.up(stage.canary())
    for name in (pod.name, stage.canaries.stable(stage.place)[0].name):
        with stage.canaries.reach(stage.place, name, key=KEY) as contact:
            before = counted(contact.metrics()).judged
            answers = [contact.ask(EXAMPLE) for _ in range(3)]
            assert [answer.status for answer in answers] == [200] * 3
            assert all(0 < answer.milliseconds < 5000 for answer in answers)
            assert "probability" in json.loads(answers[0].body)
            assert counted(contact.metrics()).judged - before == 3
    with pytest.raises(EndpointFailed), stage.canaries.reach(stage.place, "nobody", key=KEY):
        pass


def test_pods_that_do_not_come_up_say_why(stage: Stage) -> None:
    stage.canaries.stand(stage.canary(image=NOWHERE))
    stage.until(lambda: any(pod.stuck for pod in stage.canaries.pods(stage.place)))
    [pod] = stage.canaries.pods(stage.place)
    assert not pod.ready
    assert "BackOff" in "\n".join(stage.canaries.why(stage.place))


@pytest.mark.parametrize("kind", ["no cluster", "twin"])
def test_without_a_cluster_every_wish_says_so(kind: str, tmp_path: Path) -> None:
    overlay = tmp_path / "deploy" / "overlays" / "staging" / "kustomization.yaml"
    overlay.parent.mkdir(parents=True)
    overlay.write_text("namespace: nowhere\n")
    nobody = ("kubectl", "--server=http://127.0.0.1:1", "--kubeconfig=/dev/null")
    silent = InMemoryCanaries(InMemoryCluster({}, reachable=False))
    absent: Canaries = silent if kind == "twin" else KubectlCanaries(KubectlCluster(tmp_path, nobody))
    place = Place(use_case="churn", environment="staging")
    for wish in (absent.standing, absent.pods, absent.stable, absent.why, absent.remove):
        with pytest.raises(ClusterUnreachable):
            wish(place)
