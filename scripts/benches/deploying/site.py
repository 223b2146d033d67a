"""A project with two good versions, and an environment of its own in a cluster to release them to."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scripts.benches.deploying.load import Asking
from scripts.benches.project import SLIPWAY, environment, make_project
from slipway.core.deployment import Place
from slipway.core.signature import Row
from slipway.core.version import Version
from slipway.ports import Registry
from slipway.settings import read_settings
from slipway.stages.known_rows import holdout_rows, known_rows
from slipway.stages.rollback import give_back
from slipway.wiring import Project
from tests.support.clusters import Ground, ground, kubectl
from tests.support.images import BASE, KEY, REPOSITORY

USE_CASE = "churn"
SECONDS = 900

Say = Callable[[str], None]


class NotReleased(Exception):
    """A command ended otherwise than it should; the message is what it printed."""


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    said: str
    began: float
    seconds: float


@dataclass
class Site:
    """Where releases go to and fro.

    Attributes:
        versions: numbers of the two good ones.
        asking: how its Service is asked, and what is right.
    """

    folder: Path
    made: Ground
    project: Project
    place: Place
    say: Say
    versions: tuple[int, int] = (1, 2)
    asking: Asking = field(init=False)

    def slipway(self, *words: str, release: str = "bench") -> Done:
        """Run the command as the deployer, to its end."""
        began = time.monotonic()
        done = subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.environment(release),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout + done.stderr, began, time.monotonic() - began)

    def command(self, *words: str) -> list[str]:
        """The command line of a slipway command."""
        return [str(SLIPWAY), *words]

    def environment(self, release: str) -> dict[str, str]:
        """Of whoever deploys: restricted to one namespace of the cluster."""
        own = {"KUBECONFIG": str(self.made.kubeconfig), "SLIPWAY_API_KEY": KEY, "SLIPWAY_RELEASE": release}
        images = {"SLIPWAY_IMAGE_REPOSITORY": f"{REPOSITORY}/bench", "SLIPWAY_BASE_IMAGE": BASE}
        code = {"PYTHONPATH": f"{self.folder / 'src'}:{self.folder}"}
        return environment() | own | images | code | {"USER": "bench"}

    def succeed(self, *words: str, release: str = "bench") -> Done:
        """The same; raises NotReleased when it fails."""
        done = self.slipway(*words, release=release)
        if done.code != 0:
            raise NotReleased(f"slipway {' '.join(words)} ended with {done.code}:\n{done.said}")
        return done

    def deploy(self, release: str = "bench") -> Done:
        """Release the champion; raises NotReleased when that fails."""
        return self.succeed("deploy", USE_CASE, "--env", self.place.environment, release=release)

    def version(self, number: int) -> Version:
        """As the registry knows it now."""
        return next(each for each in self.project.registry.versions(USE_CASE) if each.number == number)

    def crown(self, number: int) -> Version:
        """Make a version champion, without deploying it."""
        give_back(self.version(number), self.project.registry)
        return self.version(number)

    def with_canary(self, steps: Sequence[dict[str, int]]) -> None:
        """Let releases go through a canary of these steps; through none, when there are none."""
        file = self.folder / "params.yaml"
        document = yaml.safe_load(file.read_text())
        canary = {"environments": [self.place.environment], "steps": [dict(step) for step in steps]}
        document["use_cases"][USE_CASE]["deploy"] = {"canary": canary} if steps else {}
        file.write_text(yaml.safe_dump(document, sort_keys=False))

    def digest(self) -> str:
        """Of the image that is in the cluster."""
        image: str = self._stable()["spec"]["template"]["spec"]["containers"][0]["image"]
        return image.partition("@")[2]

    def footprint(self) -> tuple[Any, ...]:
        """What changes when somebody touches what serves: its description's number, and every pod's starts."""
        label = f"--selector=app.kubernetes.io/instance={self.place.instance},slipway.io/track=stable"
        pods = self._get("pods", label)["items"]
        starts = [(p["metadata"]["name"], _restarts(p)) for p in pods if "deletionTimestamp" not in p["metadata"]]
        return self._stable()["metadata"]["generation"], sorted(starts)

    def canaries(self) -> int:
        """How many canaries stand."""
        return len(self._get("deployments", "--selector=slipway.io/track=canary")["items"])

    def settle(self) -> None:
        """Wait until pods that are on their way out have gone."""
        label = f"app.kubernetes.io/instance={self.place.instance}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            pods = self._get("pods", f"--selector={label}")["items"]
            if not any("deletionTimestamp" in pod["metadata"] for pod in pods):
                return
            time.sleep(0.5)

    def _stable(self) -> dict[str, Any]:
        return self._get("deployment", self.place.name)

    def _get(self, *words: str) -> dict[str, Any]:
        told = kubectl("get", *words, "--namespace", self.made.namespace, "--output=json").stdout
        found: dict[str, Any] = json.loads(told)
        return found


@contextmanager
def site(folder: Path, say: Say) -> Iterator[Site]:
    """Train and push two versions of churn, deploy the first, and take the environment away in the end."""
    project = make_project(folder)
    with ground(folder / "ground") as made:
        shutil.copytree(
            made.root / "deploy" / "overlays" / made.environment, project / "deploy" / "overlays" / made.environment
        )
        read = Project(read_settings(project, {"KUBECONFIG": os.environ["KUBECONFIG"]}))
        here = Site(project, made, read, made.place(USE_CASE), say)
        _make_versions(here)
        here.crown(1)
        here.deploy()
        here.asking = _asking(here)
        yield here


def _make_versions(here: Site) -> None:
    for number, trees in enumerate((200, 190), start=1):
        here.say(f"version {number}: training and pushing it")
        file = here.folder / "params.yaml"
        file.write_text(file.read_text().replace("n_estimators: 200", f"n_estimators: {trees}"))
        here.succeed("run", USE_CASE)
        here.succeed("image", USE_CASE, "--push")
        if here.version(number).release is None:
            raise NotReleased(f"version {number} was not promoted or not pushed")


def _asking(here: Site) -> Asking:
    names = [feature.name for feature in here.project.use_case(USE_CASE).features]
    holdout = holdout_rows(here.project.paths(USE_CASE).holdout, names)
    address = here._get("service", here.place.name)["spec"]["clusterIP"]
    return asking(here.project.registry, here.versions, here.place, address, holdout)


def asking(
    registry: Registry, versions: tuple[int, int], place: Place, address: str, more: Sequence[Row] = ()
) -> Asking:
    """How a Service is asked, and what the models of two versions themselves say of rows that both take."""
    old, new = versions
    candidate = next(each for each in registry.versions(place.use_case) if each.number == new)
    known = known_rows(registry, candidate, old, more)
    both = sorted(known.candidate.keys() & known.champion.keys())
    right = {str(old): [known.champion[row] for row in both], str(new): [known.candidate[row] for row in both]}
    return Asking(address, KEY, [known.rows[row] for row in both], right)


def _restarts(pod: dict[str, Any]) -> int:
    return sum(each["restartCount"] for each in pod["status"].get("containerStatuses", ()))
