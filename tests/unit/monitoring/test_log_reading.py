"""Entries become batches of the version that is watched; all else is counted, and nothing stops the reading."""

from typing import Any

import numpy as np
import pytest

from slipway.core.signature import Field
from slipway.core.watch import Counts
from slipway.monitoring.batch import Batch
from slipway.monitoring.log.reading import LogReading, Watched
from tests.support.prediction_logs import (
    DAY,
    OTHER,
    RECORD,
    START,
    lines,
    prediction,
    refusal,
    row,
    signature,
)


def watched(**changes: Any) -> Watched:
    fields: dict[str, Any] = {
        "record_digest": RECORD,
        "signature": signature(),
        "since": START,
        "until": START + 7 * DAY,
        "born": START - 30 * DAY,
        "latest": START + 7 * DAY + 300,
        "heard": START,
        "positive": "Yes",
    }
    return Watched(**(fields | changes))


class Seen:
    """What reading some entries gave."""

    def __init__(self, *entries: Any, **changes: Any) -> None:
        self.batches: list[Batch] = []
        self.reading = LogReading(watched(**changes), self.batches.append)
        self.reading.read(lines(entries))
        self.counts: Counts = self.reading.finish()

    @property
    def batch(self) -> Batch:
        [batch] = self.batches
        return batch


def test_rows_become_columns_as_the_model_saw_them() -> None:
    rows = [row(29.85, "Two year", "1970-01-11"), row(None, None, None), row(3, "", "1970-01-01")]
    batch = Seen(prediction(rows=rows, scores=[0.1, 0.2, 0.3])).batch
    assert float(batch.columns["tenure"][0]) == float(np.float32(29.85))
    np.testing.assert_array_equal(np.isnan(batch.columns["tenure"].astype(float)), [False, True, False])
    assert batch.columns["contract"].tolist() == ["Two year", None, None]
    np.testing.assert_array_equal(batch.columns["day"].astype(float), [10.0, np.nan, 0.0])
    np.testing.assert_array_equal(batch.scores, [0.1, 0.2, 0.3])
    np.testing.assert_array_equal(batch.latencies, [0.5, np.nan, np.nan])
    assert len(set(batch.ids.tolist())) == 3
    np.testing.assert_array_equal(batch.times, [START] * 3)


def test_only_the_span_counts_and_its_end_is_not_in_it() -> None:
    times = [START - 1, START, START + 7 * DAY - 1, START + 7 * DAY]
    seen = Seen(*(prediction(str(at), at) for at in times))
    assert (seen.counts.predictions, seen.counts.requests, seen.counts.misdated) == (2, 2, 0)


def test_rows_of_other_versions_are_counted_by_version_and_not_looked_at() -> None:
    strange = prediction("c", rows=[{"other": 1}], record="c" * 64, version=None)
    seen = Seen(prediction(), prediction("b", rows=[row()] * 2, record=OTHER, version="2"), strange)
    assert seen.counts.others == {"2": 2, "cccccccccccc": 1}
    assert seen.counts.predictions == 1


def test_refused_requests_are_counted_with_what_they_were_refused_for() -> None:
    seen = Seen(prediction(), refusal("b"), refusal("c"), refusal("d", record=OTHER))
    assert (seen.counts.requests, seen.counts.refused) == (3, 2)
    assert seen.reading.problems == {"tenure is not a number": 2}


def test_an_entry_that_is_there_twice_counts_once_and_another_request_of_that_id_counts() -> None:
    entries = [
        prediction(rows=[row()] * 2),
        prediction(rows=[row()] * 2),
        prediction(at=START + 1),
        refusal(),
        refusal(),
    ]
    seen = Seen(*entries)
    assert (seen.counts.predictions, seen.counts.repeated, seen.counts.requests) == (3, 2, 3)
    assert seen.batch.rows == 3


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"kind":"prediction"}',
        prediction(rows=[], scores=[]),
        prediction(rows=[row()], scores=[0.1, 0.2]),
        prediction() | {"inputs": 7},
        prediction() | {"inputs": [7]},
        prediction() | {"outputs": [{"probability": "high"}]},
        prediction() | {"model": "churn"},
        prediction() | {"kind": "surprise"},
    ],
)
def test_a_line_that_is_no_entry_is_counted_and_the_next_is_read(line: Any) -> None:
    seen = Seen(line, prediction("next"))
    assert (seen.counts.unreadable, seen.counts.predictions) == (1, 1)


@pytest.mark.parametrize(
    "entry",
    [
        prediction(at=START + 400 * DAY),
        prediction(at=START - 60 * DAY),
        prediction() | {"time": "yesterday"},
        prediction() | {"time": "2026-13-41T00:00:00.000Z"},
        refusal(at=START + 400 * DAY),
    ],
)
def test_a_time_that_cannot_be_is_counted_and_left_out(entry: Any) -> None:
    seen = Seen(entry, prediction("next"))
    assert (seen.counts.misdated, seen.counts.predictions) == (1, 1)


def test_entries_may_come_in_any_order() -> None:
    times = [START + 50, START, START + 100, START + 10]
    assert Seen(*(prediction(str(at), at) for at in times)).counts.predictions == 4


def test_times_may_be_written_otherwise() -> None:
    told = ("2026-03-01T01:00:00+01:00", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00")
    seen = Seen(*(prediction(text) | {"time": text} for text in told))
    np.testing.assert_array_equal(seen.batch.times, [START] * 3)


def test_cells_of_a_wrong_type_are_missing_and_counted() -> None:
    rows = [row("12", 7, 20), row(True), row(1.0, "One year", "no day")]
    seen = Seen(prediction(rows=rows))
    assert seen.reading.cells.unfit == {"tenure": 2, "contract": 1, "day": 2}
    assert seen.batch.columns["contract"].tolist() == [None, "Two year", "One year"]
    assert np.isnan(seen.batch.columns["tenure"].astype(float)).tolist() == [True, True, False]


def test_an_input_that_no_row_has_is_no_column_and_one_that_some_have_is_missing_in_the_others() -> None:
    some = {"contract": "Two year", "day": "2026-01-01"}
    assert "tenure" not in Seen(prediction(rows=[some])).batch.columns
    seen = Seen(prediction(rows=[some, row()]))
    assert seen.reading.cells.absent["tenure"] == 1
    assert np.isnan(float(seen.batch.columns["tenure"][0]))


def test_a_window_of_nothing_but_null_is_read() -> None:
    batch = Seen(prediction(rows=[row(None, None, None)] * 3, scores=[None] * 3)).batch
    assert np.isnan(batch.scores).all()
    assert batch.columns["contract"].tolist() == [None] * 3


def test_hashed_inputs_are_words_and_those_left_out_are_not_missed() -> None:
    inputs = (
        Field(name="tenure", type="number", nullable=True, log="hashed"),
        Field(name="contract", type="category", nullable=True, log="left_out"),
    )
    seen = Seen(prediction(rows=[{"tenure": "0af3"}, {"tenure": None}]), signature=signature(inputs=inputs))
    assert seen.batch.columns.keys() == {"tenure"}
    assert seen.batch.columns["tenure"].tolist() == ["0af3", None]
    assert not seen.reading.cells.absent
    assert not seen.reading.cells.unfit


def test_a_name_that_json_would_escape_is_read_as_the_endpoint_writes_it() -> None:
    inputs = (Field(name='a "b"', type="number", nullable=True), Field(name="c", type="category", nullable=True))
    rows = [{"field_0": 1.0, "field_1": "x"}, {'a "b"': 2.0, "c": "y"}]
    batch = Seen(prediction(rows=rows), signature=signature(inputs=inputs)).batch
    assert batch.columns['a "b"'].tolist() == [1.0, 2.0]
    assert batch.columns["c"].tolist() == ["x", "y"]


def test_batches_are_of_a_bounded_size() -> None:
    batches: list[Batch] = []
    reading = LogReading(watched(), batches.append)
    for some in range(6):
        reading.read(lines(prediction(f"{some}-{n}", rows=[row()] * 50) for n in range(200)))
    assert reading.finish().predictions == 60_000
    assert len(batches) > 2
