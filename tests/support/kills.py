"""Killing `slipway` at random moments, and what has to be true after the next run."""

import json
import random
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.clusters import Ground, kubectl
from tests.support.workspace import clean_environment, command_path, slipway

CUT_OFF, SERVED = "cut off", "served"


@dataclass(frozen=True)
class Victim:
    """Runs of `slipway` on one use case and environment, which may be killed."""

    project: Path
    made: Ground
    settings: Mapping[str, str]
    use_case: str = "tiny"

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return slipway(self.project, *words, env=self.settings)

    def killed(self, *words: str, after: float) -> bool:
        """Start a command and kill it without a chance to tidy up; False when it had ended before."""
        with subprocess.Popen(
            [command_path(), *words],
            cwd=self.project,
            env=clean_environment() | dict(self.settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                process.wait(after)
            except subprocess.TimeoutExpired:
                process.kill()
        return process.returncode == -9

    def time_of(self, *words: str) -> float:
        """Seconds that a command takes which is left alone."""
        started = time.monotonic()
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return time.monotonic() - started

    def assert_converged(self, version: int) -> None:
        """One version serves on all pods behind the Service, nobody is at work, and history tells the truth."""
        name = f"{self.use_case}-endpoint"
        deployment = self._get("deployment", name)
        notes = deployment["metadata"]["annotations"]
        lease = self._get("lease", name)
        deeds = json.loads(lease["metadata"]["annotations"]["slipway.io/deeds"])
        assert (notes["slipway.io/version"], notes["slipway.io/phase"]) == (str(version), "serving"), (notes, deeds)
        assert self._serving() == {deployment["spec"]["template"]["spec"]["containers"][0]["image"]}
        assert not lease["spec"].get("holderIdentity")
        assert {deed["outcome"] for deed in deeds} <= {SERVED, CUT_OFF}
        served = [deed for deed in deeds if deed["outcome"] == SERVED]
        assert (served[-1]["version"], served[-1]["release"]) == (version, notes["slipway.io/release"])

    def _serving(self) -> set[str]:
        """Images of the ready pods that the Service asks."""
        label = f"--selector=app.kubernetes.io/instance={self.use_case}"
        pods = json.loads(kubectl("get", "pods", label, "--namespace", self.made.namespace, "--output=json").stdout)
        return {
            pod["spec"]["containers"][0]["image"] for pod in pods["items"] if "deletionTimestamp" not in pod["metadata"]
        }

    def _get(self, kind: str, name: str) -> dict[str, Any]:
        told = kubectl("get", kind, name, "--namespace", self.made.namespace, "--output=json").stdout
        found: dict[str, Any] = json.loads(told)
        return found


def moments(count: int, longest: float, seed: int) -> list[float]:
    """Seconds after which to kill, spread over a whole run: one at random in each of as many equal parts."""
    chance = random.Random(seed)
    found = [(part + chance.random()) * longest / count for part in range(count)]
    chance.shuffle(found)
    return found
