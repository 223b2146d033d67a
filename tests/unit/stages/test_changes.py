from pathlib import Path

import pandas as pd
import pytest

from slipway.adapters.dvc import PipelineTwin
from slipway.adapters.git import GitTwin
from slipway.core.changes import DataChanges
from slipway.stages.changes import compare_data, told
from slipway.workspace.files import read_document
from slipway.workspace.paths import Paths

HERE = "c" * 40
LOCK = """schema: '2.0'
stages:
  collect@churn:
    cmd: slipway collect churn
    outs:
    - path: data/churn/raw.parquet
      md5: {digest}
"""
BEFORE = "b" * 32


def git(digest: str = BEFORE) -> GitTwin:
    return GitTwin(files={(HERE, "dvc.lock"): LOCK.format(digest=digest)}, commits={"main": HERE})


def prepared(root: Path) -> tuple[Paths, PipelineTwin]:
    paths = Paths(root, "churn")
    paths.raw.parent.mkdir(parents=True)
    pd.DataFrame({"tenure": [1, 2, 3], "plan": ["a", "b", "b"]}).to_parquet(paths.raw)
    pd.DataFrame({"tenure": [1, 2]}).to_parquet(root / "kept.parquet")
    return paths, PipelineTwin({}, kept={BEFORE: root / "kept.parquet"})


def test_the_table_of_the_base_is_compared_with_the_one_at_hand(tmp_path: Path) -> None:
    paths, pipeline = prepared(tmp_path)
    found = compare_data(paths, pipeline, git(), "main")
    assert (found.known, found.reference, found.digest_before) == (True, HERE, BEFORE)
    assert (found.rows_before, found.rows_after, found.added) == (2, 3, ("plan",))
    assert read_document(paths.changes, DataChanges, made_by="") == found


def test_the_same_table_is_not_even_read(tmp_path: Path) -> None:
    paths, pipeline = prepared(tmp_path)
    paths.raw.write_text("table")
    found = compare_data(paths, pipeline, git("aab9e1de16f38176f86d7a92ba337a8d"), "main")
    assert found.same
    assert told(found) == "the data of churn is as it was"


def test_what_was_compared_before_is_not_compared_again(tmp_path: Path) -> None:
    paths, pipeline = prepared(tmp_path)
    first = compare_data(paths, pipeline, git(), "main")
    assert compare_data(paths, PipelineTwin({}), git(), "main") == first


def test_a_base_without_data_of_this_use_case_is_told(tmp_path: Path) -> None:
    paths, pipeline = prepared(tmp_path)
    vcs = GitTwin(files={(HERE, "dvc.lock"): ""}, commits={"main": HERE})
    found = compare_data(paths, pipeline, vcs, "main")
    assert not found.known
    assert found.problem == "the base has no data of this use case yet"


def test_a_commit_that_is_not_here_is_told(tmp_path: Path) -> None:
    paths, pipeline = prepared(tmp_path)
    found = compare_data(paths, pipeline, GitTwin(), "f" * 40)
    assert "is not here" in found.problem


def test_a_table_that_nobody_has_any_more_is_told_with_the_reason(tmp_path: Path) -> None:
    paths, _ = prepared(tmp_path)
    found = compare_data(paths, PipelineTwin({}), git(), "main")
    assert not found.known
    assert "cannot be had from DVC's cache or remote: of the remote: it does not hold this object" in found.problem
    assert told(found).startswith("what changed in the data of churn is not known: a raw table")


def test_a_table_that_is_not_readable_is_told(tmp_path: Path) -> None:
    paths, pipeline = prepared(tmp_path)
    (tmp_path / "kept.parquet").write_text("no table")
    assert "is not a readable Parquet file" in compare_data(paths, pipeline, git(), "main").problem


def test_a_collection_that_failed_is_told(tmp_path: Path) -> None:
    paths, pipeline = prepared(tmp_path)
    paths.raw.unlink()
    assert "its collection failed" in compare_data(paths, pipeline, git(), "main").problem


@pytest.mark.parametrize("lock", ["stages: [", "<<<<<<< ours\nstages: {}\n>>>>>>> theirs\n"])
def test_a_lock_file_that_does_not_parse_is_no_failure(tmp_path: Path, lock: str) -> None:
    paths, pipeline = prepared(tmp_path)
    vcs = GitTwin(files={(HERE, "dvc.lock"): lock}, commits={"main": HERE})
    assert not compare_data(paths, pipeline, vcs, "main").known
