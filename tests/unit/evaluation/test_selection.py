import numpy as np

from slipway.core.task import Task
from slipway.evaluation.scores import Scores
from slipway.evaluation.selection import best_of, by_fold, chosen_elsewhere, gain_over
from slipway.evaluation.tasks import KITS

AUC = KITS[Task.CLASSIFICATION].measures["roc_auc"]
RMSE = KITS[Task.REGRESSION].measures["rmse"]
BIAS = KITS[Task.REGRESSION].measures["bias"]


def classified(noise: float, seed: int, rows: int = 1500) -> Scores:
    """Models of the same rows; the less noise, the better."""
    truth = (np.random.default_rng(0).random(rows) < 0.3).astype(float)
    return Scores(truth, truth + noise * np.random.default_rng(seed).normal(size=rows), 0.5)


def test_the_best_is_found_in_either_direction_and_the_first_of_equals() -> None:
    assert best_of([classified(2, 1), classified(0.5, 2), classified(1, 3)], AUC) == 1
    y = np.zeros(4)
    values = [Scores(y, np.full(4, miss), 0.5) for miss in (3.0, 1.0, 1.0)]
    assert best_of(values, RMSE) == 1
    assert best_of([Scores(y, np.full(4, miss), 0.5) for miss in (-3.0, 0.5)], BIAS) == 1


def test_choosing_among_equals_by_luck_gains_nothing() -> None:
    """The best of 40 models that differ by noise alone looks better; judged by other folds it does not."""
    folds = np.arange(1500) % 5
    apparent, honest = [], []
    for trial in range(12):
        models = [classified(1.5, 1000 * trial + seed) for seed in range(1, 41)]
        best = models[best_of(models, AUC)]
        flattering = gain_over(best, models[0], AUC)
        fair = gain_over(chosen_elsewhere(models, folds, AUC), models[0], AUC)
        assert flattering is not None
        assert fair is not None
        apparent.append(flattering.value)
        honest.append(fair.value)
    assert np.mean(apparent) > 0.015
    assert abs(np.mean(honest)) < np.mean(apparent) / 2


def test_a_true_gain_is_kept_with_an_interval_that_excludes_zero() -> None:
    models = [classified(1.5, 1), classified(1.5, 2), classified(0.8, 3)]
    gain = gain_over(chosen_elsewhere(models, np.arange(1500) % 5, AUC), models[0], AUC)
    assert gain is not None
    assert 0 < gain.low < gain.value < gain.high


def test_no_row_is_scored_by_a_choice_that_saw_it() -> None:
    y = np.zeros(4)
    folds = np.array([0, 0, 1, 1])
    first, second = Scores(y, np.array([0.0, 0.0, 5.0, 5.0]), 0.5), Scores(y, np.array([5.0, 5.0, 0.0, 0.0]), 0.5)
    assert list(chosen_elsewhere([first, second], folds, RMSE).values) == [5.0, 5.0, 5.0, 5.0]


def test_a_gain_of_a_metric_that_is_compared_as_a_share_is_a_share() -> None:
    y = np.zeros(50)
    gain = gain_over(Scores(y, np.full(50, 0.9), 0.5), Scores(y, np.full(50, 1.0), 0.5), RMSE)
    assert gain is not None
    assert (gain.relative, round(gain.value, 6)) == (True, 0.1)


def test_a_fold_without_a_metric_says_so() -> None:
    scores = Scores(np.array([0.0, 0.0, 0.0, 1.0]), np.array([0.1, 0.2, 0.3, 0.4]), 0.5)
    assert by_fold(scores, np.array([0, 0, 1, 1]), AUC) == (None, 1.0)
