"""Answers that are off on the whole: on the rows held out, on outcomes, to which side, and how surely."""

import numpy as np
import pandas as pd
import pytest

from slipway.core.watch import Answer, Bias, Cause
from slipway.monitoring.batch import Outcomes
from slipway.monitoring.bias import bias_of
from slipway.monitoring.reference import Reference
from tests.unit.monitoring.windows import outcomes, reference, rows, watch

TOLERATED = 0.05


def off(table: pd.DataFrame, share: float) -> pd.DataFrame:
    """The same answers, while this share of those who stayed leaves; below zero, of those who left stays."""
    outcome = table["__target__"].to_numpy()
    turned = np.random.default_rng(1).random(len(table)) < abs(share)
    return table.assign(__target__=np.where(turned & (outcome == (share < 0)), float(share > 0), outcome))


def bias(held_out: float, now: float, tolerated: float = TOLERATED) -> Bias:
    found = bias_of(reference(off(rows(4_000), held_out)), outcomes(off(rows(2_000, seed=1), now)), tolerated)
    assert found is not None
    return found


@pytest.mark.parametrize("side", [1, -1])
def test_a_model_that_was_off_and_is_off_to_the_same_side_is_confirmed(side: int) -> None:
    assert bias(0.2 * side, 0.2 * side).confirmed


@pytest.mark.parametrize(("held_out", "now"), [(0, 0), (0.2, 0), (0, 0.2), (0.2, -0.2)])
def test_one_that_is_off_on_one_of_them_only_or_to_the_other_side_does_not(held_out: float, now: float) -> None:
    assert not bias(held_out, now).confirmed


def test_outcomes_are_sure_from_three_and_a_third_standard_errors_on() -> None:
    surely, likely = bias(0, 0.2, tolerated=0), bias(0, 0.08, tolerated=0)
    assert surely.sure
    assert not surely.confirmed
    assert not likely.sure
    assert (likely.observed.low or 0) > 0


def test_what_is_tolerated_does_not_count_however_certain_it_is() -> None:
    found = bias(0.2, 0.2)
    assert found.observed.value is not None
    assert not bias(0.2, 0.2, tolerated=found.observed.value + 0.01).proved


def test_it_is_told_in_standard_deviations_of_the_outcome() -> None:
    held_out, now = rows(4_000), off(rows(2_000, seed=1), 0.2)
    found = bias_of(reference(held_out), outcomes(now), TOLERATED)
    assert found is not None
    expected = (now["__target__"] - now["__score__"]).mean() / held_out["__target__"].std(ddof=0)
    assert found.observed.value == pytest.approx(expected)
    assert (found.observed.low or 0) < expected < (found.observed.high or 0)
    assert found.rows == 2_000


def test_its_interval_holds_the_truth_in_nineteen_of_twenty_windows() -> None:
    known = reference(rows(4_000))
    found = [bias_of(known, outcomes(rows(1_000, seed=seed)), TOLERATED) for seed in range(300)]
    held = [(one.observed.low or 0) <= 0 <= (one.observed.high or 0) for one in found if one is not None]
    assert len(held) == 300
    assert 0.92 < np.mean(held) < 0.98


def test_a_steady_world_is_rarely_thought_biased() -> None:
    """Weekly looks at four weeks of outcomes, for years, each with a champion whose own mean is uncertain too."""
    random, known = np.random.default_rng(0), reference(rows(4_000))
    spread = known.labelled.targets.std()
    years = [_sure_in_a_year(random, known, spread) for _ in range(200)]
    assert 0.02 < np.mean(years) < 0.2


def _sure_in_a_year(random: np.random.Generator, known: Reference, spread: float) -> bool:
    weeks = 0.83 * spread * (random.normal(size=(52, 600)) + random.normal(scale=9_000**-0.5))
    looks = (weeks[max(0, last - 3) : last + 1].ravel() for last in range(52))
    found = (bias_of(known, Outcomes(look, np.zeros(look.size), np.zeros(look.size)), TOLERATED) for look in looks)
    return any(one is not None and one.sure for one in found)


@pytest.mark.parametrize("count", [0, 49])
def test_few_outcomes_say_nothing(count: int) -> None:
    assert bias_of(reference(), outcomes(rows(count)), TOLERATED) is None
    assert bias_of(reference(), None, TOLERATED) is None


def test_outcomes_that_are_all_alike_have_no_standard_deviation() -> None:
    assert bias_of(reference(rows(400).assign(__target__=1.0)), outcomes(rows(400)), TOLERATED) is None


def test_outcomes_that_are_no_number_are_left_out() -> None:
    table = rows(2_000, seed=1)
    table.loc[:99, "__target__"] = np.nan
    found = bias_of(reference(), outcomes(table), TOLERATED)
    assert found is not None
    assert found.rows == 1_900


def test_a_look_retrains_a_model_that_lags_behind_its_table() -> None:
    """Its loss against the rows held out is none: they are of the changed time too."""
    table = off(rows(2_000, seed=1), 0.2)
    found = watch(table, labelled=True, against=reference(off(rows(4_000), 0.2)))
    assert (found.retrain.answer, found.retrain.cause) == (Answer.YES, Cause.BIAS)
    assert "answers are too low on the whole" in found.retrain.reasons[0]
    assert not found.performance[0].proved
