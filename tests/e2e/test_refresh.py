"""Is there new data at the source? What is new and valid waits for a commit; all else leaves no trace."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from slipway.core.stage_result import StageResult
from tests.e2e.conftest import refused, succeeded
from tests.support.workspace import clean_environment, command_path, commit, git, slipway

pytestmark = pytest.mark.pipeline

SOURCE = "src/use_cases/tiny/source/__init__.py"
RAW = "data/tiny/raw.parquet"


@pytest.fixture
def committed(fresh: Path) -> Path:
    """Tiny with its raw table committed and pushed; its source reads how many rows to leave out from outside."""
    source = fresh / SOURCE
    text = source.read_text()
    assert text.count("    return ") == 1
    head, _, last = text.rpartition("    return ")
    source.write_text(
        f"{head}    made = {last.strip()}\n    import os\n"
        '    if "TINY_AGE" in os.environ:\n        made["age"] = int(os.environ["TINY_AGE"])\n'
        '    return made.iloc[int(os.environ.get("TINY_LESS", "0")) :]\n'
    )
    succeeded(slipway(fresh, "refresh", "tiny"))
    commit(fresh, "The first table")
    assert git(fresh, "status", "--porcelain") == ""
    return fresh


def state(project: Path) -> tuple[str, bytes]:
    return git(project, "status", "--porcelain"), (project / RAW).read_bytes()


def test_the_same_table_leaves_the_tree_clean(committed: Path, tmp_path: Path) -> None:
    before, summary = state(committed), tmp_path / "new" / "summary.md"
    said = succeeded(slipway(committed, "refresh", "tiny", "--summary", str(summary)))
    assert said.splitlines()[-1].startswith("nothing new")
    assert state(committed) == before
    assert "nothing new" in summary.read_text()


def test_a_new_table_that_is_valid_is_pushed_and_left_for_a_commit(committed: Path, tmp_path: Path) -> None:
    summary, less = tmp_path / "summary.md", {"TINY_LESS": "7"}
    succeeded(slipway(committed, "refresh", "tiny", "--summary", str(summary), env=less))
    assert "before" in summary.read_text()
    changed = {line.split()[-1] for line in git(committed, "status", "--porcelain", "-uall").splitlines()}
    assert "dvc.lock" in changed
    assert [name for name in changed if not name.startswith(("dvc.lock", "data/remote/"))] == []
    again = state(committed)
    succeeded(slipway(committed, "refresh", "tiny", env=less))
    assert state(committed) == again
    commit(committed, "New data")
    git(committed.parent, "clone", "--quiet", str(committed), "clone")
    assert "was brought from the DVC remote" in succeeded(
        slipway(committed.parent / "clone", "run", "tiny", "--until", "collect")
    )
    assert (committed.parent / "clone" / RAW).read_bytes() == again[1]


def test_a_table_that_is_not_valid_leaves_no_trace(committed: Path) -> None:
    before = state(committed)
    refused(slipway(committed, "refresh", "tiny", env={"TINY_AGE": "500"}), 22, "age")
    assert state(committed) == before
    assert "nothing new" in succeeded(slipway(committed, "refresh", "tiny"))


def test_a_remote_that_takes_nothing_leaves_no_trace(committed: Path) -> None:
    config = committed / ".dvc/config"
    config.write_text(config.read_text().replace("../data/remote", "../params.yaml/nowhere"))
    commit(committed, "A remote that cannot be")
    before = state(committed)
    refused(slipway(committed, "refresh", "tiny", env={"TINY_LESS": "7"}), 72, "DVC failed")
    assert state(committed) == before


@pytest.mark.parametrize("place", ["collect os.rename raw.parquet", "validate os.rename validation.json"])
def test_killed_and_run_again_it_converges(committed: Path, place: str) -> None:
    mark = committed.parent / "halted"
    process = subprocess.Popen(
        [command_path(), "refresh", "tiny"],
        cwd=committed,
        env=clean_environment() | {"TINY_LESS": "7", "TINY_HALT": place, "TINY_HALTED": str(mark)},
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (mark.exists() and mark.read_text()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    assert "nothing new" in succeeded(slipway(committed, "refresh", "tiny"))
    assert git(committed, "status", "--porcelain") == ""


def test_as_part_of_a_release_it_is_told_as_collect(committed: Path) -> None:
    succeeded(slipway(committed, "refresh", "tiny", "--tell", env={"TINY_LESS": "7"}))
    result = StageResult.model_validate_json((committed / ".slipway/tiny/results/collect.json").read_bytes())
    assert (result.stage, result.status) == ("collect", "done")
    assert result.headline.startswith("new data of tiny")


def test_as_part_of_a_release_data_that_is_not_valid_is_told_too(committed: Path) -> None:
    refused(slipway(committed, "refresh", "tiny", "--tell", env={"TINY_AGE": "-5"}), 22)
    result = StageResult.model_validate_json((committed / ".slipway/tiny/results/collect.json").read_bytes())
    assert (result.status, result.exit_code) == ("failed", 22)
