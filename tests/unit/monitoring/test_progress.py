"""Whether the last retraining helped: proved by its own record, over as soon as one is not."""

import numpy as np
import pytest

from slipway.core.evaluation import Evaluation, Finding
from slipway.core.version import Version
from slipway.monitoring.progress import Progress, progress_of
from tests.support.records import comparison, evaluation
from tests.unit.monitoring.windows import version

CHAMPION = version(3, "2026-01-01T00:00:00+00:00")


def judged(difference: float, against: str = "champion") -> Evaluation:
    return evaluation(comparisons=(comparison("baseline", 0.3), comparison(against, difference)))


def progress(found: Evaluation, versions: list[Version], metric: str = "roc_auc") -> Progress | None:
    return progress_of(found, CHAMPION, versions, metric=metric)


def test_a_champion_proved_better_than_the_one_before_is_progress() -> None:
    found = progress(judged(0.02), [version(1, ""), version(2, ""), CHAMPION])
    assert found is not None
    assert found.rows == judged(0.02).rows
    assert "roc_auc better by 0.0200" in found.told


@pytest.mark.parametrize(("difference", "against"), [(0.003, "champion"), (-0.02, "champion"), (0.02, "anchor")])
def test_a_champion_that_is_only_not_worse_or_better_than_another_is_none(difference: float, against: str) -> None:
    assert progress(judged(difference, against), [CHAMPION]) is None


def test_another_metric_than_that_of_performance_proves_nothing() -> None:
    assert progress(judged(0.02), [CHAMPION], metric="brier") is None


def test_a_first_model_is_none() -> None:
    assert progress(evaluation(comparisons=(comparison("baseline", 0.3),)), [CHAMPION]) is None


def test_a_later_version_that_did_not_become_champion_ends_it() -> None:
    assert progress(judged(0.02), [CHAMPION, version(4, "")]) is None


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
    return progress(evaluation(comparisons=(found,)), [CHAMPION]) is not None
