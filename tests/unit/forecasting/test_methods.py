import numpy as np
import pytest

from slipway.forecasting.methods import METHODS, filtered, local_level, persistence, seasonal_naive
from slipway.forecasting.methods import shared_level_and_growth as growth
from slipway.forecasting.methods import shared_level_and_season as season
from tests.unit.forecasting.series import MONTHS, levels, random_levels


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_no_method_sees_what_came_after_the_month_it_forecasts_from(method: object) -> None:
    one = random_levels(0.01)
    for month in (20, 40, 70):
        other = levels(np.where(np.arange(MONTHS)[:, None] > month, one.levels + 5, one.levels))
        for mine, theirs in zip(method(one, 3), method(other, 3), strict=True):  # type: ignore[operator]
            np.testing.assert_array_equal(mine[: month + 1], theirs[: month + 1])
            assert not np.array_equal(mine[month + 1 :], theirs[month + 1 :])


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_every_method_has_a_number_for_every_month_and_group_whatever_the_gaps(method: object) -> None:
    series = random_levels(0.01)
    series.levels[5:40, 0], series.rows[5:40, 0] = np.nan, 0
    series.levels[:, 1], series.rows[:, 1] = np.nan, 0
    for table in method(series, 3):  # type: ignore[operator]
        assert table.shape == (MONTHS, 4, 8)
        assert np.isfinite(table).all()


def test_persistence_is_the_last_level_there_was() -> None:
    series = random_levels(0.0)
    series.levels[30, 2] = np.nan
    [table] = persistence(series, 3)
    np.testing.assert_array_equal(table[30, :, 2], np.repeat(series.levels[29, 2], 4))
    np.testing.assert_array_equal(table[31, 3], series.levels[31])


def test_the_seasonal_naive_is_the_same_month_a_year_before() -> None:
    series = random_levels(0.0)
    series.levels[28, 0] = np.nan
    [table] = seasonal_naive(series, 3)
    np.testing.assert_array_equal(table[36, 1], series.levels[25])
    np.testing.assert_array_equal(table[36, 3], series.levels[27])
    assert table[37, 3, 0] == series.levels[37, 0]


def test_a_line_is_carried_on_by_the_setting_that_does_not_damp_it() -> None:
    line = levels(7 + 0.01 * np.arange(MONTHS)[:, None] * np.ones(3))
    errors = [
        np.abs(table[60, 1:] - table[60, :1] - 0.01 * np.arange(1, 4)[:, None]).max() for table in growth(line, 3)
    ]
    assert min(errors) < 1e-9


def test_a_season_is_read_off_the_years_before() -> None:
    turn = 0.2 * np.sin(2 * np.pi * np.arange(MONTHS) / 12)
    wave = levels(7 + turn[:, None] * np.ones(3))
    forecasts = [table for table in season(wave, 3) if np.allclose(table[60, 3] - table[60, 0], turn[63] - turn[60])]
    assert forecasts


def test_a_month_of_few_rows_moves_a_level_less_than_one_of_many() -> None:
    jump = np.where(np.arange(MONTHS) < 50, 7.0, 7.5)[:, None]
    few, many = (next(local_level(levels(jump, rows), 1))[50, 0, 0] for rows in (2.0, 200.0))
    assert 7.0 < few < many < 7.5


def test_the_filter_is_that_of_a_local_level_model() -> None:
    """By hand: variance 1 + q, gain P n / (P n + 1), as Durbin and Koopman have it."""
    states = filtered(np.array([[2.0], [4.0]]), np.array([[1.0], [3.0]]), 0.5, np.array([0.0]))
    first = 1.5 / 2.5 * 2
    left = 1.5 * (1 - 1.5 / 2.5) + 0.5
    assert states[:, 0] == pytest.approx([first, first + 3 * left / (3 * left + 1) * (4 - first)])
