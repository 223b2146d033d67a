"""Tuning killed, stopped, shared among processes: no trial is lost or repeated; what is proposed is a small diff."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import change_params, copy_project, refused, succeeded
from tests.support.workspace import clean_environment, command_path, commit, git, slipway

pytestmark = pytest.mark.pipeline

GOOD = "n_estimators: 20, min_child_samples: 40, num_leaves: 8"
POOR = "n_estimators: 2, min_child_samples: 40, num_leaves: 2"


@pytest.fixture(scope="module")
def prepared(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny with training rows; only to be copied."""
    project = copy_project(bare, tmp_path_factory.mktemp("prepared") / "project")
    succeeded(slipway(project, "run", "tiny", "--until", "prepare"))
    return project


@pytest.fixture
def tiny(prepared: Path, tmp_path: Path) -> Path:
    return copy_project(prepared, tmp_path / "project")


def tuning(project: Path) -> dict[str, Any]:
    """The only study's document."""
    [path] = (project / ".slipway/tiny/tuning").glob("*/tuning.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def proposals(project: Path) -> list[tuple[dict[str, float], str, float | None]]:
    """What was tried, in the order it was proposed, and what came of it; numbers differ where a trial was repeated."""
    trials = sorted(tuning(project)["trials"], key=lambda trial: json.dumps(trial["params"]))
    return [(trial["params"], trial["state"], trial["value"]) for trial in trials]


def scores(project: Path) -> dict[str, int]:
    """When the scores of each complete trial were written, by name."""
    return {path.name: path.stat().st_mtime_ns for path in project.glob(".slipway/tiny/tuning/*/scores/*.npy")}


def nested_runs(project: Path) -> tuple[int, int]:
    """Live runs in MLflow: parents, and those nested below one."""
    with closing(sqlite3.connect(project / ".slipway/mlflow.db")) as store:
        alive = {row[0] for row in store.execute("SELECT run_uuid FROM runs WHERE lifecycle_stage = 'active'")}
        nested = store.execute("SELECT run_uuid, value FROM tags WHERE key = 'mlflow.parentRunId'").fetchall()
    below = [run for run, parent in nested if run in alive and parent in alive]
    return len(alive) - len(below), len(below)


@contextmanager
def halted(project: Path, place: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`slipway tune tiny` and the id of that process of it which stands still at a place."""
    note = project.parent / "halted"
    settings = {"TINY_HALT": f"tune {place}", "TINY_HALTED": str(note)}
    with subprocess.Popen(
        [command_path(), "tune", "tiny", *arguments], cwd=project, env=clean_environment() | settings,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process, _process_at(note, process)
        finally:
            note.unlink(missing_ok=True)
            if process.poll() is None:
                process.kill()


def _process_at(note: Path, process: subprocess.Popen[str], patience: float = 60) -> int:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if note.exists() and note.read_text():
            return int(note.read_text())
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    raise AssertionError("the place was not reached")


def test_a_killed_search_goes_on_and_neither_loses_nor_repeats_a_trial(tiny: Path, tmp_path: Path) -> None:
    untouched = copy_project(tiny, tmp_path / "untouched")
    with halted(tiny, "os.rename scores/2.npy", "--trials", "6") as (process, halted_at):
        assert halted_at == process.pid
        before = scores(tiny)
        process.kill()
        process.wait()
    assert set(before) == {"0.npy", "1.npy"}
    said = succeeded(slipway(tiny, "tune", "tiny", "--trials", "6"))
    assert "6 trials, 2 of them done before" in said
    assert {name: when for name, when in scores(tiny).items() if name in before} == before
    succeeded(slipway(untouched, "tune", "tiny", "--trials", "6"))
    assert proposals(tiny) == proposals(untouched)
    assert len(tuning(tiny)["trials"]) == 6
    assert nested_runs(tiny) == (1, 6)


def test_a_search_that_is_done_is_not_done_again_and_can_be_lengthened(tiny: Path) -> None:
    succeeded(slipway(tiny, "tune", "tiny", "--trials", "3"))
    before = scores(tiny)
    succeeded(slipway(tiny, "tune", "tiny", "--trials", "3"))
    assert scores(tiny) == before
    succeeded(slipway(tiny, "tune", "tiny", "--trials", "4"))
    assert len(tuning(tiny)["trials"]) == 4
    assert nested_runs(tiny) == (1, 4)


def test_two_processes_share_a_budget_and_one_takes_over_from_the_other_that_died(tiny: Path) -> None:
    with halted(tiny, "os.rename scores/0.npy", "--trials", "7", "--workers", "2") as (process, halted_at):
        assert halted_at != process.pid
        os.kill(halted_at, signal.SIGKILL)
        said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    found = tuning(tiny)
    assert len(found["trials"]) == 7
    assert [trial["default"] for trial in found["trials"]].count(True) == 1
    assert {trial["state"] for trial in found["trials"]} <= {"complete", "pruned"}
    owners = {line.split('"owner":"')[1][:32] for line in _journal(tiny) if '"owner":"' in line}
    assert len(owners) == 2


def _journal(project: Path) -> list[str]:
    [path] = project.glob(".slipway/tiny/tuning/*/journal.log")
    return path.read_text().splitlines()


def test_workers_whose_starter_was_killed_come_to_an_end_and_their_trials_count(tiny: Path) -> None:
    with halted(tiny, "os.rename scores/1.npy", "--trials", "6", "--workers", "2") as (process, worker):
        process.kill()
        process.wait()
        (tiny.parent / "halted").unlink()
        _wait_until_ended(worker)
        before = scores(tiny)
    succeeded(slipway(tiny, "tune", "tiny", "--trials", "6"))
    assert "1.npy" in before
    assert {name: when for name, when in scores(tiny).items() if name in before} == before
    assert len(tuning(tiny)["trials"]) == 6


def _wait_until_ended(process: int, patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{process}").exists()


def test_ctrl_c_ends_a_search_cleanly_and_keeps_what_is_done(tiny: Path) -> None:
    with halted(tiny, "os.rename scores/1.npy", "--trials", "5") as (process, _):
        process.send_signal(signal.SIGINT)
        (tiny.parent / "halted").unlink()
        said = process.communicate(timeout=120)[0]
    assert process.returncode == 130, said
    assert "what was done is kept" in said
    assert "Traceback" not in said
    assert [trial["state"] for trial in tuning(tiny)["trials"]] == ["complete", "complete"]
    assert "2 of them done before" in succeeded(slipway(tiny, "tune", "tiny", "--trials", "3"))


def test_minutes_are_a_budget_of_their_own(tiny: Path) -> None:
    began = time.monotonic()
    said = succeeded(slipway(tiny, "tune", "tiny", "--minutes", "0.05"))
    assert "as many trials as fit" in said
    assert time.monotonic() - began < 120
    assert {trial["state"] for trial in tuning(tiny)["trials"]} <= {"complete", "pruned"}


def test_what_is_proposed_is_a_diff_that_is_written_when_asked(tiny: Path) -> None:
    change_params(tiny, GOOD, POOR)
    change_params(tiny, "  tiny:\n", "  tiny: # members\n")
    commit(tiny, "Poor parameters")
    summary = tiny.parent / "summary.md"
    said = succeeded(slipway(tiny, "tune", "tiny", "--trials", "6", "--summary", str(summary)))
    assert "A change of" in said
    assert git(tiny, "diff", "--name-only", "params.yaml") == ""
    diff = said[said.index("--- a/params.yaml") : said.index("report: ")]
    succeeded(slipway(tiny, "tune", "tiny", "--trials", "6", "--apply"))
    written = (tiny / "params.yaml").read_text()
    assert "tiny: # members" in written
    assert git(tiny, "diff", "--numstat", "params.yaml").split()[:2] == ["1", "1"]
    git(tiny, "checkout", "--quiet", "params.yaml")
    (tiny.parent / "proposal.diff").write_text(diff)
    git(tiny, "apply", str(tiny.parent / "proposal.diff"))
    assert (tiny / "params.yaml").read_text() == written
    assert "xychart-beta" in summary.read_text()
    assert diff in summary.read_text()


def test_nothing_is_proposed_where_the_interval_includes_zero(tiny: Path) -> None:
    before = (tiny / "params.yaml").read_text()
    change_params(
        tiny, "    evaluate:", "    tune: {space: {subsample: {low: 0.99, high: 1.0}}, trials: 3}\n    evaluate:"
    )
    tuned = (tiny / "params.yaml").read_text()
    said = succeeded(slipway(tiny, "tune", "tiny", "--apply"))
    assert "Nothing is proposed" in said
    assert (tiny / "params.yaml").read_text() == tuned != before


@pytest.mark.parametrize(
    ("tune", "words"),
    [
        ("{space: {num_leafs: {low: 2, high: 9}}}", "unknown name 'num_leafs', did you mean num_leaves?"),
        ("{space: {num_leaves: {low: 20, high: 30}}}", "does not hold the present value 8"),
        ("{space: {subsample: {low: 0.5, high: 2}}}", "lightgbm does not take 2"),
        ("{space: {subsample: {low: 0.9, high: 0.5}}}", "a range whose low is below its high"),
        ("{trials: 0}", "tune.trials: 0 is not allowed"),
        ("{minutes: 0}", "tune.minutes: 0 is not allowed"),
    ],
)
def test_a_space_or_a_budget_that_cannot_be_is_refused_with_words(tiny: Path, tune: str, words: str) -> None:
    change_params(tiny, "    evaluate:", f"    tune: {tune}\n    evaluate:")
    refused(slipway(tiny, "tune", "tiny"), 10, words)
    assert not (tiny / ".slipway/tiny/tuning").exists()


@pytest.mark.parametrize("option", ["--trials", "--minutes", "--workers"])
def test_nothing_at_all_is_no_budget(tiny: Path, option: str) -> None:
    done = slipway(tiny, "tune", "tiny", option, "0")
    assert done.returncode == 2
    assert option in done.stderr


def test_a_regression_that_was_just_made_can_be_tuned(prepared: Path, tmp_path: Path) -> None:
    project = copy_project(prepared, tmp_path / "project")
    shutil.rmtree(project / ".slipway", ignore_errors=True)
    succeeded(slipway(project, "new", "rents", "--task", "regression"))
    said = succeeded(slipway(project, "tune", "rents", "--trials", "3"))
    assert "rmse on" in said
    assert "roposed" in said
