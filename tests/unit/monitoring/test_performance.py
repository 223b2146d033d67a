"""Losses are shares of what the reference was good for, with intervals; estimates state how far they are off."""

import numpy as np
import pandas as pd
import pytest

from slipway.core.task import Task
from slipway.core.watch import Weight
from slipway.evaluation.scores import Scores
from slipway.evaluation.tasks import KITS
from slipway.monitoring.estimating import estimated
from slipway.monitoring.performance import performance_of
from slipway.monitoring.reference import Reference, read_reference
from slipway.monitoring.relative_loss import loss_of
from tests.unit.monitoring.windows import FIELDS, outcomes, reference, rows, signature, tally, watch

MEASURES = {task: kit.measures for task, kit in KITS.items()}


def test_the_loss_of_an_error_is_its_increase() -> None:
    loss = loss_of(MEASURES[Task.REGRESSION]["rmse"], 110, 2, 100, 2)
    assert loss.value == pytest.approx(0.10)
    assert loss.low == pytest.approx(0.10 - 1.96 * np.sqrt(2**2 + (1.1 * 2) ** 2) / 100, abs=1e-5)


def test_the_loss_of_area_under_the_curve_is_of_what_lies_above_a_half() -> None:
    assert loss_of(MEASURES[Task.CLASSIFICATION]["roc_auc"], 0.7, 0, 0.9, 0).value == pytest.approx(0.5)


def test_a_gain_is_a_negative_loss() -> None:
    loss = loss_of(MEASURES[Task.CLASSIFICATION]["recall"], 0.6, 0, 0.5, 0)
    assert loss.value == pytest.approx(-0.2)


def test_a_reference_that_knows_nothing_has_nothing_to_lose() -> None:
    assert loss_of(MEASURES[Task.CLASSIFICATION]["roc_auc"], 0.4, 0, 0.5, 0).value is None


def test_outcomes_as_good_as_the_reference_prove_no_loss() -> None:
    first, *others = performance_of(reference(), outcomes(rows(2_000, seed=1)), "roc_auc", 0.05)
    assert first.metric == "roc_auc"
    assert not first.proved
    assert {found.metric for found in others} == set(MEASURES[Task.CLASSIFICATION]) - {"roc_auc"}


def test_outcomes_that_no_longer_follow_prove_a_loss() -> None:
    seen = watch(rows(2_000, seed=1, harm=0.3), labelled=True)
    assert seen.performance[0].proved
    assert "loss of performance" in seen.alarms


def test_few_outcomes_of_one_class_prove_nothing() -> None:
    few = rows(2_000, seed=1, harm=1.0)
    few = few.drop(index=few.index[few["__target__"] == 1][10:])
    assert not performance_of(reference(), outcomes(few), "roc_auc", 0.05)[0].proved


def test_outcomes_of_one_class_leave_the_metric_undefined() -> None:
    one = rows(500, seed=1).assign(__target__=1.0)
    assert performance_of(reference(), outcomes(one), "roc_auc", 0.05)[0].loss.value is None


def test_outcomes_that_are_no_numbers_are_left_out() -> None:
    table = rows(1_000, seed=1)
    table.loc[:99, "__target__"] = np.nan
    assert performance_of(reference(), outcomes(table), "roc_auc", 0.05)[0].rows == 900


def test_without_drift_the_estimate_is_the_reference_within_its_error() -> None:
    against = reference()
    found = estimated(against, tally(rows(2_000, seed=1), against), "roc_auc", 0.05)
    assert found is not None
    assert found.error is not None
    assert abs(found.loss.value or 0) < 0.05
    assert not found.lost


def test_a_window_of_hard_rows_is_estimated_worse_without_any_outcome() -> None:
    against, hard = reference(), rows(6_000, seed=1)
    hard = hard[np.abs(hard["tenure"]) < 0.4]
    found = estimated(against, tally(hard, against), "roc_auc", 0.05)
    truth = MEASURES[Task.CLASSIFICATION]["roc_auc"].value(_scores(against, hard))
    assert found is not None
    assert found.lost
    assert abs(found.estimated - truth) < 3 * found.error  # type: ignore[operator]


def _scores(against: Reference, table: pd.DataFrame) -> Scores:
    return Scores(table["__target__"].to_numpy(), table["__score__"].to_numpy(), against.threshold)


def test_larger_errors_of_rows_like_these_are_estimated_for_amounts_too() -> None:
    random = np.random.default_rng(0)
    table = rows(4_000)
    noise = random.normal(size=4_000) * np.where(table["contract"] == "year", 4, 1)
    table = table.assign(__score__=100 + table["tenure"], __target__=100 + table["tenure"] + noise)
    against = read_reference(table, signature(Task.REGRESSION, FIELDS), {"contract": 1.0})
    window = table[table["contract"] == "year"]
    found = estimated(against, tally(window, against), "rmse", 0.05)
    assert found is not None
    assert found.estimated == pytest.approx(4, rel=0.1)
    assert found.lost


def test_a_reference_with_few_outcomes_estimates_nothing() -> None:
    table = rows(4_000)
    table.loc[150:, "__score__"] = np.nan
    against = reference(table)
    assert estimated(against, tally(rows(1_000, seed=1), against), "roc_auc", 0.05) is None


def test_an_estimated_loss_is_a_warning() -> None:
    hard = rows(6_000, seed=1)
    seen = watch(hard[np.abs(hard["tenure"]) < 0.4])
    assert [found.weight for found in seen.findings if found.name == "estimated loss"] == [Weight.WARNING]
