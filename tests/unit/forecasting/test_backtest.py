import numpy as np
import pytest

from slipway.forecasting.backtest import judged_from, rehearse
from slipway.forecasting.bands import reach_of, reaches
from slipway.forecasting.choosing import chosen, found
from slipway.forecasting.spread import mean_over_months
from tests.unit.forecasting.series import MONTHS, levels, random_levels


def test_nothing_that_is_chosen_or_banded_at_a_month_depends_on_later_ones() -> None:
    one = random_levels(0.01)
    month = 50
    other = levels(np.where(np.arange(MONTHS)[:, None] > month, one.levels - 2, one.levels))
    for name, mine in rehearse(one, 3, 0.9).items():
        theirs = rehearse(other, 3, 0.9)[name]
        np.testing.assert_array_equal(mine.forecasts[: month + 1], theirs.forecasts[: month + 1])
        np.testing.assert_array_equal(mine.reach[: month + 1], theirs.reach[: month + 1])


def test_an_error_is_what_came_less_the_forecast_and_unknown_where_nothing_came() -> None:
    series = random_levels(0.0)
    series.rows[40, 3] = 4
    persistence = rehearse(series, 3, 0.9)["persistence"]
    assert persistence.errors[30, 1, 0] == series.levels[32, 0] - series.levels[30, 0]
    assert np.isnan(persistence.errors[39, 0, 3]), "too few rows to tell"
    assert np.isnan(persistence.errors[-1]).all()
    assert np.isnan(persistence.errors[-2, 1:]).all()


def test_the_setting_that_had_done_best_is_taken() -> None:
    quiet = random_levels(0.02, noise=0.0)
    growth = rehearse(quiet, 3, 0.9)["shared level and growth"]
    assert np.nanmax(np.abs(growth.errors[24:])) < 1e-9


def test_bands_hold_what_they_are_made_to_hold_of_errors_that_stay_alike() -> None:
    errors = np.random.default_rng(1).normal(0, 0.1, (120, 3, 20)) * np.linspace(0.5, 2, 20)
    reach = reaches(errors, 0.9)
    held = np.abs(errors[30:]) <= reach[30:]
    assert held.mean() == pytest.approx(0.9, abs=0.015)
    assert held.mean(axis=(0, 1)).min() > 0.84, "groups that err more have wider bands"


def test_a_band_is_unknown_before_there_are_errors_enough() -> None:
    assert np.isnan(reach_of(np.full((3, 5), 0.1), 0.9)).all()
    assert (reach_of(np.full((10, 5), 0.1), 0.9) == pytest.approx(0.1)) is True


def test_judging_begins_when_bands_are_known_and_ends_before_the_last_month() -> None:
    assert judged_from(random_levels(0.0)) == range(24, MONTHS - 1)
    assert judged_from(random_levels(0.0), MONTHS - 3) == range(MONTHS - 3, MONTHS - 1)
    assert not judged_from(random_levels(0.0), MONTHS - 1)


@pytest.mark.parametrize(
    ("growth", "noise", "served"),
    [(0.02, 0.02, "shared level and growth"), (0.0, 0.05, "local level"), (0.0, 0.0, "persistence")],
)
def test_the_method_with_the_smallest_error_serves_and_of_equals_the_simpler(
    growth: float, noise: float, served: str
) -> None:
    series = random_levels(growth, noise=noise)
    rehearsals = rehearse(series, 3, 0.9)
    months = judged_from(series)
    assert chosen(rehearsals, months) == served
    errors = {result.method: result.errors[0].value for result in found(series, rehearsals, served, months).methods}
    assert errors[served] == min(errors.values())  # type: ignore[type-var]


def test_gains_are_paired_with_the_method_that_serves() -> None:
    series = random_levels(0.02, noise=0.02)
    rehearsals = rehearse(series, 3, 0.9)
    told = found(series, rehearsals, "shared level and growth", judged_from(series))
    by_name = {result.method: result for result in told.methods}
    served, naive = by_name["shared level and growth"], by_name["seasonal naive"]
    assert served.gain is None
    assert naive.gain is not None
    assert naive.gain.value == pytest.approx(naive.errors[0].value - served.errors[0].value, abs=1e-6)  # type: ignore[operator]
    assert naive.gain.low is not None
    assert naive.gain.low > 0
    assert [error.name for error in served.errors] == ["all", "1 month", "2 months", "3 months"]
    assert told.forecasts == 8 * (47 + 46 + 45)
    assert (told.first, told.last) == ("2012-01", "2015-11")


def test_months_that_err_together_widen_the_interval() -> None:
    random = np.random.default_rng(5)
    together = np.repeat(random.normal(0, 1, (20, 1)), 6, axis=0)
    alone = random.permutation(together)
    widths = [m.high - m.low for m in (mean_over_months("x", v) for v in (alone, together))]  # type: ignore[operator]
    assert widths[1] > 1.5 * widths[0]


def test_a_mean_of_nothing_is_not_defined() -> None:
    assert mean_over_months("x", np.full((5, 2), np.nan)).value is None
    some = np.full((5, 2), np.nan)
    some[2, 1] = 3.0
    assert mean_over_months("x", some).value == 3.0
