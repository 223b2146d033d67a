import numpy as np
import pandas as pd
import pytest

from slipway.forecasting.monthly import MonthlyLevels, Seen, monthly_levels, months_of
from tests.unit.forecasting.series import LEVEL


def seen(*rows: tuple[str, str, float, float]) -> Seen:
    days, districts, areas, prices = zip(*rows, strict=True)
    time = np.array([(pd.Timestamp(day) - pd.Timestamp("1970-01-01")).days for day in days], "float64")
    return Seen(pd.DataFrame({"district": districts, "area": areas}), np.array(prices), time)


def read(*rows: tuple[str, str, float, float]) -> MonthlyLevels:
    return monthly_levels(seen(*rows), LEVEL)


def test_a_month_s_level_is_the_mean_logarithm_of_target_per_unit() -> None:
    found = read(("2015-11-02", "a", 10, 1000), ("2015-11-30", "a", 10, 4000), ("2015-12-31", "b", 2, 100))
    assert found.groups == ("a", "b")
    assert np.exp(found.levels[0, 0]) == pytest.approx(200)
    assert np.exp(found.levels[1, 1]) == pytest.approx(50)
    assert found.rows.tolist() == [[2, 0], [0, 1]]
    assert np.isnan(found.levels[0, 1])


def test_months_without_any_row_are_there_and_have_the_level_of_all_before() -> None:
    found = read(("2014-12-31", "a", 1, 100), ("2015-02-01", "a", 1, 200))
    assert [found.name(month) for month in range(found.months)] == ["2014-12", "2015-01", "2015-02"]
    assert np.exp(found.overall) == pytest.approx([100, 100, 200])


def test_rows_without_a_level_are_left_out() -> None:
    found = read(("2015-01-01", "a", 1, 100), ("2015-01-01", "a", 0, 100), ("2015-01-01", "a", np.nan, 100))
    assert found.rows.tolist() == [[1]]


def test_the_level_of_all_counts_rows_and_not_groups() -> None:
    rows = [("2015-01-01", "a", 1.0, 100.0)] * 3 + [("2015-01-01", "b", 1.0, 10_000.0)]
    assert np.exp(read(*rows).overall[0]) == pytest.approx(100 ** (3 / 4) * 10_000 ** (1 / 4))


def test_groups_may_be_given() -> None:
    found = monthly_levels(seen(("2015-01-01", "a", 1, 100), ("2015-01-01", "c", 1, 100)), LEVEL, ("a", "b"))
    assert found.rows.tolist() == [[1, 0]]


def test_a_moment_belongs_to_its_month() -> None:
    days = [(pd.Timestamp(day) - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1) for day in
            ("2015-12-31 23:59", "2016-01-01", "1969-12-31")]  # fmt: skip
    assert months_of(np.array(days)).tolist() == [2015 * 12 + 11, 2016 * 12, 1969 * 12 + 11]


def test_scatter_is_that_of_rows_within_their_group_and_month() -> None:
    rows = [("2015-01-01", "a", 1.0, price) for price in (100.0, 100 * np.e)]
    far = [("2015-02-01", "b", 1.0, 1e9), ("2015-03-01", "a", 1.0, 5e9), ("2015-03-02", "a", 1.0, 5e9)]
    assert read(*rows).scatter == pytest.approx(np.sqrt(0.5))
    assert read(*rows, *far).scatter == pytest.approx(0.5)
    assert read(rows[0]).scatter == 0
