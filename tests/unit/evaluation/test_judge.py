from math import ceil, isfinite

import numpy as np
import pytest

from slipway.core.evaluation import Decision, Finding, Outcome
from slipway.core.params import AbsoluteGate
from slipway.evaluation.judge import judge
from tests.unit.evaluation.cases import CLASSIFICATION_GATES, REGRESSION_GATES, classified, estimated, sigmoid

CASES = pytest.mark.parametrize(
    ("evidence", "params"),
    [(classified, CLASSIFICATION_GATES), (estimated, REGRESSION_GATES)],
    ids=["yes/no", "amount"],
)


@CASES
def test_an_equal_candidate_is_promoted(evidence, params):
    assert judge(evidence(), params).verdict.decision is Decision.PROMOTE


@CASES
def test_a_good_first_model_is_promoted(evidence, params):
    assert judge(evidence(champion=None, anchor=None), params).verdict.decision is Decision.PROMOTE


@CASES
def test_a_worse_candidate_is_rejected(evidence, params):
    assert judge(evidence(noise=3.0), params).verdict.decision is Decision.REJECT


def test_a_bound_beyond_what_the_model_reaches_rejects():
    params = CLASSIFICATION_GATES.model_copy(update={"absolute": (AbsoluteGate(metric="roc_auc", min=0.99),)})
    verdict = judge(classified(), params).verdict

    assert verdict.decision is Decision.REJECT
    assert "at least 0.99 is required" in verdict.reasons[0]


def test_too_few_rows_to_tell_hold():
    verdict = judge(classified(rows=400, noise=0.7), CLASSIFICATION_GATES).verdict

    assert verdict.decision is Decision.HOLD
    assert "rows would settle" in verdict.reasons[0]


def test_a_champion_that_cannot_be_scored_holds_even_a_good_candidate():
    evidence = classified(champion=None, anchor=None, champion_problem="its model file is damaged")
    verdict = judge(evidence, CLASSIFICATION_GATES).verdict

    assert verdict.decision is Decision.HOLD
    assert "its model file is damaged" in verdict.reasons[0]


def test_the_champion_itself_is_held_with_the_reason():
    evidence = classified(candidate=classified().champion, same_as_champion=True)
    verdict = judge(evidence, CLASSIFICATION_GATES).verdict

    assert verdict.decision is Decision.HOLD
    assert verdict.reasons[0] == "the candidate is the champion, byte for byte"


@CASES
def test_equal_evidence_gives_an_equal_judgement(evidence, params):
    assert judge(evidence(), params) == judge(evidence(), params)


@CASES
def test_an_order_of_the_rows_does_not_show_in_decisions(evidence, params):
    given = evidence(rows=5000)
    order = np.argsort(given.y, kind="stable")
    arrays = ("y", "candidate", "baseline", "shuffled", "champion", "anchor")
    ordered = evidence(
        rows=5000,
        slices={name: values[order] for name, values in given.slices.items()},
        **{name: getattr(given, name)[order] for name in arrays},
    )

    for one, other in zip(judge(given, params).metrics, judge(ordered, params).metrics, strict=True):
        assert one.value == pytest.approx(other.value)
        assert one.high - one.low == pytest.approx(other.high - other.low, rel=0.15)


def test_a_comparison_carries_the_figures_of_its_formulas():
    found = judge(classified(), CLASSIFICATION_GATES)
    comparison = next(c for c in found.comparisons if (c.against, c.metric) == ("champion", "roc_auc"))
    error = comparison.deviation / 2000**0.5

    assert comparison.finding is Finding.NOT_WORSE
    assert comparison.margin == 0.01
    assert comparison.resolvable == pytest.approx(2.49 * error, rel=2e-3)
    assert comparison.rows_to_settle == pytest.approx(ceil((3.29 * comparison.deviation / 0.01) ** 2), rel=2e-3)
    assert comparison.lower_bound == pytest.approx(comparison.difference - 1.645 * error, rel=1e-3)
    assert comparison.high == pytest.approx(comparison.difference + 1.96 * error, rel=1e-3)


@pytest.mark.parametrize(("candidate", "finding"), [("champion", Finding.BETTER), ("noisy", Finding.WORSE)])
def test_a_finding_is_in_terms_of_the_candidate(candidate, finding):
    log_odds = np.log(classified().champion / (1 - classified().champion))
    noisy = sigmoid(log_odds + np.random.default_rng(1).normal(0, 2, 2000))
    models = {"champion": classified().champion, "noisy": noisy}
    other = models["noisy" if candidate == "champion" else "champion"]
    found = judge(classified(candidate=models[candidate], champion=other, anchor=other), CLASSIFICATION_GATES)

    assert {c.finding for c in found.comparisons if c.metric == "roc_auc" and c.against != "baseline"} == {finding}


@CASES
def test_there_is_something_to_draw_in_at_most_twenty_points(evidence, params):
    charts = judge(evidence(), params).charts

    assert charts
    assert all(1 < len(chart.x) == len(chart.y) <= 20 for chart in charts)
    assert all(isfinite(point) for chart in charts for point in (*chart.x, *chart.y))


def test_an_roc_curve_runs_from_corner_to_corner_above_the_diagonal():
    curve = next(c for c in judge(classified(), CLASSIFICATION_GATES).charts if c.name == "ROC candidate")

    assert (curve.y[0] >= 0, curve.y[-1]) == (True, 1.0)
    assert all(y >= x for x, y in zip(curve.x, curve.y, strict=True))


def test_a_holdout_of_one_class_is_rejected_not_a_crash():
    verdict = judge(classified(y=np.zeros(2000)), CLASSIFICATION_GATES).verdict

    assert verdict.decision is Decision.REJECT


def test_gates_without_evidence_are_shown_as_not_applicable():
    found = judge(classified(champion=None, anchor=None), CLASSIFICATION_GATES)

    assert [r.gate for r in found.gates if r.outcome is Outcome.NOT_APPLICABLE] == [
        "champion",
        "anchor",
        "slices",
        "api",
    ]
    assert found.champion_metrics == ()
