"""What bad input gets: a clear error, its own exit code, and nothing lost or half-written."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.e2e.conftest import (
    add_use_case,
    change_params,
    change_table,
    keepsakes,
    leftovers,
    live_runs,
    needs_collecting,
    refused,
    succeeded,
    versions,
)
from tests.support.workspace import clean_environment, command_path, slipway

pytestmark = pytest.mark.pipeline

RAW = "data/tiny/raw.parquet"
NOBODY_LISTENS = "http://127.0.0.1:1"


def remote_object(workspace: Path) -> Path:
    """The raw table of churn in the remote, by the sum that dvc.lock has of it."""
    locked = yaml.safe_load((workspace / "dvc.lock").read_text())["stages"]["collect@churn"]["outs"][0]["md5"]
    return workspace / "data" / "remote" / "files" / "md5" / locked[:2] / locked[2:]


def cut_short(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("harm", [Path.unlink, cut_short], ids=["missing", "corrupt"])
def test_a_dvc_object_that_cannot_be_had_stops_a_run_at_once(churn: Path, harm: Callable[[Path], None]) -> None:
    harm(remote_object(churn))
    refused(slipway(churn, "run", "churn"), 20, "data/churn/raw.parquet", "remote", "dvc commit -f collect@churn")
    assert not (churn / "data" / "churn" / "raw.parquet").exists()
    assert [path.name for path in (churn / ".slipway" / "churn" / "results").iterdir()] == ["collect.json"]
    assert leftovers(churn) == []


def test_a_table_whose_file_is_damaged_is_refused_at_validate(project: Path) -> None:
    path = project / RAW
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    path.write_bytes(content[:footer] + b"\xff" * 8 + content[footer + 8 :])
    refused(slipway(project, "run", "tiny"), 20, RAW, "not a readable Parquet file", "slipway collect tiny")
    assert versions(project) == {1: {"candidate", "champion", "anchor"}}


def drop(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="visits")


def rename(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns={"visits": "Visits"})


def retype(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(visits=frame["visits"].map("{} times".format))


def empty(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.head(0)


def unheard_of(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(plan=frame["plan"].where(frame.index != 37, "platinum"))


def one_class(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(left="No")


def renamed_retyped_and_unheard_of(frame: pd.DataFrame) -> pd.DataFrame:
    aged = frame.assign(age=frame["age"].map("{} years".format))
    return rename(unheard_of(aged))


def one_class_and_infinite(frame: pd.DataFrame) -> pd.DataFrame:
    return one_class(frame.assign(visits=frame["visits"].where(frame.index != 37, np.inf)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop, ["  visits: expect_column_to_exist"]),
        (empty, ["  the table: expect_table_row_count_to_be_between", "but 0"]),
        (
            renamed_retyped_and_unheard_of,
            ["  visits: expect_column_to_exist", "  age: ", "integer", "  plan: ", "rows: 37 (plan=platinum"],
        ),
        (one_class_and_infinite, ["  share of left = Yes: ", "  visits: ", "rows: 37 (visits=inf"]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_table_that_is_not_as_expected_stops_at_validate(
    project: Path, change: Callable[[pd.DataFrame], pd.DataFrame], words: list[str]
) -> None:
    change_table(project / RAW, change)
    before = keepsakes(project)
    refused(slipway(project, "validate", "tiny"), 22, *words)
    after = keepsakes(project)
    assert {path for path in before if before[path] != after.get(path)} <= {"data/tiny/validation.json"}
    assert leftovers(project) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop, ["no column visits", "member"]),
        (retype, ["visits is not numeric"]),
        (one_class, ["the same class"]),
        (empty, ["no training rows"]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_table_that_no_suite_held_back_is_refused_at_prepare(
    project: Path, change: Callable[[pd.DataFrame], pd.DataFrame], words: list[str]
) -> None:
    change_table(project / RAW, change)
    before = keepsakes(project)
    refused(slipway(project, "prepare", "tiny"), 23, *words)
    assert keepsakes(project) == before
    assert leftovers(project) == []


def test_an_empty_answer_of_the_source_keeps_the_last_good_table(project: Path) -> None:
    source = project / "src" / "use_cases" / "tiny" / "source" / "__init__.py"
    source.write_text(source.read_text().replace("ROWS = 1_500", "ROWS = 0"))
    before = keepsakes(project)
    refused(slipway(project, "collect", "tiny"), 23, "empty table")
    assert keepsakes(project) == before


def test_a_source_that_fails_keeps_the_last_good_table(project: Path) -> None:
    source = project / "src" / "use_cases" / "tiny" / "source" / "__init__.py"
    source.write_text("def collect(root):\n    raise ConnectionError('no route to the warehouse')\n")
    before = keepsakes(project)
    refused(slipway(project, "collect", "tiny"), 21, "no route to the warehouse")
    assert keepsakes(project) == before


@pytest.mark.parametrize("value", [np.nan, np.inf], ids=["NaN", "infinite"])
def test_scores_that_are_no_numbers_are_refused_and_judged_by_nobody(project: Path, value: float) -> None:
    def spoil(scores: pd.DataFrame) -> pd.DataFrame:
        return scores.assign(candidate=scores["candidate"].where(scores.index != 11, value))

    change_table(project / "data" / "tiny" / "scores.parquet", spoil)
    before = keepsakes(project)
    refused(slipway(project, "evaluate", "tiny"), 41)
    assert keepsakes(project) == before
    assert leftovers(project) == []


def test_a_champion_that_cannot_be_loaded_is_named_and_keeps_its_place_unless_params_allow(project: Path) -> None:
    [model] = project.glob(".slipway/mlartifacts/tiny/*/artifacts/bundle/model.onnx")
    whole = model.read_bytes()
    model.write_bytes(whole[:-1])
    change_params(project, "n_estimators: 20", "n_estimators: 21")
    told = succeeded(slipway(project, "run", "tiny"))
    assert "hold" in told
    assert "model.onnx was changed after the bundle was written" in told
    assert "version 1 (cannot be loaded)" in told
    assert versions(project) == {1: {"champion", "anchor"}, 2: {"candidate"}}

    change_params(project, "    gates:\n", "    gates:\n      promote_without_champion_evidence: true\n")
    told = succeeded(slipway(project, "run", "tiny"))
    assert "promote" in told
    [champion] = [number for number, aliases in versions(project).items() if "champion" in aliases]
    assert champion == max(versions(project)) > 1


def test_a_registry_out_of_reach_costs_no_work(project: Path) -> None:
    change_params(project, "n_estimators: 20", "n_estimators: 21")
    away = slipway(project, "run", "tiny", env={"MLFLOW_TRACKING_URI": NOBODY_LISTENS})
    refused(away, 50, NOBODY_LISTENS, "MLFLOW_TRACKING_URI")
    assert "✓ train" in away.stdout
    assert "✓ evaluate" in away.stdout
    assert json.loads((project / "data/tiny/evaluation.json").read_text())["verdict"]["decision"] == "hold"
    assert versions(project) == {1: {"candidate", "champion", "anchor"}}

    back = succeeded(slipway(project, "run", "tiny"))
    assert "· train" in back
    assert "✓ evaluate" in back
    assert "against the champion" in (project / ".slipway/tiny/report.md").read_text()
    assert set(versions(project)) == {1, 2}
    assert live_runs(project) == 2


def with_files_up_to(kilobytes: int, workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command for which the disk is full: no file may grow beyond the limit."""
    return subprocess.run(
        ["bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "bash", command_path(), *arguments],
        cwd=workspace,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("stage", "kilobytes", "unwritable"),
    [
        ("collect", 12, "raw.parquet"),
        ("validate", 2, "data_docs"),
        ("prepare", 6, "train.parquet"),
        ("train", 8, "model"),
        ("evaluate", 12, "evaluation.json"),
    ],
)
def test_a_full_disk_stops_a_stage_and_leaves_what_was_there(
    project: Path, stage: str, kilobytes: int, unwritable: str
) -> None:
    before = keepsakes(project)
    refused(with_files_up_to(kilobytes, project, stage, "tiny"), 71, unwritable, "could not be written")
    assert keepsakes(project) == before
    assert leftovers(project) == []


@contextmanager
def full_disk(folder: Path) -> Iterator[Callable[[], None]]:
    """Put ``folder`` on a disk of its own that is full; gives a function that frees some space."""
    size = sum(path.stat().st_size + 8192 for path in folder.rglob("*")) + 1_000_000
    aside = folder.rename(folder.with_name("aside"))
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False)
    if mounted.returncode != 0:
        pytest.skip("only root can mount a small disk; the limit on file sizes tells the same")
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", folder], check=True)
        free = os.statvfs(folder)
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(free.f_bavail * free.f_frsize))
        yield ballast.unlink
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_stops_register_and_a_second_attempt_makes_one_version(project: Path) -> None:
    change_params(project, "n_estimators: 20", "n_estimators: 24")
    succeeded(slipway(project, "run", "tiny", "--until", "evaluate"))
    with full_disk(project / ".slipway") as free_some_space:
        refused(slipway(project, "register", "tiny"), 71, "MLflow", "disk is full")
        assert set(versions(project)) == {1}
        free_some_space()
        succeeded(slipway(project, "register", "tiny"))
        assert set(versions(project)) == {1, 2}
        assert live_runs(project) == 2
        assert leftovers(project) == []


def test_a_full_disk_stops_a_run_and_the_next_one_goes_on(project: Path) -> None:
    needs_collecting(project)
    with full_disk(project / "data") as free_some_space:
        refused(slipway(project, "run", "tiny"), 71, "could not be written")
        assert leftovers(project) == []
        free_some_space()
        succeeded(slipway(project, "run", "tiny"))
        assert leftovers(project) == []
    assert set(versions(project)) == {1}


def test_a_use_case_that_does_not_import_is_named_and_the_others_go_on(project: Path) -> None:
    add_use_case(project, "absent")
    (project / "src/use_cases/absent/source/__init__.py").write_text("import nothing_of_that_name\n")
    text = (project / "params.yaml").read_text()
    section = text.removeprefix("use_cases:\n").replace("  tiny:", "  absent:")
    (project / "params.yaml").write_text(text + section)
    result = slipway(project, "run")
    refused(result, 12, "error: absent: use case absent cannot be used", "nothing_of_that_name", "src/use_cases/absent")
    assert "tiny version 1" in result.stdout
    succeeded(slipway(project, "show", "tiny"))


def test_an_unknown_use_case_is_refused_with_the_nearest_name(fresh: Path) -> None:
    refused(slipway(fresh, "run", "tyny"), 11, "tyny", "did you mean tiny?")
    refused(slipway(fresh, "prepare", "nobody"), 11, "nobody", "tiny")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("n_estimators", "n_estimator", "use_cases.tiny.train.n_estimator: unknown key, did you mean n_estimators?"),
        ("n_estimators: 20", "n_estimators: many", '"many" is not allowed'),
        ("holdout_share: 0.3", "holdout_share: 3", "use_cases.tiny.split.holdout_share: 3 is not allowed"),
        ("metric: roc_auc, min", "metric: roc_acu, min", "did you mean roc_auc?"),
        ("slices: [plan]", "slices: [plans]", "did you mean plan?"),
        ("estimator: lightgbm", "estimator: lightgmb", "did you mean lightgbm?"),
        ("use_cases:", "use_cases: [", "does not parse"),
    ],
)
def test_a_typing_mistake_in_params_fails_before_anything_runs(fresh: Path, old: str, new: str, told: str) -> None:
    change_params(fresh, old, new)
    refused(slipway(fresh, "run", "tiny"), 10, "params.yaml", told)
    assert not (fresh / ".slipway").exists()
    assert not (fresh / "data/tiny").exists()


@pytest.mark.parametrize("arguments", [["nonsense"], ["run", "--wait", "long"], ["collect"]], ids=" ".join)
def test_a_command_line_that_was_typed_wrong_shows_its_usage(fresh: Path, arguments: list[str]) -> None:
    result = slipway(fresh, *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("Usage: slipway")
    assert "Error: " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_command_outside_a_project_says_where_to_go(tmp_path: Path) -> None:
    refused(slipway(tmp_path, "run", "tiny"), 10, "params.yaml", "folder of your clone")


@pytest.mark.parametrize(
    ("stage", "missing", "made_by"),
    [
        ("validate", RAW, "slipway collect tiny"),
        ("prepare", RAW, "slipway collect tiny"),
        ("train", "data/tiny/prepared/train.parquet", "slipway prepare tiny"),
        ("incumbents", "data/tiny/model/model.onnx", "slipway train tiny"),
        ("evaluate", "data/tiny/scores.parquet", "slipway train tiny"),
        ("register", "data/tiny/evaluation.json", "slipway evaluate tiny"),
    ],
)
def test_a_stage_without_its_input_names_the_command_that_makes_it(
    project: Path, stage: str, missing: str, made_by: str
) -> None:
    (project / missing).unlink()
    refused(slipway(project, stage, "tiny"), 20, missing, made_by)
    assert leftovers(project) == []


def test_a_document_that_was_changed_by_hand_is_refused(project: Path) -> None:
    path = project / "data/tiny/incumbents/incumbents.json"
    path.write_text(path.read_text().replace('"holdout_uses": 0', '"holdout_uses": "none"'))
    refused(slipway(project, "evaluate", "tiny"), 20, "incumbents.json", "slipway incumbents tiny")


SLACK = {"SLACK_BOT_TOKEN": "xoxb-not-to-be-told", "SLACK_CHANNEL": "models", "SLACK_API_URL": f"{NOBODY_LISTENS}/api/"}


@pytest.mark.parametrize("stage", ["collect", "prepare"])
def test_a_slack_that_does_not_answer_changes_no_result_and_tells_no_secret(fresh: Path, stage: str) -> None:
    expected = {"collect": 0, "prepare": 20}[stage]
    result = slipway(fresh, stage, "tiny", env=SLACK)
    assert result.returncode == expected
    assert f"Slack was not told of {stage} tiny" in result.stderr
    assert "Traceback" not in result.stderr
    assert all(SLACK["SLACK_BOT_TOKEN"] not in text for text in (result.stdout, result.stderr, *texts(fresh)))


def texts(workspace: Path) -> Iterator[str]:
    for path in (workspace / ".slipway").rglob("*"):
        if path.is_file():
            yield path.read_text(errors="replace")
