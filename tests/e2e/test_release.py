"""From a trained model to production and back, as the restricted account, while somebody keeps asking.

Two namespaces of their own stand for staging and production. `make e2e` shows what is done, and when.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from scripts.benches.deploying.load import Asking, Load, steady_load
from scripts.benches.deploying.site import asking
from slipway.core.deployment import Place
from slipway.core.errors import CanaryBreached
from slipway.core.version import Version
from slipway.ports import Registry
from slipway.settings import read_settings
from slipway.wiring import Project
from tests.e2e.conftest import change_params, refused, succeeded
from tests.support.canaries import faulty
from tests.support.clusters import Ground, ground, kubectl
from tests.support.images import BASE, KEY, REPOSITORY
from tests.support.workspace import slipway

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

ROLLBACK_SECONDS = 60.0
NOISE = (
    "  Deploy",
    "  Horiz",
    "  Network",
    "  PodDis",
    "  Service",
    "  -",
    "  +",
    "  ?",
    "[",
    "│",
    "╭",
    "╰",
    "┏",
    "curl",
    "{",
    "ask",
)
CANARY = """
    deploy:
      canary:
        environments: [{environment}]
        steps: [{{share: 10, requests: 200, seconds: 60}}, {{share: 50, requests: 200, seconds: 60}}]
        tolerance: {{latency_ms: 200}}
"""


@dataclass
class Story:
    """A project, its two environments, and a voice that says what happens and when."""

    project: Path
    staging: Ground
    production: Ground
    repository: str
    began: float = field(default_factory=time.monotonic)

    def tell(self, line: str) -> None:
        print(f"{time.monotonic() - self.began:6.1f} s  {line}", flush=True)  # noqa: T201  # shown by `make e2e`

    def slipway(self, *words: str, at: Ground | None = None) -> Any:
        """Run the command; where a place is meant, as the account that may do nothing but deploy there."""
        settings = {"SLIPWAY_IMAGE_REPOSITORY": self.repository, "SLIPWAY_BASE_IMAGE": BASE, "USER": "ada"}
        if at is not None:
            settings |= {"KUBECONFIG": str(at.kubeconfig), "SLIPWAY_API_KEY": KEY}
            words = words if words[0] == "history" else (*words, "--env", at.environment)
        self.tell("$ slipway " + " ".join(words))
        done = slipway(self.project, *words, env=settings)
        for line in (done.stderr + done.stdout).splitlines():
            if line.strip() and not line.startswith(NOISE):
                self.tell(f"    {line}")
        return done

    def version(self, number: int) -> Version:
        return next(each for each in self._registry().versions("tiny") if each.number == number)

    def plant(self, number: int, fault: str) -> None:
        """Let a version's image be one with a fault, as if it had been built so."""
        good = self.version(number).release
        assert good is not None
        digest = faulty(good.reference, fault, self.project / "build" / fault, f"{good.image}:{fault}")
        self._registry().set_release("tiny", number, good.model_copy(update={"digest": digest}))

    def serving(self, made: Ground) -> tuple[str, tuple[str, ...]]:
        """The digest that is in an environment, and the pods that serve, with how often each was started."""
        label = "--selector=app.kubernetes.io/instance=tiny,slipway.io/track=stable"
        words = ("get", "deployments,pods", label, "--namespace", made.namespace, "--output=json")
        found = json.loads(kubectl(*words).stdout)["items"]
        [deployment] = [each for each in found if each["kind"] == "Deployment"]
        pods = [
            f"{each['metadata']['name']} {each['status']['containerStatuses'][0]['restartCount']}"
            for each in found
            if each["kind"] == "Pod" and "deletionTimestamp" not in each["metadata"]
        ]
        image: str = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        return image.partition("@")[2], tuple(sorted(pods))

    def digest(self, number: int) -> str:
        """Under which a version was pushed."""
        release = self.version(number).release
        assert release is not None
        return release.digest

    def asking(self, made: Ground, *versions: int) -> Asking:
        """How an environment's Service is asked, and what two versions themselves say of what is asked."""
        words = (
            "get",
            "service",
            "tiny-endpoint",
            "--namespace",
            made.namespace,
            "--output=jsonpath={.spec.clusterIP}",
        )
        address = kubectl(*words).stdout.strip()
        found = asking(
            self._registry(), (versions[0], versions[1]), Place(use_case="tiny", environment=made.environment), address
        )
        return replace(found, per_second=60.0, renewed_after=10)

    def _registry(self) -> Registry:
        return Project(read_settings(self.project, {})).registry


@pytest.fixture
def story(project: Path, tmp_path: Path) -> Iterator[Story]:
    with ground(project) as staging, ground(tmp_path / "production", like="production") as production:
        overlay = Path("deploy", "overlays", production.environment)
        shutil.copytree(production.root / overlay, project / overlay)
        for made in (staging, production):
            made.place("tiny")
        params = project / "params.yaml"
        params.write_text(params.read_text().rstrip() + CANARY.format(environment=production.environment))
        yield Story(project, staging, production, f"{REPOSITORY}/release")


@contextmanager
def asked(story: Story, questions: Asking) -> Iterator[Load]:
    """Keep asking, and tell what came."""
    with steady_load(questions, connections=4) as load:
        yield load
    versions = ", ".join(sorted(load.versions))
    told = f"{load.failed} failed, {load.count('wrong')} wrong, from versions {versions}"
    story.tell(f"meanwhile {len(load.answers):,} questions to the Service: {told}")


def push_another(story: Story, old: str, new: str) -> None:
    change_params(story.project, old, new)
    succeeded(story.slipway("run", "tiny"))
    succeeded(story.slipway("image", "tiny", "--push"))


def test_a_model_goes_to_production_and_a_bad_one_is_stopped_and_taken_back(story: Story) -> None:
    staging, production = story.staging, story.production
    story.tell("version 1 of tiny is trained and champion")
    succeeded(story.slipway("image", "tiny", "--push"))
    succeeded(story.slipway("deploy", "tiny", at=staging))
    first = story.slipway("deploy", "tiny", at=production)
    assert "no canary: nothing serves there" in succeeded(first) + first.stderr
    assert story.serving(staging)[0] == story.serving(production)[0] == story.digest(1)

    push_another(story, "n_estimators: 20", "n_estimators: 24")
    succeeded(story.slipway("deploy", "tiny", at=staging))
    questions = story.asking(production, 1, 2)
    with asked(story, questions) as load:
        said = succeeded(story.slipway("deploy", "tiny", at=production))
    assert "its canary passed" in said
    assert (load.failed, load.count("wrong"), load.versions) == (0, 0, {"1", "2"})
    assert story.serving(production)[0] == story.digest(2)

    push_another(story, "n_estimators: 24", "n_estimators: 28")
    story.plant(3, "refuses")
    story.tell("version 3's image now refuses every twentieth valid row")
    succeeded(story.slipway("deploy", "tiny", at=staging))
    before = story.serving(production)
    with asked(story, story.asking(production, 2, 3)) as load:
        done = story.slipway("deploy", "tiny", at=production)
    refused(done, CanaryBreached.exit_code, "refused inputs", "serves untouched: the same 3 pods, none started anew")
    assert story.serving(production) == before
    assert load.count("wrong") == 0
    assert load.count("refused") == load.failed <= len(load.answers) / 4  # one pod of four

    assert "version 2 is champion" in succeeded(story.slipway("rollback", "tiny", at=production))
    assert story.serving(production) == before
    started = time.monotonic()
    assert "version 2 is champion" in succeeded(story.slipway("rollback", "tiny", "--to", "2", at=staging))
    assert time.monotonic() - started < ROLLBACK_SECONDS
    assert story.serving(staging)[0] == story.digest(2)

    started = time.monotonic()
    with asked(story, questions) as load:
        assert "version 1 is champion" in succeeded(story.slipway("rollback", "tiny", at=production))
    story.tell(f"a rollback took {time.monotonic() - started:.1f} s")
    assert time.monotonic() - started < ROLLBACK_SECONDS
    assert (load.failed, load.count("wrong")) == (0, 0)
    assert story.serving(production)[0] == story.digest(1)
    history = story.slipway("history", "tiny", at=production).stdout.splitlines()
    done = [tuple(line.split()[3:5]) for line in history if f" {production.environment} " in line]
    there = [("deploy", "1"), ("deploy", "2"), ("deploy", "3")]
    assert done == [("rollback", "1"), ("rollback", "2"), *reversed(there)]
    assert not [line for line in history if line.startswith(f"{production.environment}: ")]
