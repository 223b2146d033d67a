from pathlib import Path

import pytest

from slipway.adapters.github_twin import WorkflowsInMemory
from slipway.core.errors import DataMissing
from slipway.core.watch import Watch
from slipway.stages.retrain import is_asked_for, looks_below, retrain
from slipway.workspace.files import write_document
from tests.support.looks import YES, drifted, watch


def left(folder: Path, *looks: Watch) -> Path:
    for place, look in enumerate(looks):
        write_document(folder / f"monitor-{place}" / "watch.json", look)
    return folder


def test_a_training_is_started_with_the_reason_and_on_new_data_where_a_look_says_yes(tmp_path: Path) -> None:
    workflows = WorkflowsInMemory()
    looks = looks_below(left(tmp_path, drifted(), watch(use_case="homes")))
    [asked] = [look for look in looks if is_asked_for(look)]
    line = retrain(asked, workflows)
    reason = "monitor: ROC AUC fell by 9.1 %, more than the tolerated 5 %"
    assert workflows.started == [("train.yml", {"use_case": "churn", "reason": reason, "fresh": "true"})]
    assert line == f"churn: train.yml started: {reason}"


def test_of_two_looks_at_one_use_case_the_newer_counts(tmp_path: Path) -> None:
    older = watch(retrain=YES, made_at="2026-11-20T04:17:05+00:00")
    assert looks_below(left(tmp_path, watch(), older)) == (watch(),)


def test_a_reason_is_one_line(tmp_path: Path) -> None:
    workflows = WorkflowsInMemory()
    retrain(watch(retrain=YES.model_copy(update={"reasons": ("a\nb" + "c" * 999,)})), workflows)
    reason = workflows.started[0][1]["reason"]
    assert "\n" not in reason
    assert len(reason) <= 300


def test_a_damaged_look_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "watch.json").write_text('{"use_case": "churn"}')
    with pytest.raises(DataMissing, match="not a valid Watch"):
        looks_below(tmp_path)


def test_a_folder_without_a_look_has_none(tmp_path: Path) -> None:
    assert looks_below(tmp_path) == ()
