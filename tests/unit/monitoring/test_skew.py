"""Requests drift: a table that follows them shows a world that changed, one that does not shows a fault."""

import pandas as pd
import pytest

from slipway.core.watch import Answer, Cause, Retrain, Watch
from slipway.monitoring.skew import Collected
from tests.unit.monitoring.windows import batch, rows, watch, week

DRIFT, SKEW = "drift of tenure", "skew of tenure"
BEGAN = pd.Timestamp("2026-01-15", tz="UTC").timestamp()


def collected(table: pd.DataFrame, since: float = BEGAN) -> Collected:
    """Rows of one moment."""
    columns = dict(batch(table).columns)
    return Collected(columns, pd.Series(since, index=table.index).to_numpy(float))


def before() -> list[Watch]:
    """Looks after three weeks, the newest first: tenure drifts from the third on."""
    sound = [watch(rows(2_000, seed=n), **week(n)) for n in (0, 1)]
    first = watch(rows(2_000, seed=2, tenure=1.0), previous=[*reversed(sound)], **week(2))
    assert DRIFT in first.standing
    return [first, *reversed(sound)]


def looked(table: pd.DataFrame | None, previous: list[Watch] | None = None, since: float = BEGAN) -> Watch:
    """A fourth week, in which tenure drifts again, and what was collected since it began."""
    made = None if table is None else collected(table, since)
    looks = before() if previous is None else previous
    return watch(
        rows(2_000, seed=3, tenure=1.0, harm=0.3), labelled=True, previous=looks, collect=lambda: made, **week(3)
    )


def test_a_drift_that_the_table_does_not_show_is_an_alarm_and_retraining_waits() -> None:
    found = looked(rows(600, seed=4))
    assert {DRIFT, SKEW} <= set(found.alarms)
    [told] = [sighting.told for sighting in found.findings if sighting.name == SKEW]
    assert "since 2026-01-15" in told
    assert "600 rows collected" in told
    assert found.retrain.answer is Answer.WAIT


def test_a_drift_that_the_table_shows_too_is_the_world() -> None:
    found = looked(rows(600, seed=4, tenure=1.0))
    assert DRIFT in found.alarms
    assert SKEW not in found.alarms
    assert (found.retrain.answer, found.retrain.cause) == (Answer.YES, Cause.PERFORMANCE)


@pytest.mark.parametrize(
    ("table", "since"),
    [(None, BEGAN), (rows(499, seed=4), BEGAN), (rows(600, seed=4), BEGAN - 1)],
    ids=["no table", "few rows", "rows of the time before"],
)
def test_a_table_that_cannot_tell_yet_says_nothing(table: pd.DataFrame | None, since: float) -> None:
    assert SKEW not in looked(table, since=since).alarms


def test_a_drift_that_nobody_saw_begin_is_none() -> None:
    """Requests may always have been of others than those whose outcomes are collected."""
    drifting = [look for look in before() if DRIFT in look.standing]
    assert SKEW not in looked(rows(600, seed=4), previous=drifting).alarms


def test_a_skew_that_was_told_stands_when_its_beginning_is_forgotten() -> None:
    told = looked(rows(600, seed=4))
    later = watch(
        rows(2_000, seed=5, tenure=1.0),
        previous=[told],
        collect=lambda: collected(rows(600, seed=4), BEGAN + 1e7),
        **week(4),
    )
    assert SKEW in later.alarms


def test_a_skew_outlives_the_champion() -> None:
    """Another model has another reference, and what arrives is as wrong as before."""
    asked = before()[0].model_copy(update={"retrain": Retrain(answer=Answer.YES, cause=None, since="", reasons=())})
    other = {"version": 4, "record_digest": "r4", "registered_at": "2026-01-22T01:00:00+00:00"}
    looks = [asked, *before()[1:]]
    first = watch(rows(2_000, seed=6, tenure=1.0), previous=looks, **other, **week(3))
    made = collected(rows(600, seed=4))
    second = watch(rows(2_000, seed=7, tenure=1.0), previous=[first, *looks], collect=lambda: made, **other, **week(4))
    assert SKEW in second.alarms


def test_the_table_is_read_only_where_a_drift_lasts() -> None:
    def never() -> Collected:
        raise AssertionError("nothing drifts")

    sound = watch(rows(2_000, seed=8), previous=before(), collect=never, **week(3))
    assert SKEW not in sound.alarms
