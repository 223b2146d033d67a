from datetime import UTC, datetime
from pathlib import Path

import pytest

from slipway.adapters.git import GitTwin
from slipway.core.plan import Affected, Plan
from slipway.core.pull_report import LONGEST_TEXT, PullReport
from slipway.stages.pull_report import Occasion, gather
from slipway.workspace.files import write_document
from slipway.workspace.params import read_params
from slipway.workspace.paths import Paths
from tests.support import pull_reports as made
from tests.support import records
from tests.support.documents import PROJECT

BASE = "b" * 40
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLAN = Plan((Affected("churn", "train", ("params.yaml: use_cases.churn.train.seed changed",)),), base=BASE)


def gathered(
    root: Path, plan: Plan = PLAN, params: str = "", run_url: str = made.RUN, head: str | None = None
) -> PullReport:
    vcs = GitTwin(head="a" * 40, files={(BASE, "params.yaml"): params})
    return gather(root, vcs, plan, Occasion("main", run_url, 0.006, NOW, head))


def test_all_that_lies_in_the_workspace_is_gathered(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "churn")
    write_document(paths.record, records.record())
    write_document(paths.changes, made.data_changes())
    write_document(paths.image, made.image())
    for stage in ("image", "train", "collect"):
        write_document(paths.result(stage), made.result(stage))
    [dossier] = gathered(tmp_path).dossiers
    assert dossier.record == records.record()
    assert (dossier.changes, dossier.image) == (made.data_changes(), made.image())
    assert [result.stage for result in dossier.results] == ["collect", "train", "image"]
    assert dossier.reasons == ("params.yaml: use_cases.churn.train.seed changed",)


def test_the_commit_it_is_about_is_the_one_here_unless_another_is_named(tmp_path: Path) -> None:
    assert gathered(tmp_path).head == "a" * 40
    assert gathered(tmp_path, head="c" * 40).head == "c" * 40


def test_a_use_case_whose_job_left_nothing_has_a_dossier_all_the_same(tmp_path: Path) -> None:
    [dossier] = gathered(tmp_path).dossiers
    assert (dossier.record, dossier.validation, dossier.results) == (None, None, ())


def test_documents_that_are_damaged_are_missing(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "churn")
    for path in (paths.record, paths.validation, paths.changes, paths.image, paths.result("train")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{")
    [dossier] = gathered(tmp_path).dossiers
    assert (dossier.record, dossier.validation, dossier.changes, dossier.image, dossier.results) == (
        None, None, None, None, (),
    )  # fmt: skip


def test_a_document_too_large_for_a_report_is_missing_from_it(tmp_path: Path) -> None:
    write_document(Paths(tmp_path, "churn").changes, made.data_changes(added=("x" * (LONGEST_TEXT + 1),)))
    assert gathered(tmp_path).dossiers[0].changes is None


def test_a_stage_that_failed_with_a_flood_of_words_is_cut(tmp_path: Path) -> None:
    write_document(Paths(tmp_path, "churn").result("train"), made.failed(headline="x" * 100_000))
    assert len(gathered(tmp_path).dossiers[0].results[0].headline) == 2_000


def test_params_of_the_base_are_those_of_the_use_case(tmp_path: Path) -> None:
    params = "use_cases: {churn: {train: {seed: 8}}, homes: {}}"
    assert gathered(tmp_path, params=params).dossiers[0].previous_params == {"train": {"seed": 8}}


@pytest.mark.parametrize("params", ["", "use_cases: [", "use_cases: {churn: 7}", "use_cases: {homes: {}}"])
def test_a_base_without_usable_params_has_none(tmp_path: Path, params: str) -> None:
    assert gathered(tmp_path, params=params).dossiers[0].previous_params is None


def test_what_the_base_leaves_to_defaults_is_filled_in_as_records_have_it(tmp_path: Path) -> None:
    text = (PROJECT / "params.yaml").read_text(encoding="utf-8")
    now = read_params(PROJECT).use_cases["churn"].evidence()
    assert gathered(tmp_path, params=text).dossiers[0].previous_params == now


def test_removed_use_cases_and_the_commits_compared_are_noted(tmp_path: Path) -> None:
    report = gathered(tmp_path, Plan((), removed=("old",), base=BASE))
    assert (report.base, report.head, report.removed, report.dossiers) == (BASE, "a" * 40, ("old",), ())
    assert report.made_at == "2026-01-02T03:04:05+00:00"


def test_without_a_commit_to_compare_with_the_reference_is_named(tmp_path: Path) -> None:
    assert gathered(tmp_path, Plan((Affected("churn", "train", ("x",)),))).base == "main"


def test_a_server_with_an_odd_address_costs_the_link_only(tmp_path: Path) -> None:
    assert gathered(tmp_path, run_url="https://host/a) [b").run_url == ""
