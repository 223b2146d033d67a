import numpy as np
import pytest
from sklearn import metrics as sk

from slipway.core.task import Task
from slipway.evaluation.scores import Scores
from slipway.evaluation.tasks import KITS, metric_names
from tests.unit.evaluation.cases import classified, estimated


def scores_of(evidence, model="candidate"):
    return Scores(evidence.y, getattr(evidence, model), evidence.threshold)


def value(task, name, scores):
    return KITS[task].measures[name].of(scores).value


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("roc_auc", sk.roc_auc_score),
        ("average_precision", sk.average_precision_score),
        ("log_loss", sk.log_loss),
        ("brier", sk.brier_score_loss),
        ("precision", lambda y, p: sk.precision_score(y, p >= 0.3)),
        ("recall", lambda y, p: sk.recall_score(y, p >= 0.3)),
        ("f1", lambda y, p: sk.f1_score(y, p >= 0.3)),
    ],
)
def test_classification_metrics_are_scikit_learns(name, reference):
    evidence = classified(noise=0.5)

    assert value(Task.CLASSIFICATION, name, scores_of(evidence)) == pytest.approx(
        reference(evidence.y, evidence.candidate), rel=1e-9
    )


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("rmse", sk.root_mean_squared_error),
        ("mae", sk.mean_absolute_error),
        ("mape", sk.mean_absolute_percentage_error),
        ("r2", sk.r2_score),
        ("bias", lambda y, p: (p - y).mean()),
        ("rmse_log", lambda y, p: sk.root_mean_squared_error(np.log(y), np.log(p))),
    ],
)
def test_regression_metrics_are_scikit_learns(name, reference):
    evidence = estimated()

    assert value(Task.REGRESSION, name, scores_of(evidence)) == pytest.approx(
        reference(evidence.y, evidence.candidate), rel=1e-9
    )


def test_calibration_error_weighs_the_gap_of_each_bin_by_its_rows():
    y = np.array([0.0, 1.0, 1.0, 1.0])
    probabilities = np.array([0.05, 0.05, 0.95, 1.0])

    found = value(Task.CLASSIFICATION, "calibration_error", Scores(y, probabilities, 0.5))

    assert found == pytest.approx(0.5 * abs(0.05 - 0.5) + 0.5 * abs(0.975 - 1))


def every_metric():
    return [(task, name) for task in Task for name in metric_names(task)]


def evidence_of(task, **settings):
    return classified(**settings) if task is Task.CLASSIFICATION else estimated(**settings)


@pytest.mark.parametrize(("task", "name"), every_metric())
def test_an_interval_is_as_wide_as_a_plain_bootstraps(task, name):
    evidence = evidence_of(task, rows=400, noise=0.3)
    measure, random = KITS[task].measures[name], np.random.default_rng(8)
    values = []
    for _ in range(250):
        rows = random.integers(0, evidence.y.size, evidence.y.size)
        values.append(measure.value(Scores(evidence.y[rows], evidence.candidate[rows], evidence.threshold)))

    spread = measure.estimate(scores_of(evidence)).spread()

    assert spread.error == pytest.approx(np.std(values), rel=0.2)


@pytest.mark.parametrize(("task", "name"), every_metric())
def test_a_paired_difference_is_as_wide_as_a_plain_bootstraps(task, name):
    evidence = evidence_of(task, rows=400, noise=0.3)
    measure, random = KITS[task].measures[name], np.random.default_rng(9)
    values = []
    for _ in range(250):
        rows = random.integers(0, evidence.y.size, evidence.y.size)
        mine, theirs = (
            Scores(evidence.y[rows], scores[rows], evidence.threshold)
            for scores in (evidence.candidate, evidence.champion)
        )
        values.append(measure.difference(mine, theirs).value)

    spread = measure.difference(scores_of(evidence), scores_of(evidence, "champion"))

    assert spread.error == pytest.approx(np.std(values), rel=0.2)


@pytest.mark.parametrize(("task", "name"), every_metric())
def test_blocks_of_rows_give_the_width_that_rows_give(task, name, monkeypatch):
    evidence = evidence_of(task, rows=6000, noise=0.3)
    measure = KITS[task].measures[name]
    in_blocks = measure.estimate(scores_of(evidence)).spread()

    thirds = [np.arange(6000) % 3 == part for part in range(3)]
    by_rows = [
        measure.estimate(Scores(evidence.y[part], evidence.candidate[part], evidence.threshold)).spread().error
        for part in thirds
    ]

    assert in_blocks.error * np.sqrt(3) == pytest.approx(np.mean(by_rows), rel=0.12)


def test_an_auc_interval_covers_the_truth_as_often_as_it_says():
    truth = value(Task.CLASSIFICATION, "roc_auc", scores_of(classified(rows=200_000, seed=1), "champion"))
    covered = 0
    for seed in range(200):
        found = KITS[Task.CLASSIFICATION].measures["roc_auc"].of(scores_of(classified(300, seed), "champion"))
        covered += found.low <= truth <= found.high

    assert 180 <= covered <= 199


@pytest.mark.parametrize(("task", "name"), every_metric())
def test_a_metric_of_nan_scores_is_not_defined(task, name):
    evidence = evidence_of(task, rows=50)
    broken = scores_of(evidence).rescored(np.where(np.arange(50) == 7, np.nan, evidence.candidate))

    assert KITS[task].measures[name].of(broken).value is None


@pytest.mark.parametrize(("task", "name"), every_metric())
def test_a_worse_model_has_a_negative_gain_by_every_metric(task, name):
    evidence, kit = evidence_of(task), KITS[task]
    right, wrong = (scores_of(evidence).rescored(make(evidence.y)) for make in (kit.near_truth, kit.wrong))

    assert kit.measures[name].difference(wrong, right).upper < 0


def test_precision_is_not_defined_when_nothing_is_decided_positive():
    evidence = classified()

    assert value(Task.CLASSIFICATION, "precision", scores_of(evidence).rescored(np.zeros(2000))) is None


def test_log_error_is_not_defined_for_a_negative_prediction():
    evidence = estimated()
    scores = scores_of(evidence).rescored(np.where(np.arange(2000) == 3, -1.0, evidence.candidate))

    assert value(Task.REGRESSION, "rmse_log", scores) is None


def test_bias_in_either_direction_is_worse():
    evidence = estimated()
    centred = scores_of(evidence).rescored(evidence.y + np.tile([1.0, -1.0], 1000))
    measure = KITS[Task.REGRESSION].measures["bias"]

    for shift in (20.0, -20.0):
        assert measure.difference(centred.rescored(centred.values + shift), centred).value == pytest.approx(-20)


def test_logarithmic_error_is_compared_as_a_share():
    evidence = estimated()
    champion = scores_of(evidence, "champion")
    worse = champion.rescored(np.exp(np.log(evidence.y) + 1.1 * (np.log(champion.values) - np.log(evidence.y))))

    assert KITS[Task.REGRESSION].measures["rmse_log"].difference(worse, champion).value == pytest.approx(-0.1)
