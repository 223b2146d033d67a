"""Where nothing can be compared, everything is affected, and the plan says why."""

from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.git import GitTwin
from slipway.stages.plan import plan
from tests.support.plans import BASE, LOCK, base, project

NEWER = "b" * 40


def words(root: Path, vcs: GitTwin, reference: str = "main") -> str:
    made = plan(project(root), vcs, reference, ["churn"])
    assert len(made.affected) == 7
    assert {entry.reasons for entry in made.affected} == {(made.words,)}
    assert made.base is None
    return made.words


@pytest.mark.parametrize("reference", ["0" * 40, "0", ""])
def test_a_new_branch_has_nothing_before_it(tmp_path: Path, reference: str) -> None:
    assert "the branch is new" in words(tmp_path, base(), reference)


def test_an_unknown_commit_is_named(tmp_path: Path) -> None:
    assert words(tmp_path, base(), "c" * 40) == f"the commit {'c' * 12} is not here"


def test_a_shallow_clone_is_told_with_what_mends_it(tmp_path: Path) -> None:
    assert "git fetch --unshallow" in words(tmp_path, replace(base(), shallow=True), "c" * 40)
    assert "git fetch --unshallow" in words(tmp_path, replace(base(), shallow=True, bases={BASE: None}))


def test_histories_without_a_common_commit_are_told(tmp_path: Path) -> None:
    assert "both come from" in words(tmp_path, replace(base(), bases={BASE: None}))


def test_a_force_push_is_told(tmp_path: Path) -> None:
    vcs = replace(base(), commits={"main": BASE, "before": NEWER}, bases={NEWER: BASE}, dropped=(NEWER,))
    assert "force push" in words(tmp_path, vcs, NEWER)


def test_git_that_does_not_say_what_changed_is_told(tmp_path: Path) -> None:
    assert words(tmp_path, replace(base(), changed=None)) == "Git cannot say what changed"


def test_params_of_the_base_that_do_not_parse_are_told(tmp_path: Path) -> None:
    assert "of the base, params.yaml does not parse" in words(tmp_path, base("params.yaml", params="use_cases: ["))


def test_a_pipeline_of_the_base_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert "of the base, dvc.yaml cannot be read" in words(tmp_path, base("dvc.yaml", pipeline="stages: 1"))


def test_a_base_that_moved_on_is_compared_where_it_was_left(tmp_path: Path) -> None:
    vcs = replace(base("README.md"), commits={"main": NEWER}, bases={NEWER: BASE})
    made = plan(project(tmp_path), vcs, "main", ["churn"])
    assert (made.affected, made.base) == ((), BASE)
    assert made.words == f"compared with {'a' * 12}, where this left main"


@pytest.mark.parametrize("side", ["base", "head"])
def test_a_lock_file_with_conflicts_affects_everything(tmp_path: Path, side: str) -> None:
    torn = f"<<<<<<< ours\n{LOCK}"
    root = project(tmp_path, **({"lock": torn} if side == "head" else {}))
    made = plan(root, base("dvc.lock", **({"lock": torn} if side == "base" else {})), "main", ["churn"])
    assert len(made.affected) == 7
    assert "dvc.lock cannot be read" in made.affected[0].reasons[0]


def test_a_base_without_a_lock_file_has_no_raw_data(tmp_path: Path) -> None:
    vcs = base("dvc.lock")
    vcs = replace(vcs, files={key: text for key, text in vcs.files.items() if key[1] != "dvc.lock"})
    made = plan(project(tmp_path), vcs, "main", ["churn"])
    assert made.affected[0].reasons == ("dvc.lock names other raw data",)
