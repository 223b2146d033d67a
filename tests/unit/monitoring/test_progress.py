"""Whether the last retraining helped: proved by the record of what it made, over as soon as one is not."""

import numpy as np
import pytest

from slipway.core.evaluation import Evaluation, Finding, GateResult, Outcome
from slipway.core.params import AbsoluteGate
from slipway.core.version import Version
from slipway.evaluation.gates import ask_absolute
from slipway.evaluation.hearing import Hearing
from slipway.monitoring.progress import Progress, newest, progress_of
from tests.support.records import comparison, evaluation, gate, incumbents
from tests.unit.evaluation.cases import CLASSIFICATION_GATES, classified
from tests.unit.monitoring.windows import version

CHAMPION = version(3, "2026-01-01T00:00:00+00:00")
REFUSED = version(4, "2026-01-09T00:00:00+00:00")
LEVEL = gate("absolute brier", Outcome.FAILED)


def judged(difference: float, against: str = "champion") -> Evaluation:
    return evaluation(comparisons=(comparison("baseline", 0.3), comparison(against, difference)))


def refused(*gates: GateResult, difference: float = 0.02, champion: Version = CHAMPION) -> Evaluation:
    """Of version 4, judged beside a champion by gates of which these are told."""
    return judged(difference).model_copy(
        update={"gates": (gate("absolute roc_auc"), *gates), "incumbents": incumbents(champion)}
    )


def progress(found: Evaluation, made: Version = CHAMPION, metric: str = "roc_auc") -> Progress | None:
    return progress_of(found, made, CHAMPION, metric=metric)


def test_a_champion_proved_better_than_the_one_before_is_progress() -> None:
    found = progress(judged(0.02))
    assert found is not None
    assert (found.rows, found.version, found.since) == (judged(0.02).rows, 3, CHAMPION.registered_at)
    assert "the last retraining helped (roc_auc better by 0.0200" in found.told


@pytest.mark.parametrize(("difference", "against"), [(0.003, "champion"), (-0.02, "champion"), (0.02, "anchor")])
def test_a_champion_that_is_only_not_worse_or_better_than_another_is_none(difference: float, against: str) -> None:
    assert progress(judged(difference, against)) is None


def test_another_metric_than_that_of_performance_proves_nothing() -> None:
    assert progress(judged(0.02), metric="brier") is None


def test_a_first_model_is_none() -> None:
    assert progress(evaluation(comparisons=(comparison("baseline", 0.3),))) is None


def test_the_last_version_counts_whatever_became_of_it() -> None:
    assert newest(CHAMPION, [version(1, ""), REFUSED, CHAMPION]) == REFUSED
    assert newest(CHAMPION, []) == CHAMPION


def test_a_version_proved_better_and_refused_for_a_level_alone_is_progress() -> None:
    found = progress(refused(LEVEL, gate("champion", Outcome.UNDECIDED)), REFUSED)
    assert found is not None
    assert (found.version, found.since) == (4, REFUSED.registered_at)
    assert "version 4 was proved better than the champion (roc_auc better by 0.0200" in found.told
    assert LEVEL.reason in found.told


@pytest.mark.parametrize("name", ["slices", "champion", "anchor", "baseline", "api"])
def test_a_version_that_another_gate_refused_too_is_none(name: str) -> None:
    assert progress(refused(LEVEL, gate(name, Outcome.FAILED)), REFUSED) is None


@pytest.mark.parametrize(
    "found",
    [refused(LEVEL, difference=0.003), refused(), refused(LEVEL, champion=version(2, ""))],
    ids=["only not worse", "no gate refused it", "judged beside another champion"],
)
def test_a_version_that_is_not_the_champion_is_none_otherwise(found: Evaluation) -> None:
    assert progress(found, REFUSED) is None


def test_gates_that_ask_for_a_level_are_told_by_their_name() -> None:
    unreachable = CLASSIFICATION_GATES.model_copy(update={"absolute": (AbsoluteGate(metric="roc_auc", min=2.0),)})
    [told] = ask_absolute(Hearing.of(classified()), unreachable)
    assert told.outcome is Outcome.FAILED
    assert progress(refused(told), REFUSED) is not None


def test_a_steady_world_asks_for_one_further_retraining_in_twenty_and_for_no_chain_of_them() -> None:
    """Equal models are found better by a one-sided 95 % bound in one case of twenty; each chain ends by itself."""
    random = np.random.default_rng(8)
    lengths = []
    for _ in range(4_000):
        length = 0
        while _found_better(random.normal()):
            length += 1
        lengths.append(length)
    assert np.mean(lengths) < 0.08
    assert max(lengths) <= 4


def _found_better(noise: float) -> bool:
    """A retraining in a world that stands still: the difference in standard errors is chance alone."""
    finding = Finding.BETTER if noise > 1.645 else Finding.NOT_WORSE
    found = comparison("champion", 0.0, finding)
    return progress(evaluation(comparisons=(found,))) is not None
