from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from slipway.core.comparables import ComparableRows
from slipway.core.task import Task
from slipway.core.use_case import Categorical, Comparables, Date, Numeric, UseCase
from slipway.training.comparables import latest_rows

DECLARED = Comparables(place=("north", "east"), size="area", same=("kind",), shown=("sold", "area"), kept=3, count=2)
SALES = UseCase(
    name="sales",
    title="What a sale brings",
    task=Task.REGRESSION,
    target="price",
    key=("id",),
    features=(Date("sold"), Categorical("kind"), Numeric("area"), Numeric("north"), Numeric("east")),
    collect=lambda root: pd.DataFrame(),
    expectations=(),
    time="sold",
    comparables=DECLARED,
)
DAYS = np.array([16_000.0, 16_003.0, 16_001.0, 16_002.0, 15_000.0])


def drawn(**changes: Any) -> ComparableRows:
    table = pd.DataFrame(
        {
            "sold": DAYS.astype("float32"),
            "kind": ["flat", "", "flat", "house", "flat"],
            "area": np.array([80, 29.85, 100, 120, 90], "float32"),
            "north": np.array([1, 2, 3, 4, 5], "float32"),
            "east": np.array([1, 2, 3, 4, 5], "float32"),
        }
    ).assign(**changes)
    found = latest_rows(SALES, table, np.array([1.0, 2.0, 3.0, 4.0, 5.0]), DAYS)
    assert found is not None
    return found


def test_the_latest_rows_travel_the_latest_first_and_no_more_than_declared() -> None:
    found = drawn()
    assert found.days == ("2013-10-25", "2013-10-24", "2013-10-23")
    assert found.target == (2.0, 4.0, 3.0)
    assert found.count == 2


def test_their_fields_are_spelled_as_requests_spell_them_and_each_comes_once() -> None:
    columns = drawn().columns
    assert list(columns) == ["north", "east", "area", "kind", "sold"]
    assert columns["area"][0] == 29.85
    assert columns["kind"] == (None, "house", "flat")
    assert columns["sold"][0] == "2013-10-25"


def test_rows_without_a_place_or_a_size_are_left_out() -> None:
    assert drawn(north=np.array([1, np.nan, 3, 4, 5], "float32")).target == (4.0, 3.0, 1.0)
    assert drawn(area=np.array([80, 0, 100, 120, 90], "float32")).target == (4.0, 3.0, 1.0)


def test_time_is_named_where_requests_tell_one() -> None:
    assert drawn().alike.time == "sold"
    undated = replace(SALES, features=SALES.features[1:], comparables=replace(DECLARED, shown=()))
    table = pd.DataFrame({"kind": ["a"], "area": [1.0], "north": [1.0], "east": [1.0]})
    found = latest_rows(undated, table, np.ones(1), np.zeros(1))
    assert found is not None
    assert found.alike.time is None


def test_none_travel_unless_they_are_declared() -> None:
    assert latest_rows(replace(SALES, comparables=None), pd.DataFrame(), np.ones(0), np.ones(0)) is None
