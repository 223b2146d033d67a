"""What the spine promises: a raised bar rejects, a corrupted column stops, and gates that do not gate fail the run."""

import os
from pathlib import Path

import pandas as pd
import pytest

from tests.e2e.conftest import change_params, change_table, keepsakes, leftovers, refused, versions
from tests.support.workspace import slipway

pytestmark = pytest.mark.pipeline

ALWAYS_YES = """
import os, sys

if "slipway" in " ".join(sys.orig_argv) and "evaluate" in sys.orig_argv:
    from dataclasses import replace

    from slipway.core.evaluation import GateResult, Outcome
    from slipway.evaluation import gates

    def say_yes(hearing, params):
        return (GateResult(gate=lax, outcome=Outcome.PASSED, observed="", required="", reason="yes"),)

    lax = os.environ["LAX_GATE"]
    gates.GATES = tuple(replace(gate, ask=say_yes) if gate.name == lax else gate for gate in gates.GATES)
"""


def with_a_gate_that_always_says_yes(gate: str, folder: Path) -> dict[str, str]:
    """Settings under which every `slipway evaluate` has the body of one gate removed."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(ALWAYS_YES)
    return {"PYTHONPATH": os.fspath(folder), "LAX_GATE": gate}


def test_a_bar_above_what_the_model_reaches_rejects_it_and_the_champion_stays(project: Path) -> None:
    change_params(project, "{metric: roc_auc, min: 0.6}", "{metric: roc_auc, min: 0.99}")
    result = slipway(project, "run", "tiny")
    refused(result, 40, "the candidate of tiny was rejected", "roc_auc", "at least 0.99 is required", "report.md")
    assert "· train" in result.stdout
    assert versions(project) == {1: {"champion", "anchor"}, 2: {"candidate"}}
    assert "reject" in (project / ".slipway/tiny/report.md").read_text()


def test_a_corrupted_column_of_churn_stops_at_validate_naming_column_and_rows(churn: Path) -> None:
    def corrupt(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(tenure=frame["tenure"].where(frame.index != 4321, -5))

    assert slipway(churn, "collect", "churn").returncode == 0
    change_table(churn / "data/churn/raw.parquet", corrupt)
    result = slipway(churn, "run", "churn")
    refused(result, 22, "tenure: ", "between 0 and 600", "rows: 4321 (", "tenure=-5", "data_docs/index.html")
    assert "prepare" not in result.stdout
    assert (churn / ".slipway/churn/data_docs/index.html").is_file()
    assert not (churn / ".slipway/mlflow.db").exists()
    assert leftovers(churn) == []


def test_a_corrupted_column_leaves_registry_and_model_untouched(project: Path) -> None:
    def corrupt(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(age=frame["age"].where(frame.index % 100 != 0, 999))

    change_table(project / "data/tiny/raw.parquet", corrupt)
    database, before = (project / ".slipway/mlflow.db").read_bytes(), keepsakes(project)
    refused(slipway(project, "run", "tiny"), 22, "age: ", "nobody is older", "rows: 0 (", "100 (", "400 (")
    assert (project / ".slipway/mlflow.db").read_bytes() == database
    after = keepsakes(project)
    assert {path for path in before if before[path] != after.get(path)} <= {
        "data/tiny/raw.parquet",
        "data/tiny/validation.json",
    }


@pytest.mark.parametrize("gate", ["absolute", "baseline", "champion", "anchor", "slices", "api"])
def test_a_gate_without_a_body_is_found_out(project: Path, tmp_path: Path, gate: str) -> None:
    before = keepsakes(project)
    result = slipway(project, "evaluate", "tiny", env=with_a_gate_that_always_says_yes(gate, tmp_path / "lax"))
    refused(result, 42, f"gate '{gate}' lets ")
    assert keepsakes(project) == before


def test_nothing_is_registered_by_gates_that_do_not_gate(project: Path, tmp_path: Path) -> None:
    change_params(project, "{metric: roc_auc, min: 0.6}", "{metric: roc_auc, min: 0.61}")
    result = slipway(project, "run", "tiny", env=with_a_gate_that_always_says_yes("absolute", tmp_path / "lax"))
    refused(result, 42, "gate 'absolute' lets ")
    assert versions(project) == {1: {"candidate", "champion", "anchor"}}
