import numpy as np
import pytest

from slipway.core.params import SliceGate
from slipway.core.signature import Interval
from slipway.evaluation.hearing import Hearing
from slipway.evaluation.judge import unknown_strict_slices
from slipway.evaluation.slices import holm, slice_findings, slice_results
from tests.unit.evaluation.cases import CLASSIFICATION_GATES, REGRESSION_GATES, classified, estimated

GATE = SliceGate(metric="roc_auc")


def test_holm_multiplies_by_the_tests_left_and_never_decreases():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx((0.06, 0.03, 0.06))


def test_holm_never_exceeds_one():
    assert holm([0.9, 0.8]) == (1.0, 1.0)


def test_holm_of_no_tests_is_empty():
    assert holm([]) == ()


def test_a_slice_with_few_rows_of_its_rarer_class_is_not_tested():
    evidence = classified()
    rare = np.zeros(2000, bool)
    rare[np.flatnonzero(evidence.y == 1)[:29]] = True
    rare[np.flatnonzero(evidence.y == 0)[:200]] = True
    hearing = Hearing.of(classified(slices={"plan": np.where(rare, "few", "many")}))

    found = {f.part.name: (f.tested, f.rare_rows, f.gain is None) for f in slice_findings(hearing, GATE)}

    assert found["plan=few"] == (False, 29, True)
    assert found["plan=many"][0]


@pytest.mark.parametrize(("rows", "tested"), [(49, False), (50, True)])
def test_a_regression_slice_needs_fifty_rows(rows, tested):
    names = np.where(np.arange(2000) < rows, "few", "many")
    hearing = Hearing.of(estimated(slices={"area": names}))

    assert slice_findings(hearing, SliceGate(metric="rmse_log"))[0].tested is tested


def test_a_slice_result_carries_every_metric_and_the_adjusted_p_value():
    (basic, gold) = slice_results(Hearing.of(classified()), CLASSIFICATION_GATES)

    assert [m.name for m in basic.metrics] == list(Hearing.of(classified()).kit.measures)
    assert (basic.column, basic.value, basic.rows + gold.rows) == ("plan", "basic", 2000)
    assert 0 < gold.p_value <= 1


def test_intervals_are_held_to_every_slice():
    evidence = estimated(interval=Interval(level=0.9, below=0.3, above=0.4, relative=True))
    hill, shore = slice_results(Hearing.of(evidence), REGRESSION_GATES)

    assert hill.interval.coverage.value != shore.interval.coverage.value
    assert hill.interval.mean_width.low < hill.interval.width < hill.interval.mean_width.high
    assert all(found.interval is None for found in slice_results(Hearing.of(estimated()), REGRESSION_GATES))


def test_a_slice_is_judged_on_its_own_rows():
    evidence = classified()
    gold = evidence.slices["plan"] == "gold"
    broken = np.where(gold, 1 - evidence.candidate, evidence.candidate)

    found = {f.part.value: f.gain.value for f in slice_findings(Hearing.of(classified(candidate=broken)), GATE)}

    assert found["gold"] < -0.5
    assert abs(found["basic"]) < 0.01


def test_a_strict_slice_that_no_row_has_is_named():
    gates = CLASSIFICATION_GATES.model_copy(
        update={"slices": SliceGate(metric="roc_auc", strict=("plan=gold", "plan=glod"))}
    )

    assert unknown_strict_slices(classified(), gates) == ("plan=glod",)


def test_rows_without_a_value_are_a_slice_of_their_own():
    names = np.where(np.arange(2000) < 500, None, "known").astype(object)
    found = slice_findings(Hearing.of(classified(slices={"plan": names})), GATE)

    assert [finding.part.rows.size for finding in found] == [1500, 500]
