from pathlib import Path

import pytest

from slipway.core.errors import CandidateRejected, StageFailed
from slipway.core.evaluation import Decision
from slipway.stages.verdict import verdict
from slipway.workspace.files import write_document
from slipway.workspace.paths import Paths
from tests.support import pull_reports as made
from tests.support import records


def judged(root: Path, decision: Decision) -> Paths:
    paths = Paths(root, "churn")
    write_document(paths.record, records.record(decision))
    write_document(paths.result("train"), made.result("train"))
    return paths


@pytest.mark.parametrize("decision", [Decision.PROMOTE, Decision.HOLD])
def test_a_candidate_that_may_go_on_is_told(tmp_path: Path, decision: Decision) -> None:
    said = verdict(judged(tmp_path, decision))
    assert said == f"churn: {decision.value}: the gates say {decision.value}"


def test_a_rejected_candidate_stops_the_line(tmp_path: Path) -> None:
    with pytest.raises(CandidateRejected, match="the gates say reject"):
        verdict(judged(tmp_path, Decision.REJECT))


def test_a_failed_stage_lends_its_words_and_its_exit_code(tmp_path: Path) -> None:
    paths = judged(tmp_path, Decision.PROMOTE)
    write_document(paths.result("train"), made.failed())
    with pytest.raises(StageFailed, match="train of churn failed: the estimator could not be fitted") as raised:
        verdict(paths)
    assert (raised.value.exit_code, raised.value.cause) == (30, "a feature is constant")


def test_of_several_failures_the_first_stage_is_told(tmp_path: Path) -> None:
    paths = judged(tmp_path, Decision.PROMOTE)
    write_document(paths.result("image"), made.failed("image", exit_code=63))
    write_document(paths.result("validate"), made.failed("validate", exit_code=22))
    with pytest.raises(StageFailed, match="validate of churn failed") as raised:
        verdict(paths)
    assert raised.value.exit_code == 22


def test_a_job_that_died_has_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match="there is no verdict on churn"):
        verdict(Paths(tmp_path, "churn"))


def test_a_damaged_record_is_no_verdict(tmp_path: Path) -> None:
    paths = judged(tmp_path, Decision.PROMOTE)
    paths.record.write_text("{")
    with pytest.raises(StageFailed, match="there is no verdict"):
        verdict(paths)
