"""What the log itself tells: silence, refusals, other versions, and what could not be used."""

import pytest

from slipway.core.watch import Concern, Counts, Sighting, Watch, Weight
from tests.unit.monitoring.windows import rows, watch

WEEK = 2_000


def weights(seen: Watch) -> dict[str, Weight]:
    return {found.name: found.weight for found in seen.findings}


def test_silence_is_an_alarm_after_so_many_hours() -> None:
    quiet = watch(rows(WEEK, seed=1), now="2026-01-08T17:00:00+00:00")
    assert quiet.health.silent_hours == pytest.approx(25)
    assert weights(quiet)["silence"] is Weight.ALARM


def test_a_clock_that_is_ahead_is_no_silence() -> None:
    assert watch(rows(WEEK, seed=1), now="2026-01-07T00:00:00+00:00").health.silent_hours == 0


def test_a_champion_of_today_has_not_been_silent_for_a_week() -> None:
    seen = watch(rows(0), registered_at="2026-01-07T22:00:00+00:00")
    assert seen.health.silent_hours == pytest.approx(2)
    assert "silence" not in weights(seen)


@pytest.mark.parametrize(("refused", "told"), [(200, True), (20, False)])
def test_many_refusals_are_an_alarm(refused: int, told: bool) -> None:
    seen = watch(rows(WEEK, seed=1), counts=Counts(predictions=WEEK, requests=WEEK, refused=refused))
    assert seen.health.refused_share == refused / WEEK
    assert ("refused requests" in seen.alarms) is told


def test_a_log_that_two_versions_wrote_says_so() -> None:
    seen = watch(rows(WEEK, seed=1), counts=Counts(predictions=WEEK, requests=WEEK, others={"2": 40}))
    assert "40 by version 2" in next(found.told for found in seen.findings if found.name == "other versions")


@pytest.mark.parametrize(
    ("counted", "name"),
    [
        ("torn", "torn files"),
        ("unreadable", "unreadable lines"),
        ("repeated", "repeated entries"),
        ("misdated", "misdated entries"),
        ("contradictory", "contradictory feedback"),
        ("orphaned", "orphaned feedback"),
    ],
)
def test_what_could_not_be_used_is_told(counted: str, name: str) -> None:
    counts = Counts(predictions=WEEK, requests=WEEK).model_copy(update={counted: 7})
    seen = watch(rows(WEEK, seed=1), counts=counts)
    assert any(found.name == name and found.told.startswith("7 ") for found in seen.findings)
    assert name not in weights(watch(rows(WEEK, seed=1)))


def test_findings_of_reading_the_log_are_kept_and_told_once() -> None:
    own = Sighting(name="torn files", concern=Concern.LOG, weight=Weight.WARNING, told="a.jsonl.gz ends in the middle")
    seen = watch(rows(WEEK, seed=1), counts=Counts(predictions=WEEK, torn=1), findings=(own,))
    assert [found for found in seen.findings if found.name == "torn files"] == [own]
