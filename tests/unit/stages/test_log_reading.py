"""A log of any state is read: what can be used is used, and what cannot is told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from slipway.adapters.prediction_log.twin import InMemoryLog
from slipway.core.errors import LogUnavailable
from slipway.monitoring.batch import Batch
from slipway.monitoring.log.reading import Watched
from slipway.stages.log_reading import LogRead, read_log
from tests.support.prediction_logs import (
    DAY,
    OTHER,
    RECORD,
    START,
    feedback,
    name,
    packed,
    prediction,
    refusal,
    row,
    signature,
)

WATCHED = Watched(RECORD, signature(), START, START + 7 * DAY, START - 200 * DAY, START + 7 * DAY + 300, START, "Yes")


def log(files: Mapping[str, bytes], modified: float = START + 6 * DAY) -> InMemoryLog:
    return InMemoryLog({called: (content, modified) for called, content in files.items()})


def read(*entries: Any, **options: Any) -> LogRead:
    return read_all(log({name(START): packed(*entries)}), **options)


def read_all(held: InMemoryLog, feedback_days: float = 92.0) -> LogRead:
    return read_log(held, WATCHED, lambda _: None, feedback_days=feedback_days)


def names(found: LogRead) -> dict[str, str]:
    return {sighting.name: sighting.weight.value for sighting in found.findings}


def test_every_row_of_a_request_finds_its_own_outcome() -> None:
    asked = prediction(rows=[row()] * 3, scores=[0.1, 0.2, 0.3])
    found = read(asked, feedback(outcome=1, position=2), feedback(outcome=0, position=0))
    assert found.outcomes is not None
    assert sorted(zip(found.outcomes.scores, found.outcomes.targets, strict=True)) == [(0.1, 0.0), (0.3, 1.0)]
    assert found.counts.feedback == 2
    assert names(found) == {}


def test_feedback_may_come_before_its_prediction_in_the_log() -> None:
    assert read(feedback(), prediction()).counts.feedback == 1


def test_late_outcomes_find_predictions_of_older_files_and_no_more_files_are_opened_than_needed() -> None:
    old = {days: START - days * DAY for days in (80, 60, 40)}
    now = {name(START, number=90): (packed(feedback("r40"), feedback("r60")), START + DAY)}
    files = {name(at, number=90 - days): (packed(prediction(f"r{days}", at)), at + DAY) for days, at in old.items()}
    held = InMemoryLog({**now, **files})
    found = read_all(held)
    assert (found.counts.feedback, found.counts.orphaned, found.counts.predictions) == (2, 0, 0)
    assert found.outcomes is not None
    np.testing.assert_array_equal(np.sort(found.outcomes.times), [START - 60 * DAY, START - 40 * DAY])
    assert name(START - 80 * DAY, number=10) not in held.opened


def test_outcomes_older_than_they_may_be_find_nothing() -> None:
    old = START - 40 * DAY
    held = log({name(old): packed(prediction("r", old)), name(START, number=1): packed(feedback("r"))})
    assert read_all(held, feedback_days=30).counts.orphaned == 1
    assert read_all(held, feedback_days=50).counts.orphaned == 0


def test_outcomes_count_from_when_they_are_heard_on_and_predictions_of_the_span_alone() -> None:
    days = {30: ("a", 25), 20: ("b", 15), 5: ("c", 4)}
    files = {}
    for number, (asked, (called, told)) in enumerate(days.items()):
        entries = packed(
            prediction(called, START - asked * DAY), prediction(f"{called}-", START - asked * DAY), b"{torn",
            feedback(called, at=START - told * DAY),
        )  # fmt: skip
        files[name(START - asked * DAY, number=number)] = (entries, START - told * DAY)
    now = packed(prediction("d", START + 1), feedback("d", at=START + 2))
    held = InMemoryLog({**files, name(START, number=9): (now, START + DAY)})
    for heard, count in ((0, 1), (10, 2), (20, 3), (28, 4)):
        found = read_log(held, replace(WATCHED, heard=START - heard * DAY), lambda _: None, feedback_days=92.0)
        assert (found.counts.feedback, found.counts.predictions, found.counts.orphaned) == (count, 1, 0)
        assert (found.counts.files, found.counts.unreadable) == (1, 0)


def test_a_file_at_the_edge_of_the_span_is_heard_once() -> None:
    entries = packed(prediction("a", START - 9), feedback("a", at=START - 8), prediction("b", START + 9))
    held = log({name(START - 10): entries})
    found = read_log(held, replace(WATCHED, heard=START - DAY), lambda _: None, feedback_days=92.0)
    assert (found.counts.feedback, found.counts.predictions) == (1, 1)
    assert names(found) == {}


def test_outcomes_of_other_versions_are_told_apart_from_those_of_nothing() -> None:
    asked = [prediction("mine"), prediction("theirs", record=OTHER, version="2")]
    found = read(*asked, feedback("mine"), feedback("theirs"), feedback("nobody's"))
    assert (found.counts.feedback, found.counts.orphaned, found.counts.others) == (1, 1, {"2": 1})
    assert names(found) == {"feedback of other versions": "note"}


def test_outcomes_that_contradict_repeat_or_cannot_be_are_told() -> None:
    asked = [prediction(str(n)) for n in range(4)]
    told = [feedback("0", outcome=1), feedback("0", outcome=0), feedback("1"), feedback("1"), feedback("2", outcome=7)]
    found = read(*asked, *told, feedback("3", outcome="no"), feedback("3", outcome="No"))
    assert (found.counts.contradictory, found.counts.feedback) == (1, 2)
    assert names(found) == {"repeated feedback": "note", "unfit feedback": "warning", "words of feedback": "warning"}


def test_mostly_orphaned_outcomes_are_a_warning() -> None:
    assert names(read(prediction(), feedback("x"), feedback("y"))) == {"orphaned feedback": "warning"}


def test_inputs_of_wrong_types_and_inputs_that_some_rows_lack_are_told() -> None:
    rows = [row("12"), row("13"), {"contract": "Two year", "day": "2026-01-01"}]
    found = read(prediction(rows=rows), prediction("b", rows=[row("1", 2)]))
    assert names(found) == {"absent tenure": "warning", "type of tenure": "warning", "type of contract": "warning"}
    assert names(read(prediction(rows=[row("12")]))) == {"type of tenure": "alarm"}


def test_what_requests_were_refused_for_is_told() -> None:
    assert "tenure is not a number (1)" in next(s.told for s in read(refusal()).findings)


def test_a_torn_file_is_read_as_far_as_it_goes_and_the_next_one_whole() -> None:
    whole = packed(prediction("a"), prediction("b"), prediction("c"), member=1)
    held = log({name(START): whole[:-9], name(START + 5, number=1): packed(prediction("d"))})
    counts = read_all(held).counts
    assert (counts.torn, counts.files) == (1, 2)
    assert counts.predictions >= 3


def test_an_empty_log_is_read() -> None:
    found = read_all(log({}))
    assert (found.counts.files, found.counts.predictions, found.outcomes) == (0, 0, None)


def test_a_log_that_is_out_of_reach_is_no_empty_log() -> None:
    with pytest.raises(LogUnavailable):
        read_all(InMemoryLog(None))


def test_batches_of_all_files_are_handed_on() -> None:
    batches: list[Batch] = []
    held = log({name(START): packed(prediction("a")), name(START + 5, number=1): packed(prediction("b"))})
    read_log(held, WATCHED, batches.append, feedback_days=1)
    assert sum(batch.rows for batch in batches) == 2


def test_two_files_of_the_same_entries_count_once() -> None:
    entries = packed(prediction("a"), prediction("b"), feedback("a"))
    counts = read_all(log({name(START): entries, name(START, process="copy-1"): entries})).counts
    assert (counts.predictions, counts.repeated, counts.feedback) == (2, 2, 1)
