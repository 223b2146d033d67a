"""Bad releases are stopped by their canaries in a real cluster, and what serves is not touched."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from slipway.adapters.docker import DockerImages
from slipway.adapters.kubectl_canary import KubectlCanaries
from slipway.adapters.mlflow.registry import MlflowRegistry
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.deployment import Phase, Place
from slipway.core.errors import CanaryBreached
from slipway.core.params import CanaryParams, CanaryStep
from slipway.core.release import Release
from slipway.core.stage_result import StageResult
from slipway.core.version import Version
from slipway.stages.canary import CanaryRun
from slipway.stages.deploy import Delivery, deploy
from slipway.workspace.bundle import read_record
from slipway.workspace.paths import Paths
from tests.e2e.conftest import change_params, refused, succeeded
from tests.support.bundles import CHURN, model_bytes, write_bundle
from tests.support.canaries import FAULTS, faulty, renamed, steady_load
from tests.support.clusters import Ground, ground, kubectl
from tests.support.deliveries import Killed
from tests.support.images import BASE, KEY, REPOSITORY, write_sources
from tests.support.records import release
from tests.support.workspace import slipway

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

PARAMS = CanaryParams(environments=("any",), steps=(CanaryStep(share=10, requests=1200, seconds=240),))
QUICK = CanaryParams(
    environments=("any",),
    steps=(CanaryStep(share=0, requests=100, seconds=30), CanaryStep(share=10, requests=100, seconds=30)),
)
ROWS = [{"tenure": float(month), "total charges": 500.5, "contract": "Two year"} for month in range(0, 72, 3)]
CANARY = """\
    deploy:
      canary:
        environments: [{environment}]
        steps:
          - {{share: 10, requests: 200, seconds: 20}}
    gates:
"""
SIGNALS = {
    "crashes": "restarts",
    "errors": "errors",
    "slow": "latency",
    "shifted": "predictions",
    "refuses": "refused inputs",
    "leaks": "restarts",
    "another version's": "predictions",
}


@dataclass(frozen=True)
class Stage:
    """Version 1 serves; version 2 is registered with a sound image, and with as many bad ones as there are faults."""

    made: Ground
    delivery: Delivery
    bad: dict[str, str]

    @property
    def place(self) -> Place:
        return self.delivery.place

    def tried(self, params: CanaryParams) -> Delivery:
        return replace(self.delivery, canary=CanaryRun(KubectlCanaries(self.made.cluster), params))

    def version(self, number: int) -> Version:
        return self.delivery.registry.versions("churn")[number - 1]

    def serving(self) -> list[tuple[str, str, int]]:
        """Name, ReplicaSet and restarts of every pod that serves and is not about to end."""
        label = f"--selector=app.kubernetes.io/instance={self.place.instance},slipway.io/track=stable"
        told = kubectl("get", "pods", label, "--namespace", self.made.namespace, "--output=json").stdout
        return sorted(
            (
                pod["metadata"]["name"],
                pod["metadata"]["ownerReferences"][0]["name"],
                sum(each["restartCount"] for each in pod["status"]["containerStatuses"]),
            )
            for pod in json.loads(told)["items"]
            if "deletionTimestamp" not in pod["metadata"]
        )

    def canaries(self) -> str:
        """Names of Deployments that are canaries'."""
        words = ("get", "deployments", "--selector=slipway.io/track=canary", "--output=name")
        return kubectl(*words, "--namespace", self.made.namespace).stdout.strip()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of version 1, of version 2, and of version 2 with each fault."""
    folder, engine = tmp_path_factory.mktemp("images"), DockerImages()
    pushed = {}
    for number in (1, 2):
        context = write_sources(folder / str(number))
        write_bundle(context / "bundle", model=model_bytes(CHURN, 0.05 * number))
        tag = f"{REPOSITORY}/canary:v{number}"
        arguments = {"BASE_IMAGE": engine.base(BASE, print).reference, "MODEL_VERSION": str(number)}
        engine.build(context, tags=[tag], arguments=arguments, say=lambda _: None)
        pushed[str(number)] = engine.push(tag, print)
    for fault in FAULTS:
        pushed[fault] = faulty(f"{REPOSITORY}/canary:v2", fault, folder / fault, f"{REPOSITORY}/canary:{fault}")
    pushed["another version's"] = renamed(f"{REPOSITORY}/canary:v1", folder / "renamed", f"{REPOSITORY}/canary:other")
    return pushed


@pytest.fixture(scope="module")
def own_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground") / "project") as made:
        yield made


@pytest.fixture
def stage(own_ground: Ground, images: dict[str, str], tmp_path: Path) -> Stage:
    registry = InMemoryRegistry(tmp_path / "bundles")
    for number in (1, 2):
        bundle = write_bundle(tmp_path / str(number), model=model_bytes(CHURN, 0.05 * number))
        registry.register(read_record(bundle), bundle, [])
        registry.set_release("churn", number, released(images[str(number)]))
    registry.promote("churn", 1, expected_champion=None)
    delivery = Delivery(
        registry=registry,
        cluster=own_ground.cluster,
        place=own_ground.place("churn"),
        key=KEY,
        release="e2e",
        actor="ada",
        commit="c" * 40,
        say=print,
    )
    made = Stage(own_ground, delivery, images)
    deploy(delivery, made.version(1))
    return made


def released(digest: str) -> Release:
    return release(digest).model_copy(update={"image": f"{REPOSITORY}/canary"})


@pytest.mark.parametrize("fault", SIGNALS)
def test_a_planted_fault_is_stopped_and_what_serves_is_not_touched(stage: Stage, fault: str) -> None:
    stage.delivery.registry.set_release("churn", 2, released(stage.bad[fault]))
    before, deployed = stage.serving(), stage.made.cluster.deployed(stage.place)
    with steady_load(stage.made, stage.place.name, ROWS) as load, pytest.raises(CanaryBreached) as failure:
        deploy(stage.tried(PARAMS), stage.version(2))
    assert SIGNALS[fault] in failure.value.what
    assert "serves untouched: the same 2 pods, none started anew" in failure.value.what
    assert (stage.serving(), stage.made.cluster.deployed(stage.place)) == (before, deployed)
    assert stage.canaries() == ""
    met = load.asked - load.got["1"]
    assert load.got["1"]
    assert met <= 0.45 * load.asked, load  # a third by the number of pods


def test_a_sound_release_passes_in_the_shadow_and_in_the_light_and_all_pods_follow(stage: Stage) -> None:
    with steady_load(stage.made, stage.place.name, ROWS) as load:
        said = deploy(stage.tried(QUICK), stage.version(2))
    found = stage.made.cluster.deployed(stage.place)
    assert found is not None
    assert (found.version, found.phase) == (2, Phase.SERVING)
    assert "its canary passed" in said
    assert stage.canaries() == ""
    assert set(load.got) == {"1", "2"}
    assert load.lost == 0


def test_a_canary_that_a_killed_run_left_is_gone_on_with_or_makes_room_for_another(stage: Stage) -> None:
    def killed(seconds: float) -> None:
        if stage.canaries() and any(pod.ready for pod in KubectlCanaries(stage.made.cluster).pods(stage.place)):
            raise Killed
        time.sleep(seconds)

    light = CanaryParams(environments=("any",), steps=QUICK.steps[1:])
    tried, said = stage.tried(light), list[str]()
    assert tried.canary is not None
    with pytest.raises(Killed):
        deploy(replace(tried, canary=replace(tried.canary, pause=killed)), stage.version(2))
    assert stage.canaries() == "deployment.apps/churn-endpoint-canary"
    stage.delivery.registry.set_release("churn", 2, released(stage.bad["shifted"]))
    with pytest.raises(CanaryBreached):
        deploy(replace(tried, say=said.append), stage.version(2))
    assert any("was left there: it is removed" in line for line in said)
    assert stage.canaries() == ""

    stage.delivery.registry.set_release("churn", 2, released(stage.bad["2"]))
    with pytest.raises(Killed):
        deploy(replace(tried, canary=replace(tried.canary, pause=killed)), stage.version(2))
    assert "its canary passed" in deploy(replace(tried, say=said.append), stage.version(2))
    assert any("going on with it" in line for line in said)
    assert stage.canaries() == ""


@pytest.fixture
def prepared(project: Path) -> Iterator[Ground]:
    with ground(project) as made:
        made.place("tiny")
        yield made


def test_the_command_ends_with_a_code_of_its_own_names_the_signal_and_then_lets_the_sound_one_out(
    project: Path, prepared: Ground, tmp_path: Path
) -> None:
    settings = {"KUBECONFIG": str(prepared.kubeconfig), "SLIPWAY_API_KEY": KEY, "USER": "ada"}
    settings |= {"SLIPWAY_IMAGE_REPOSITORY": REPOSITORY, "SLIPWAY_BASE_IMAGE": BASE}
    where = ("deploy", "tiny", "--env", prepared.environment)
    succeeded(slipway(project, "image", "tiny", "--push", env=settings))
    change_params(project, "    gates:\n", CANARY.format(environment=prepared.environment))
    assert "no canary: nothing serves there" in slipway(project, *where, env=settings).stderr

    change_params(project, "n_estimators: 20", "n_estimators: 24")
    succeeded(slipway(project, "run", "tiny", env=settings))
    succeeded(slipway(project, "image", "tiny", "--push", env=settings))
    registry = MlflowRegistry(f"sqlite:///{project}/.slipway/mlflow.db", project / ".slipway" / "mlartifacts")
    sound = registry.versions("tiny")[1].release
    assert sound is not None
    digest = faulty(sound.reference, "shifted", tmp_path / "shifted", f"{REPOSITORY}/tiny:shifted")
    registry.set_release("tiny", 2, sound.model_copy(update={"digest": digest}))
    stopped = slipway(project, *where, env=settings)
    refused(stopped, 69, "removed for its predictions", "by +0.1 on average", "version 1 serves untouched")
    result = StageResult.model_validate_json(Paths(project, "tiny").result(prepared.environment).read_text())
    assert (result.status, result.exit_code) == ("failed", 69)
    assert "predictions" in result.headline

    registry.set_release("tiny", 2, sound)
    assert "its canary passed" in succeeded(slipway(project, *where, env=settings))
