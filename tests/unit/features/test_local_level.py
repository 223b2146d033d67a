import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.core.params import LevelParams
from slipway.core.use_case import Level
from slipway.features.local_level import LocalLevels, fit_local_levels

LEVEL = Level(by="district", per="area")
PARAMS = LevelParams(period_days=7, window_days=28, prior_rows=4.0, drift_days=28, horizon_days=70)
COLUMN = "district: level relative to all"
DAYS = 140


def sales(rows: int = 400, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "date": np.sort(random.integers(16_000, 16_000 + DAYS, rows)).astype("float32"),
            "district": random.choice(["north", "south"], rows),
            "area": random.uniform(40, 200, rows).astype("float32"),
        }
    )


def levels(rows: pd.DataFrame, target: np.ndarray, params: LevelParams = PARAMS) -> LocalLevels:
    return fit_local_levels(rows, target, level=LEVEL, date="date", params=params)


def prices(rows: pd.DataFrame, *, rise: float = 0.0, north: float = 0.0) -> np.ndarray:
    """ln of a price of 1,000 per unit of area, with a rise a day and a step in the north."""
    days = rows.date.to_numpy("float64") - 16_000
    return np.log(1000 * rows.area.to_numpy("float64")) + rise * days + north * (rows.district == "north").to_numpy()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 399), st.floats(-2, 2).filter(lambda change: abs(change) > 0.01))
def test_another_price_changes_no_row_before_it_nor_of_its_day(position: int, change: float) -> None:
    rows = sales()
    target = prices(rows) + np.random.default_rng(3).normal(0, 0.2, len(rows))
    changed = target.copy()
    changed[position] += change
    before, after = levels(rows, target), levels(rows, changed)
    earlier = rows[(rows.date <= rows.date[position]) & before.is_known(rows)]
    assert (before.is_known(rows) == after.is_known(rows)).all()
    assert (before.features(earlier)[COLUMN] == after.features(earlier)[COLUMN]).all()
    assert (before.base(earlier) == after.base(earlier)).all()


def test_another_price_does_change_the_rows_of_the_window_after_it() -> None:
    rows = sales()
    changed = prices(rows)
    changed[200] += 1
    soon = rows[(rows.date > rows.date[200] + 7) & (rows.date <= rows.date[200] + 21)]
    assert (levels(rows, changed).base(soon) > levels(rows, prices(rows)).base(soon)).all()


def test_a_level_is_that_of_the_window_before_its_period() -> None:
    rows = sales()
    target = prices(rows) + np.random.default_rng(3).normal(0, 0.2, len(rows))
    day = 16_000 + 70
    window = (rows.date >= day - 28) & (rows.date < day)
    expected = (target - np.log(rows.area.to_numpy("float64")))[window].mean()
    asked = pd.DataFrame({"date": [day, day + 6], "district": "north"}).astype({"date": "float32"})
    assert levels(rows, target).base(asked) == pytest.approx([expected, expected])


def test_a_group_with_few_rows_is_drawn_to_all() -> None:
    rows = sales()
    target = prices(rows, north=0.4)
    asked = rows[rows.date > 16_000 + 60]
    weak, strong = (
        levels(rows, target, PARAMS.model_copy(update={"prior_rows": prior})).features(asked)[COLUMN].abs().mean()
        for prior in (1.0, 500.0)
    )
    assert weak > 0.15
    assert strong < 0.03


def test_a_group_never_seen_has_the_level_of_all() -> None:
    asked = sales(5).assign(district="west")
    assert (levels(sales(), prices(sales(), north=0.4)).features(asked)[COLUMN] == 0).all()


def test_after_the_last_row_the_level_goes_on_as_it_went_and_ends_with_the_horizon() -> None:
    rows = sales(4000)
    found = levels(rows, prices(rows, rise=0.001))
    ahead = pd.DataFrame({"date": np.array([28, 56, 70, 5000], "float32") + found.known_until, "district": "north"})
    base = found.base(ahead)
    assert base[1] - base[0] == pytest.approx(0.028, abs=0.004)
    assert base[2] == base[3]
    assert found.last_day == found.known_until + 70


def test_without_drift_the_last_level_stays() -> None:
    rows = sales(4000)
    found = levels(rows, prices(rows, rise=0.001), PARAMS.model_copy(update={"drift_days": 0}))
    ahead = pd.DataFrame({"date": np.array([1, 56], "float32") + found.known_until, "district": "north"})
    assert found.base(ahead)[0] == found.base(ahead)[1] == found.overall[-1]


def test_the_first_rows_have_no_level_and_borrow_the_first() -> None:
    rows = sales()
    found = levels(rows, prices(rows))
    assert not found.is_known(rows[rows.date < 16_028]).any()
    assert found.is_known(rows[rows.date >= 16_028 + 7]).all()
    assert (found.base(rows[rows.date < 16_028]) == found.overall[0]).all()


def test_rows_without_a_unit_count_for_nothing() -> None:
    rows = sales()
    gap = rows.assign(area=rows.area.where(rows.index != 100))
    odd = prices(rows)
    odd[100] += 50
    without = rows.drop(index=100).reset_index(drop=True)
    assert levels(gap, odd).overall == pytest.approx(levels(without, prices(without)).overall)
