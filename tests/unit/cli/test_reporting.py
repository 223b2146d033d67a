"""`slipway report`, `slipway changes` and `slipway verdict` in a clone."""

from pathlib import Path

import pytest

from slipway.core.changes import DataChanges
from slipway.core.pull_report import PullReport
from slipway.report.pull_request import MARKER
from slipway.workspace.files import write_document
from slipway.workspace.paths import Paths
from tests.support import pull_reports as made
from tests.support import records
from tests.support.workspace import make_workspace, slipway


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("reporting"))


def test_nothing_affected_is_reported_everywhere_it_is_asked_for(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "summary.md").write_text("what another step said\n")
    files = {name: str(tmp_path / f"{name}") for name in ("summary.md", "report.json", "report.md")}
    done = slipway(
        clone, "report", "--since", "main", "--summary", files["summary.md"], "--json", files["report.json"],
        "--markdown", files["report.md"],
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
    text = (tmp_path / "report.md").read_text()
    assert text.startswith(MARKER)
    assert (tmp_path / "summary.md").read_text() == f"what another step said\n{text}"
    assert PullReport.model_validate_json((tmp_path / "report.json").read_text()).dossiers == ()


def test_without_options_the_report_is_printed(clone: Path) -> None:
    environment = {"GITHUB_REPOSITORY": "acme/models", "GITHUB_RUN_ID": "7"}
    done = slipway(clone, "report", env=environment)
    assert done.stdout.startswith(MARKER)
    assert "(https://github.com/acme/models/actions/runs/7)" in done.stdout


def test_an_odd_price_is_refused_with_words(clone: Path) -> None:
    done = slipway(clone, "report", env={"SLIPWAY_RUNNER_PRICE": "0,006 €"})
    assert done.returncode == 10
    assert "SLIPWAY_RUNNER_PRICE is '0,006 €', which is no price" in done.stderr
    assert "Traceback" not in done.stderr


def test_changes_of_a_use_case_without_data_here_are_told_and_fail_nothing(clone: Path) -> None:
    done = slipway(clone, "changes", "churn")
    assert done.returncode == 0
    assert "is not known: the data of this change is not at hand" in done.stdout
    assert not DataChanges.model_validate_json(Paths(clone, "churn").changes.read_text()).known


def test_the_verdict_ends_with_the_code_of_what_stopped_the_candidate(clone: Path) -> None:
    paths = Paths(clone, "churn")
    assert slipway(clone, "verdict", "churn").returncode == 73
    write_document(paths.record, records.record())
    assert slipway(clone, "verdict", "churn").stdout == "churn: promote: the gates say promote\n"
    write_document(paths.result("train"), made.failed())
    assert slipway(clone, "verdict", "churn").returncode == 30
