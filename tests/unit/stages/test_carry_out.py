import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.adapters.terminal import RecordingNotifier
from slipway.core.errors import DataUnfit, Interrupted, SlipwayError, WriteFailed
from slipway.core.stage_result import Outcome, StageResult
from slipway.stages.carry_out import carry_out
from slipway.workspace.files import read_document
from slipway.workspace.paths import Paths


def raising(error: BaseException) -> Callable[[], str]:
    def action() -> str:
        raise error

    return action


def test_what_a_stage_found_is_written_down_and_told(tmp_path: Path) -> None:
    paths, notifier = Paths(tmp_path, "churn"), RecordingNotifier()
    result = carry_out("train", paths, notifier, lambda: "200 trees")
    assert (result.status, result.headline) == ("done", "200 trees")
    assert read_document(paths.result("train"), StageResult, made_by="") == result
    assert list(notifier.results) == [result]


def test_a_verdict_and_links_are_told_with_the_headline(tmp_path: Path) -> None:
    notifier = RecordingNotifier()
    found = Outcome(headline="promote: better", verdict="promote", links={"version 3": "https://mlflow.example.org"})
    carry_out("evaluate", Paths(tmp_path, "churn"), notifier, lambda: found)
    [told] = notifier.results
    assert (told.headline, told.verdict, told.links) == (found.headline, found.verdict, found.links)


def test_a_failure_is_told_and_keeps_its_kind(tmp_path: Path) -> None:
    paths, notifier = Paths(tmp_path, "churn"), RecordingNotifier()
    with pytest.raises(DataUnfit):
        carry_out("train", paths, notifier, raising(DataUnfit("one class", cause="c", next_step="n")))
    [told] = notifier.results
    assert (told.status, told.headline, told.next_step, told.exit_code) == ("failed", "one class", "n", 23)
    assert read_document(paths.result("train"), StageResult, made_by="") == told


def test_ctrl_c_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        carry_out("train", Paths(tmp_path, "churn"), RecordingNotifier(), raising(KeyboardInterrupt()))


def test_a_full_disk_is_told_as_such_wherever_a_library_met_it(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "data_docs/index.html")
    with pytest.raises(WriteFailed, match=r"data_docs/index.html could not be written: No space left"):
        carry_out("validate", Paths(tmp_path, "churn"), RecordingNotifier(), raising(full))


def test_a_result_that_cannot_be_written_hides_no_failure(tmp_path: Path) -> None:
    notifier = RecordingNotifier()

    def action() -> str:
        paths.result("train").parent.write_text("no folder")
        raise DataUnfit("one class", cause="c", next_step="n")

    paths = Paths(tmp_path, "churn")
    paths.local.mkdir(parents=True)
    with pytest.raises(DataUnfit):
        carry_out("train", paths, notifier, action)
    assert [told.headline for told in notifier.results] == ["one class"]


def test_a_traceback_goes_to_a_file_and_not_to_the_user(tmp_path: Path) -> None:
    with pytest.raises(SlipwayError) as told:
        carry_out("train", Paths(tmp_path, "churn"), RecordingNotifier(), raising(ZeroDivisionError("1/0")))
    trace = tmp_path / ".slipway/churn/logs/train.traceback.txt"
    assert "Traceback" in trace.read_text()
    assert "Traceback" not in str(told.value)
    assert str(trace) in told.value.next_step


def test_the_result_of_an_earlier_run_does_not_outlive_the_start(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "churn")
    carry_out("train", paths, RecordingNotifier(), lambda: "first")
    seen: list[bool] = []
    carry_out("train", paths, RecordingNotifier(), lambda: seen.append(paths.result("train").exists()) or "second")
    assert seen == [False]
