"""Requests drift: a table that follows them shows a world that changed, one that does not shows a fault."""

import numpy as np
import pandas as pd
import pytest

from slipway.core.watch import Answer, Cause, Watch
from slipway.monitoring.skew import Collected
from tests.unit.monitoring.windows import batch, rows, watch, week

DRIFT, SKEW = "drift of tenure", "skew of tenure"
DAY = 86_400
SINCE, UNTIL = (pd.Timestamp(day, tz="UTC").timestamp() for day in ("2026-01-15", "2026-01-22"))


def collected(table: pd.DataFrame, since: float = SINCE, until: float = UNTIL) -> Collected:
    """Rows spread evenly over a time."""
    return Collected(dict(batch(table).columns), np.linspace(since, until - 1, len(table)))


def before() -> list[Watch]:
    """Looks after three weeks, the newest first: tenure drifts from the third on."""
    sound = [watch(rows(2_000, seed=n), **week(n)) for n in (0, 1)]
    first = watch(rows(2_000, seed=2, tenure=1.0), previous=[*reversed(sound)], **week(2))
    assert DRIFT in first.standing
    return [first, *reversed(sound)]


def looked(table: Collected | None, previous: list[Watch] | None = None) -> Watch:
    """A fourth week, in which tenure drifts again, and what was collected of the third."""
    looks = before() if previous is None else previous
    drifting = rows(2_000, seed=3, tenure=1.0, harm=0.3)
    return watch(drifting, labelled=True, previous=looks, collect=lambda: table, **week(3))


def test_a_drift_that_the_table_does_not_show_is_an_alarm_and_retraining_waits() -> None:
    found = looked(collected(rows(600, seed=4)))
    assert {DRIFT, SKEW} <= set(found.alarms)
    [told] = [sighting.told for sighting in found.findings if sighting.name == SKEW]
    assert "from 2026-01-15 to 2026-01-22" in told
    assert "600 rows collected" in told
    assert found.retrain.answer is Answer.WAIT


def test_a_drift_that_the_table_shows_too_is_the_world() -> None:
    found = looked(collected(rows(600, seed=4, tenure=1.0)))
    assert DRIFT in found.alarms
    assert SKEW not in found.alarms
    assert (found.retrain.answer, found.retrain.cause) == (Answer.YES, Cause.PERFORMANCE)


@pytest.mark.parametrize(
    "table",
    [
        None,
        collected(rows(499, seed=4)),
        collected(rows(600, seed=4), until=UNTIL - DAY),
        collected(rows(600, seed=4), since=UNTIL, until=UNTIL + DAY),
    ],
    ids=["no table", "few rows", "the window is not over", "rows of another time"],
)
def test_a_table_that_cannot_tell_says_nothing(table: Collected | None) -> None:
    assert SKEW not in looked(table).alarms


def test_a_slow_drift_is_held_to_the_window_that_saw_it() -> None:
    """The table lags behind requests by as long as outcomes take."""
    began = watch(rows(2_000, seed=2, tenure=0.3), previous=before()[1:], **week(2))
    assert DRIFT in began.standing
    assert SKEW not in looked(collected(rows(600, seed=4, tenure=0.3)), previous=[began, *before()[1:]]).alarms


def test_a_drift_that_nobody_saw_begin_is_none() -> None:
    """Requests may always have been of others than those whose outcomes are collected."""
    drifting = [look for look in before() if DRIFT in look.standing]
    assert SKEW not in looked(collected(rows(600, seed=4)), previous=drifting).alarms


def test_a_skew_that_was_told_stands_when_its_beginning_is_forgotten() -> None:
    told, table = looked(collected(rows(600, seed=4))), collected(rows(600, seed=4), SINCE + 7 * DAY, UNTIL + 7 * DAY)
    later = watch(rows(2_000, seed=5, tenure=1.0), previous=[told], collect=lambda: table, **week(4))
    assert SKEW in later.alarms


def test_a_skew_outlives_the_champion() -> None:
    """Another model has another reference, and what arrives is as wrong as before."""
    other = {"version": 4, "record_digest": "r4", "registered_at": "2026-01-22T01:00:00+00:00"}
    first = watch(rows(2_000, seed=6, tenure=1.0), previous=before(), **other, **week(3))
    table = collected(rows(600, seed=4), SINCE + 7 * DAY, UNTIL + 7 * DAY)
    looks = [first, *before()]
    second = watch(rows(2_000, seed=7, tenure=1.0), previous=looks, collect=lambda: table, **other, **week(4))
    assert SKEW in second.alarms


def test_the_table_is_read_only_where_a_drift_lasts() -> None:
    def never() -> Collected:
        raise AssertionError("nothing drifts")

    sound = watch(rows(2_000, seed=8), previous=before(), collect=never, **week(3))
    assert SKEW not in sound.alarms
