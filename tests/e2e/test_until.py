"""A run that ends before anything is registered, and what was judged there registered elsewhere."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import change_params, copy_project, refused, succeeded, versions
from tests.support.workspace import slipway

pytestmark = pytest.mark.pipeline

SEALED = ("record.json", "report.md", "bundle", "reference.parquet", "importances.json")
JUDGED = ("evaluation.json", "validation.json", "metrics.json")


def test_what_is_judged_is_sealed_and_not_registered(fresh: Path) -> None:
    told = succeeded(slipway(fresh, "run", "tiny", "--until", "evaluate"))
    assert "promote" in told
    assert versions(fresh) == {}
    assert [name for name in SEALED if not (fresh / ".slipway/tiny" / name).exists()] == []


def test_a_run_until_a_stage_leaves_the_later_ones_undone(fresh: Path) -> None:
    told = succeeded(slipway(fresh, "run", "tiny", "--until", "prepare"))
    assert [line.split()[1] for line in told.splitlines()[1:]] == ["collect", "validate", "prepare"]
    assert not (fresh / "data/tiny/model").exists()


def test_a_rejected_candidate_ends_a_run_until_evaluate_as_it_ends_a_whole_one(fresh: Path) -> None:
    change_params(fresh, "min_gain: 0.05", "min_gain: 0.9")
    refused(slipway(fresh, "run", "tiny", "--until", "evaluate"), 40, "was rejected")
    assert (fresh / ".slipway/tiny/record.json").exists()


def test_a_stage_that_is_none_is_refused_with_those_there_are(fresh: Path) -> None:
    done = slipway(fresh, "run", "tiny", "--until", "deploy")
    assert done.returncode == 2
    assert "collect, validate, prepare, train, incumbents, evaluate" in done.stderr


def downloaded(judged: Path, into: Path, bare: Path) -> Path:
    """A clone with what a workflow hands on, and nothing else: no raw table, no folder of the model."""
    clone = copy_project(bare, into)
    for folder, names in ((".slipway/tiny", SEALED), ("data/tiny", JUDGED)):
        (clone / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            source = judged / folder / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, clone / folder / name)
    return clone


def test_what_was_judged_elsewhere_is_registered_from_what_was_handed_on(
    fresh: Path, bare: Path, tmp_path: Path
) -> None:
    succeeded(slipway(fresh, "run", "tiny", "--until", "evaluate"))
    clone, told = downloaded(fresh, tmp_path / "clone", bare), tmp_path / "outputs"
    sealed = (clone / ".slipway/tiny/record.json").read_bytes()
    for _ in range(2):
        succeeded(slipway(clone, "register", "tiny", "--outputs", str(told)))
    assert versions(clone) == {1: {"candidate", "champion", "anchor"}}
    assert told.read_text() == "version=1\nchampion=true\ndecision=promote\n" * 2
    assert (clone / ".slipway/tiny/record.json").read_bytes() == sealed


def test_what_was_handed_on_of_another_evaluation_is_not_registered(fresh: Path, bare: Path, tmp_path: Path) -> None:
    succeeded(slipway(fresh, "run", "tiny", "--until", "evaluate"))
    clone = downloaded(fresh, tmp_path / "clone", bare)
    evaluation = clone / "data/tiny/evaluation.json"
    evaluation.write_text(evaluation.read_text().replace('"train_rows": ', '"train_rows": 1'))
    refused(slipway(clone, "register", "tiny"), 20, "does not exist")
    assert versions(clone) == {}
