from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from slipway.core.errors import DataUnfit
from slipway.core.outlook import Outlook
from slipway.forecasting.monthly import Seen
from slipway.forecasting.outlook import check_outlook, make_outlook
from tests.unit.forecasting.series import SALES, sales


def made(seen: Seen) -> Outlook:
    outlook = make_outlook(SALES, seen)
    assert outlook is not None
    return outlook


def after(seen: Seen, months: int, growth: float) -> Seen:
    """Further sales from the month after the last one on."""
    later = sales(growth, months, 1_000, seed=9)
    shift = np.ceil(seen.time.max()) + 5 - later.time.min()
    rows = pd.concat([seen.rows, later.rows], ignore_index=True)
    return Seen(rows, np.concatenate([seen.target, later.target]), np.concatenate([seen.time, later.time + shift]))


def test_growing_levels_are_forecast_to_grow_within_a_band() -> None:
    outlook = made(sales(0.03))
    assert outlook.method in {"shared level and growth", "shared level and season"}
    for group in outlook.groups.values():
        assert group.ahead[2].level / group.now == pytest.approx(np.exp(0.09), rel=0.04)
        assert all(one.low < one.level < one.high for one in group.ahead)


def test_the_last_months_are_told_in_the_target_s_unit_per_unit() -> None:
    seen = sales(0.0)
    outlook = made(seen)
    assert (outlook.by, outlook.per, outlook.unit, outlook.time) == ("district", "area", "USD per m²", None)
    assert outlook.last_month == "2015-12"
    assert outlook.last_day.startswith("2015-12-")
    hill, shore = outlook.groups["hill"], outlook.groups["shore"]
    assert len(hill.levels) == len(hill.rows) == 36
    assert (hill.now, shore.now) == (pytest.approx(1000, rel=0.05), pytest.approx(2000, rel=0.05))


def test_months_with_too_few_rows_are_told_as_unknown() -> None:
    seen = sales(0.0)
    last = seen.time > seen.time.max() - 20
    few = np.cumsum(last & (seen.rows["district"] == "hill").to_numpy())
    kept = ~(last & (seen.rows["district"] == "hill").to_numpy() & (few > 3))
    hill = made(Seen(seen.rows[kept], seen.target[kept], seen.time[kept])).groups["hill"]
    assert hill.levels[-1] is None or hill.rows[-1] >= 5


def test_nothing_is_forecast_unless_it_is_declared() -> None:
    assert make_outlook(replace(SALES, outlook=None), sales(0.0)) is None


def test_too_short_a_past_is_refused_in_words() -> None:
    with pytest.raises(DataUnfit, match="known for 35 months; a forecast needs 36") as caught:
        make_outlook(SALES, sales(0.0, months=35))
    assert "take `outlook` out" in caught.value.next_step


@pytest.mark.parametrize("rows", [90, 350])
def test_too_few_rows_a_month_are_refused_in_words(rows: int) -> None:
    with pytest.raises(DataUnfit, match="too few months of 5 rows or more") as caught:
        make_outlook(SALES, sales(0.0, rows=rows))
    assert "take `outlook` out" in caught.value.next_step


def test_targets_without_a_logarithm_are_refused_in_words() -> None:
    seen = sales(0.0)
    with pytest.raises(DataUnfit, match="too few months"):
        make_outlook(SALES, Seen(seen.rows, -seen.target, seen.time))


def test_equal_rows_give_equal_documents() -> None:
    assert made(sales(0.01)) == made(sales(0.01))


def test_months_held_out_judge_the_method_that_serves_without_choosing_again() -> None:
    known = sales(0.03)
    outlook = made(known)
    check = check_outlook(SALES, outlook, after(known, 8, -0.1), len(known.time))
    assert check.rehearsed == outlook.backtest
    assert check.held_out is not None
    assert check.held_out.served == outlook.method
    assert check.held_out.first >= "2015-12"
    assert check.figures[0].name == "outlook_error"
    served = next(m for m in check.held_out.methods if m.method == check.held_out.served)
    assert check.figures[0].value == served.errors[0].value


def test_where_nothing_follows_only_the_rehearsal_is_told() -> None:
    known = sales(0.03)
    check = check_outlook(SALES, made(known), known, len(known.time))
    assert check.held_out is None
    assert check.figures[1].name == "outlook_coverage"


def test_the_noise_of_months_is_told_beside_errors_and_no_forecast_beats_it() -> None:
    backtest = made(sales(0.0)).backtest
    assert backtest.noise == pytest.approx(np.sqrt(2 / np.pi) * 0.2 / np.sqrt(6_000 / 72 / 2), rel=0.05)
    assert all(result.errors[0].value > backtest.noise for result in backtest.methods)  # type: ignore[operator]
