from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.adapters.mlflow.watches import InMemoryWatches
from slipway.core.digest import Digest, Lived
from slipway.core.evaluation import Decision
from slipway.core.watch import Watch
from slipway.report.digest import heading, sentence
from slipway.stages.digest import digest
from tests.support.looks import DRIFT, LOSS, YES, watch
from tests.support.records import record, write_bundle

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOOKS = (
    watch(made_at="2026-11-21T04:17:05+00:00"),
    watch(DRIFT, made_at="2026-11-20T04:17:05+00:00", retrain=YES),
    watch(DRIFT, made_at="2026-11-19T04:17:05+00:00"),
    watch(LOSS, made_at="2026-11-13T04:17:05+00:00"),
)


def told(folder: Path, looks: Sequence[Watch] = LOOKS, *, now: datetime = NOW) -> Digest:
    """Of churn with two versions of 1 January, the first of them champion, and of homes with none."""
    registry, watches = InMemoryRegistry(folder / "registry"), InMemoryWatches()
    for word, decision in (("a", Decision.PROMOTE), ("b", Decision.REJECT)):
        registry.register(write_bundle(folder / word, record(decision), word), folder / word, [])
    registry.promote("churn", 1, expected_champion=None)
    for look in looks:
        watches.keep(look)
    return digest(["churn", "homes"], registry, watches, days=7, now=now)


def test_a_week_counts_the_looks_alarms_and_decisions_of_its_days_only(tmp_path: Path) -> None:
    churn, homes = told(tmp_path).lived
    assert (churn.version, churn.looks, churn.alarms, churn.standing) == (1, 3, ("drift of tenure",), 0)
    assert (churn.answer, churn.answers) == ("no", {"yes": 1, "no": 2})
    assert (churn.registered, churn.promoted) == (0, 0)
    assert churn.age_days is not None
    assert 324 < churn.age_days < 325
    assert homes == Lived(use_case="homes", version=None, age_days=None)


def test_versions_made_in_these_days_are_retrainings(tmp_path: Path) -> None:
    churn = told(tmp_path, (), now=datetime(2026, 1, 3, tzinfo=UTC)).lived[0]
    assert (churn.registered, churn.promoted) == (2, 1)
    assert sentence(churn).endswith("not looked at; 2 versions trained, 1 became champion")


def test_an_alarm_that_stands_is_counted_in_the_heading(tmp_path: Path) -> None:
    standing = told(tmp_path, (LOOKS[1],))
    assert heading(standing) == "7 days to 2026-11-21: 2 use cases, 1 with an alarm"
    assert "retrain yes: ROC AUC fell by 9.1 %" in sentence(standing.lived[0])


def test_a_week_without_alarms_says_so(tmp_path: Path) -> None:
    assert heading(told(tmp_path)) == "7 days to 2026-11-21: 2 use cases, no alarm"
