"""Outcomes find their predictions; what contradicts itself, or is about nothing, does not count."""

from typing import Any

import numpy as np
import pytest

from slipway.core.task import Task
from slipway.monitoring.log.feedback import Feedback, Predictions
from slipway.monitoring.log.keys import keys_of


def predictions(*requests: str) -> Predictions:
    made, count = Predictions(), len(requests)
    made.add(keys_of(requests, [0] * count), np.arange(count) / 10, np.arange(count, dtype=float))
    return made


def told(*outcomes: tuple[str, Any], task: Task = Task.CLASSIFICATION, positive: Any = "Yes") -> Feedback:
    feedback = Feedback(task, positive)
    for request, outcome in outcomes:
        feedback.add(request, 0, outcome)
    return feedback


def test_an_outcome_finds_its_prediction() -> None:
    outcomes, missing = told(("b", 1), ("a", 0)).outcomes().joined(predictions("a", "b", "c"))
    order = np.argsort(outcomes.times)
    np.testing.assert_array_equal(outcomes.targets[order], [0, 1])
    np.testing.assert_array_equal(outcomes.scores[order], [0.0, 0.1])
    assert missing == 0


def test_an_outcome_of_no_prediction_is_counted() -> None:
    outcomes, missing = told(("z", 1), ("a", 0)).outcomes().joined(predictions("a"))
    assert (len(outcomes.targets), missing) == (1, 1)


def test_told_again_counts_once_and_contradicted_counts_not_at_all() -> None:
    known = told(("a", 1), ("a", 1), ("b", 1), ("b", 0), ("b", 1), ("c", 0)).outcomes()
    outcomes, _ = known.joined(predictions("a", "b", "c"))
    assert sorted(outcomes.scores.tolist()) == [0.0, 0.2]
    assert (known.contradictory, known.repeated) == (1, 1)


def test_without_outcomes_there_is_nothing_to_join() -> None:
    outcomes, missing = told().outcomes().joined(predictions())
    assert (len(outcomes.targets), missing) == (0, 0)


@pytest.mark.parametrize(
    ("outcome", "target"),
    [(1, 1.0), (0, 0.0), (True, 1.0), (False, 0.0), ("Yes", 1.0), ("No", 0.0), (1.0, 1.0)],
)
def test_classes_are_told_as_numbers_truths_or_words(outcome: Any, target: float) -> None:
    assert told(("a", outcome)).outcomes().targets.tolist() == [target]


@pytest.mark.parametrize(
    ("task", "outcome"),
    [
        (Task.CLASSIFICATION, 0.5),
        (Task.CLASSIFICATION, None),
        (Task.REGRESSION, "dear"),
        (Task.REGRESSION, True),
        (Task.REGRESSION, "inf"),
    ],
)
def test_what_cannot_be_an_outcome_is_counted(task: Task, outcome: Any) -> None:
    feedback = told(("a", outcome), task=task, positive=None)
    assert (feedback.unfit, len(feedback.outcomes().keys)) == (1, 0)


def test_amounts_are_told_as_numbers_in_text_too() -> None:
    assert told(("a", "12.5"), task=Task.REGRESSION).outcomes().targets.tolist() == [12.5]


def test_a_prediction_that_was_no_number_cannot_be_judged() -> None:
    made = predictions("a")
    made.scores[0][:] = np.nan
    outcomes, missing = told(("a", 1)).outcomes().joined(made)
    assert (len(outcomes.targets), missing) == (0, 0)
