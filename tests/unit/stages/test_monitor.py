"""The span that is asked for, what a workflow is told, and labels that count once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from slipway.core.errors import ParamsInvalid
from slipway.core.watch import Answer, Cause, Counts, Retrain, Span
from slipway.monitoring.labels import labels_before, labels_until
from slipway.stages.history import DECISIONS, decided, decisions
from slipway.stages.monitor import outputs
from slipway.stages.span import span_of
from slipway.stages.watched_champion import importances_of
from tests.support.looks import DRIFT, watch

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "begin", "end"),
    [
        (None, None, "2026-03-01T12:00:00.000+00:00", "2026-03-08T12:00:00.000+00:00"),
        ("12h", None, "2026-03-08T00:00:00.000+00:00", "2026-03-08T12:00:00.000+00:00"),
        ("2w", "2026-03-01", "2026-02-15T00:00:00.000+00:00", "2026-03-01T00:00:00.000+00:00"),
        ("1.5d", "2026-03-02T00:00:00Z", "2026-02-28T12:00:00.000+00:00", "2026-03-02T00:00:00.000+00:00"),
        ("2026-03-01T01:00:00+01:00", None, "2026-03-01T00:00:00.000+00:00", "2026-03-08T12:00:00.000+00:00"),
    ],
)
def test_a_span_is_told_by_its_length_or_its_ends(since: str, until: str, begin: str, end: str) -> None:
    assert span_of(since, until, 7.0, NOW) == Span(since=begin, until=end)


@pytest.mark.parametrize(("since", "until"), [("soon", None), ("0d", None), ("7d", "tomorrow"), ("2027-01-01", None)])
def test_what_is_no_span_is_refused(since: str, until: str | None) -> None:
    with pytest.raises(ParamsInvalid):
        span_of(since, until, 7.0, NOW)


def test_a_workflow_is_told_the_decision_its_first_reason_and_whether_there_are_alarms() -> None:
    reasons = ("roc_auc fell by 9 %", "labels are enough")
    decided = Retrain(answer=Answer.YES, cause=Cause.PERFORMANCE, since="2026-03-01", reasons=reasons)
    assert outputs(watch(DRIFT, retrain=decided)) == {
        "retrain": "true",
        "answer": "yes",
        "reason": "roc_auc fell by 9 %",
        "alarms": "true",
    }
    assert outputs(watch())["retrain"] == outputs(watch())["alarms"] == "false"


def test_labels_of_overlapping_looks_count_once() -> None:
    def look(begin: int, end: int, labels: int):  # type: ignore[no-untyped-def]
        span = Span(since=f"2026-03-{begin:02d}T00:00:00+00:00", until=f"2026-03-{end:02d}T00:00:00+00:00")
        return watch(span=span, counts=Counts(feedback=labels))

    looks = [look(9, 16, 100), look(8, 15, 10), look(2, 9, 1000), look(1, 8, 10_000)]
    assert labels_before(looks, "2026-03-16T00:00:00+00:00") == 1100
    assert labels_before(looks, "2026-03-08T00:00:00+00:00") == 10_000
    assert labels_before([], "2026-03-08T00:00:00+00:00") == 0


def test_outcomes_that_several_looks_go_back_to_count_once() -> None:
    def look(end: int):  # type: ignore[no-untyped-def]
        span = Span(since=f"2026-03-{end - 7:02d}T00:00:00+00:00", until=f"2026-03-{end:02d}T00:00:00+00:00")
        heard = f"2026-03-{max(end - 14, 1):02d}T00:00:00+00:00"
        labels = 100 * min(end - 1, 14)
        return watch(span=span, made_at=span.until, outcomes_since=heard, counts=Counts(feedback=labels))

    looks = [look(29), look(22), look(15), look(8)]
    assert labels_until(looks, "2026-03-29T00:00:00+00:00") == 2_800
    assert labels_until(looks, "2026-03-25T00:00:00+00:00") == 2_100
    assert labels_before(looks, "2026-03-08T00:00:00+00:00") == 700


def test_history_shows_what_was_decided() -> None:
    [cells] = decisions([watch(DRIFT)])
    shown = dict(zip(DECISIONS, cells, strict=True))
    assert shown["looked at"] == "2026-11-21 04:17"
    assert (shown["predictions"], shown["outcomes"], shown["retrain"]) == ("2,000", "1,204", "no")
    assert decided(watch(DRIFT)) == "2026-11-21 04:17: nothing speaks for it; alarms: drift of tenure"
    assert "alarms" not in decided(watch())


def test_importances_that_cannot_be_read_are_a_finding_and_no_end(tmp_path: Path) -> None:
    (tmp_path / "importances.json").write_text("{")
    shares, [problem] = importances_of(tmp_path / "importances.json")
    assert shares == {}
    assert problem.name == "importances"
