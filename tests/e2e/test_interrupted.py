"""Runs that are stopped, killed, or start while another is at work: the next one converges on one version."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import leftovers, live_runs, needs_collecting, refused, succeeded, versions
from tests.support.workspace import clean_environment, command_path, slipway

pytestmark = pytest.mark.pipeline

# in each stage: the moment before its last output takes its name, when those before it have theirs
PLACES = {
    "collect": "collect os.rename raw.parquet",
    "validate": "validate os.rename validation.json",
    "prepare": "prepare os.rename holdout.parquet",
    "train": "train os.rename scores.parquet",
    "incumbents": "incumbents os.rename incumbents",
    "evaluate": "evaluate os.rename metrics.json",
    "register": "run shutil.copyfile mlartifacts",
}
REGISTERED = {1: {"candidate", "champion", "anchor"}}


class Halted:
    """A `slipway run tiny` that stands still at a place, in a process group of its own."""

    def __init__(self, workspace: Path, place: str) -> None:
        self._mark = workspace.parent / "halted"
        self.process = start(workspace, {"TINY_HALT": place, "TINY_HALTED": str(self._mark)})
        wait_until(lambda: self._mark.exists() and self._mark.read_text() != "", self.process)
        self.stopped_at = int(self._mark.read_text())

    def end(self, how: signal.Signals, *, alone: bool = False) -> tuple[str, str]:
        """Send a signal to all of its processes, or to the first alone; returns what it printed."""
        (os.kill if alone else os.killpg)(self.process.pid, how)
        if not alone:
            wait_until(lambda: not is_alive(self.stopped_at))
            self._mark.unlink()
        self.process.wait(60)
        return ("", "") if alone else self.process.communicate()

    def go_on(self) -> None:
        self._mark.unlink()


def start(workspace: Path, env: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [command_path(), "run", "tiny", *options],
        cwd=workspace,
        env=clean_environment() | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        if process is not None and process.poll() is not None:
            pytest.fail(f"it ended before: {process.communicate()}")
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_run_stopped_in_every_stage_in_turn_converges_on_one_version(
    fresh: Path, trained: Path, how: signal.Signals
) -> None:
    done: list[str] = []
    for stage, place in PLACES.items():
        halted = Halted(fresh, place)
        out, err = halted.end(how)
        if how is signal.SIGINT:
            refused(subprocess.CompletedProcess([], halted.process.returncode, out, err), 130, "interrupted")
            assert leftovers(fresh) == []
        assert [line.split()[1] for line in out.splitlines() if line.startswith("·")] == done[:-1], out
        assert versions(fresh) == {}
        done.append(stage)
    succeeded(slipway(fresh, "run", "tiny"))
    assert versions(fresh) == REGISTERED
    assert live_runs(fresh) == 1
    assert leftovers(fresh) == []
    for name in ("raw.parquet", "prepared/holdout.parquet", "model/model.onnx", "scores.parquet", "evaluation.json"):
        assert (fresh / "data/tiny" / name).read_bytes() == (trained / "data/tiny" / name).read_bytes(), name


def test_a_second_run_says_who_is_at_work_and_waits_or_is_refused(project: Path) -> None:
    needs_collecting(project)
    first = Halted(project, PLACES["collect"])
    holder = f"slipway run tiny, process {first.process.pid}, since "
    refused(slipway(project, "run", "tiny", "--wait", "0"), 70, "another run is at work", holder)

    second = start(project, {})
    assert second.stderr is not None
    assert holder in second.stderr.readline()
    first.go_on()
    for process in (first.process, second):
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
    assert versions(project) == REGISTERED
    assert live_runs(project) == 1


def test_a_stage_that_outlives_its_killed_run_is_waited_for(project: Path) -> None:
    needs_collecting(project)
    first = Halted(project, PLACES["collect"])
    first.end(signal.SIGKILL, alone=True)
    assert is_alive(first.stopped_at)

    second, log = start(project, {}), project / ".slipway/tiny/logs/collect.log"
    wait_until(lambda: f"slipway collect tiny, process {first.stopped_at}" in log.read_text(), second)
    first.go_on()
    out, err = second.communicate(timeout=120)
    assert second.returncode == 0, out + err
    assert versions(project) == REGISTERED
    assert leftovers(project) == []
