import numpy as np
import pandas as pd

from slipway.core.use_case import Level
from slipway.training.naive import going_rate_guess, mean_guess

LEVEL = Level(by="district", per="area")


def guess(rows: pd.DataFrame) -> list[float]:
    train = pd.DataFrame({"district": ["a", "a", "a", "b", "b"], "area": [10.0, 10.0, 10.0, 10.0, 10.0]})
    target, time = np.array([10.0, 20.0, 900.0, 50.0, 9000.0]), np.array([400.0, 400.0, 400.0, 400.0, 1.0])
    return going_rate_guess(train, target, time, rows, LEVEL).tolist()


def test_a_group_is_guessed_by_its_median_per_unit_of_the_last_year() -> None:
    assert guess(pd.DataFrame({"district": ["a", "b"], "area": [5.0, 2.0]})) == [10.0, 10.0]


def test_an_unseen_group_is_guessed_by_all() -> None:
    assert guess(pd.DataFrame({"district": ["c"], "area": [2.0]})) == [7.0]


def test_a_row_without_units_is_guessed_by_the_median_target() -> None:
    assert guess(pd.DataFrame({"district": ["a"], "area": [np.nan]})) == [35.0]


def test_without_a_rate_the_guess_is_the_mean() -> None:
    assert mean_guess(np.array([1.0, 3.0]), pd.DataFrame(index=range(2))).tolist() == [2.0, 2.0]
