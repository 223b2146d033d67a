import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from slipway.evaluation.ranking import Ranking, average_precision, roc_auc


def draw(rows=300, seed=0, levels=None):
    random = np.random.default_rng(seed)
    truth = random.random(rows) < 0.3
    scores = np.where(truth, random.normal(0.8, 1, rows), random.normal(0, 1, rows))
    return truth, scores if levels is None else np.round(scores * levels) / levels


def brute_force_delong(truth, first, second):
    """The definition: kernels over all pairs, structural components, their covariance."""

    def components(scores):
        positives, negatives = scores[truth], scores[~truth]
        kernel = (positives[:, None] > negatives[None, :]) + 0.5 * (positives[:, None] == negatives[None, :])
        return kernel.mean(), kernel.mean(axis=1), kernel.mean(axis=0)

    (area_1, v10_1, v01_1), (area_2, v10_2, v01_2) = components(first), components(second)
    variance = np.var(v10_1 - v10_2, ddof=1) / truth.sum() + np.var(v01_1 - v01_2, ddof=1) / (~truth).sum()
    return area_1 - area_2, np.sqrt(variance)


@pytest.mark.parametrize("levels", [None, 2], ids=["no ties", "many ties"])
def test_auc_is_that_of_counting_pairs(levels):
    truth, scores = draw(levels=levels)

    found = roc_auc(Ranking(truth, scores)).spread()

    value, error = brute_force_delong(truth, scores, np.zeros_like(scores))
    assert found.value == pytest.approx(value + 0.5, abs=1e-12)
    assert found.error == pytest.approx(error, rel=1e-12)
    assert found.value == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)


@pytest.mark.parametrize("levels", [None, 2], ids=["no ties", "many ties"])
def test_the_error_of_a_paired_auc_difference_is_delongs(levels):
    truth, first = draw(levels=levels)
    second = np.round(first + np.random.default_rng(5).normal(0, 0.4, first.size), 1)

    found = roc_auc(Ranking(truth, first)).minus(roc_auc(Ranking(truth, second)))

    assert (found.value, found.error) == pytest.approx(brute_force_delong(truth, first, second), rel=1e-10)


@pytest.mark.parametrize("levels", [None, 2], ids=["no ties", "many ties"])
def test_average_precision_is_scikit_learns(levels):
    truth, scores = draw(levels=levels)

    assert average_precision(Ranking(truth, scores)).value == pytest.approx(average_precision_score(truth, scores))


def test_influences_predict_what_another_weight_on_a_row_does_to_average_precision():
    truth, scores = draw(rows=120, levels=3)
    found = average_precision(Ranking(truth, scores))
    slope = np.empty(truth.size)
    step = 1e-6
    for row in range(truth.size):
        weights = np.ones(truth.size)
        weights[row] += step
        slope[row] = (average_precision_score(truth, scores, sample_weight=weights) - found.value) / step

    np.testing.assert_allclose(found.rows / truth.size, slope, atol=1e-6)


def test_the_width_of_average_precision_is_that_of_a_plain_bootstrap():
    truth, scores = draw(rows=500)
    random = np.random.default_rng(3)
    samples = [random.integers(0, truth.size, truth.size) for _ in range(400)]
    plain = np.std([average_precision_score(truth[rows], scores[rows]) for rows in samples])

    assert average_precision(Ranking(truth, scores)).spread().error == pytest.approx(plain, rel=0.15)


@pytest.mark.parametrize("truth", [np.zeros(5, bool), np.ones(5, bool)])
def test_auc_is_not_defined_when_a_class_is_absent(truth):
    assert roc_auc(Ranking(truth, np.arange(5.0))) is None


def test_average_precision_is_not_defined_without_positives():
    assert average_precision(Ranking(np.zeros(5, bool), np.arange(5.0))) is None
