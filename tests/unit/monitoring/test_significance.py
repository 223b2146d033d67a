"""P values are those of scipy's tests; discoveries are Benjamini and Hochberg's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from slipway.monitoring.significance import discoveries, distance_p_value, shares_p_value, table_p_value


@pytest.mark.parametrize(("distance", "rows", "others"), [(0.05, 500, 5_000), (0.1, 500, 2_000), (0.02, 5_000, 20_000)])
def test_a_distance_is_as_unlikely_as_scipy_says(distance: float, rows: int, others: int) -> None:
    exact = stats.kstwo.sf(distance, round(rows * others / (rows + others)))
    assert distance_p_value(distance, rows, others) == pytest.approx(exact, rel=0.15)


def test_shares_in_a_table_are_compared_by_pearsons_test() -> None:
    mine, theirs = np.array([30.0, 70.0, 15.0]), np.array([300.0, 500.0, 100.0])
    expected = stats.chi2_contingency([mine, theirs], correction=False).pvalue
    assert table_p_value(mine, theirs) == pytest.approx(expected)


def test_few_missing_values_are_compared_exactly() -> None:
    one_sided = stats.fisher_exact(np.array([[4, 496], [1, 4_999]]), alternative="greater").pvalue
    assert shares_p_value(4, 500, 1, 5_000) == pytest.approx(2 * one_sided)


def test_many_missing_values_are_compared_by_the_pooled_z_test() -> None:
    expected = stats.chi2_contingency([[100, 400], [700, 4_300]], correction=False).pvalue
    assert shares_p_value(100, 500, 700, 5_000) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.001, 0.2))
def test_discoveries_are_those_that_scipy_adjusts_to_alpha_or_less(p_values: list[float], alpha: float) -> None:
    adjusted = stats.false_discovery_control(p_values)
    clear = np.abs(adjusted - alpha) > 1e-12
    assert (np.array(discoveries(p_values, alpha)) == (adjusted <= alpha))[clear].all()


def test_no_test_is_no_discovery() -> None:
    assert discoveries([], 0.01) == ()
