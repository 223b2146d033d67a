from datetime import date

import numpy as np
import pandas as pd
import pytest

from slipway.core.errors import DataUnfit
from slipway.data.moments import days_of, moments_of


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(pd.to_datetime(["2016-01-01", "2016-01-02"])),
        pd.Series(["2016-01-01", "2016-01-02"]),
        pd.Series([date(2016, 1, 1), date(2016, 1, 2)]),
        pd.Series(pd.to_datetime(["2016-01-01T02:00+02:00", "2016-01-02T02:00+02:00"])),
        pd.Series(np.array([16801.0, 16802.0], "float32")),
    ],
    ids=["datetime64", "text", "dates", "time zone", "days"],
)
def test_a_day_is_the_same_number_however_it_is_written(column: pd.Series) -> None:
    days = days_of(column)
    assert days.tolist() == [16801.0, 16802.0]
    assert days.dtype == "float32"


def test_a_moment_keeps_its_part_of_the_day() -> None:
    assert moments_of(pd.Series(["1970-01-02T12:00:00"])).tolist() == [1.5]


@pytest.mark.parametrize("cells", [["2016-01-01", None], ["2016-01-01", "yesterday"]])
def test_what_is_no_date_is_refused_by_its_column(cells: list[str | None]) -> None:
    with pytest.raises(DataUnfit, match="column sold"):
        days_of(pd.Series(cells, name="sold"))


def test_numbers_of_the_source_are_not_taken_for_days() -> None:
    with pytest.raises(DataUnfit, match="column sold is no date"):
        moments_of(pd.Series([2016.5, 2016.7], name="sold"))
