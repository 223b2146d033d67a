import numpy as np
import pandas as pd
import pytest

from slipway.core.changes import ColumnChange, DataChanges, Retyped
from slipway.data.changes import changes, jensen_shannon

RNG = np.random.default_rng(5)


def compared(before: pd.DataFrame, after: pd.DataFrame) -> DataChanges:
    return changes(before, after, use_case="churn", reference="main")


def column(before: object, after: object) -> ColumnChange:
    [found] = compared(pd.DataFrame({"x": before}), pd.DataFrame({"x": after})).columns
    return found


def distance(before: object, after: object) -> float:
    found = column(before, after).distance
    assert found is not None
    return found


def test_rows_and_columns_that_came_and_went_are_told() -> None:
    found = compared(pd.DataFrame({"a": [1, 2], "old": [1, 2]}), pd.DataFrame({"new": [1], "a": [1]}))
    assert (found.rows_before, found.rows_after) == (2, 1)
    assert (found.added, found.removed) == (("new",), ("old",))
    assert [c.column for c in found.columns] == ["a"]


def test_a_column_of_another_type_is_told_and_not_compared() -> None:
    found = compared(pd.DataFrame({"zip": [1, 2]}), pd.DataFrame({"zip": ["1", "2"]}))
    assert found.retyped == (Retyped(column="zip", before="number", after="text"),)
    assert found.columns[0].distance is None


def test_whole_numbers_that_became_numbers_for_a_gap_are_no_other_type() -> None:
    assert compared(pd.DataFrame({"n": [1, 2]}), pd.DataFrame({"n": [1.0, None]})).retyped == ()


def test_missing_values_are_shares_of_rows() -> None:
    found = column([1.0, 2.0, None, None], [1.0, None, None, None])
    assert (found.missing_before, found.missing_after) == (0.5, 0.75)


@pytest.mark.parametrize("values", [[], [None, None]], ids=["empty", "all missing"])
def test_a_column_without_values_has_no_distance(values: list[object]) -> None:
    assert column([1.0, 2.0], pd.Series(values, dtype="float64")).distance is None


@pytest.mark.parametrize(
    "values",
    [
        np.arange(1000) % 7,
        np.array(["a", "b", "c", "d"] * 250),
        np.array([True, False] * 500),
        pd.date_range("2024-01-01", periods=1000, freq="h"),
        RNG.normal(size=1000),
    ],
    ids=["whole numbers", "text", "booleans", "times", "numbers"],
)
def test_the_same_values_in_another_order_are_at_distance_zero(values: object) -> None:
    before = pd.Series(values)
    assert distance(before, before.sample(frac=1, random_state=1).reset_index(drop=True)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("before", "after"),
    [([0.0] * 500, [1.0] * 500), (["a"] * 500, ["b"] * 500), ([True] * 500, [False] * 500)],
    ids=["numbers", "text", "booleans"],
)
def test_values_with_nothing_in_common_are_at_distance_one(before: list[object], after: list[object]) -> None:
    assert distance(before, after) == pytest.approx(1)


def test_jensen_shannon_is_as_reckoned_by_hand() -> None:
    # p = (1, 0), q = (1/2, 1/2), middle (3/4, 1/4): (log2(4/3) + log2(2/3)/2 + log2(2)/2) / 2
    expected = np.sqrt((np.log2(4 / 3) + 0.5 * np.log2(2 / 3) + 0.5) / 2)
    assert jensen_shannon(np.array([4.0, 0.0]), np.array([7.0, 7.0])) == pytest.approx(expected)


def test_jensen_shannon_agrees_with_scipy() -> None:
    from scipy.spatial.distance import jensenshannon

    before, after = RNG.integers(0, 50, 20).astype(float), RNG.integers(0, 50, 20).astype(float)
    assert jensen_shannon(before, after) == pytest.approx(float(jensenshannon(before, after, base=2)))


def test_a_shifted_distribution_is_further_away_than_another_sample() -> None:
    before, again, shifted = RNG.normal(size=5000), RNG.normal(size=5000), RNG.normal(0.5, size=5000)
    assert distance(before, again) < 0.06
    assert distance(before, shifted) > 0.1


def test_a_value_below_all_that_were_seen_is_noticed() -> None:
    assert distance([0.0, 1.0] * 500, [0.0, 1.0, -1.0, -1.0] * 250) > 0.3


def test_ids_that_are_all_new_are_not_a_shift() -> None:
    before, after = [f"id{n}" for n in range(3000)], [f"id{n}" for n in range(3000, 6000)]
    assert distance(before, after) < 0.1


def test_outliers_do_not_hide_a_shift() -> None:
    before = np.append(RNG.normal(size=5000), 1e12)
    after = np.append(RNG.normal(0.5, size=5000), 1e12)
    assert distance(before, after) > 0.1


def test_the_columns_furthest_apart_come_first() -> None:
    before = pd.DataFrame({"same": ["a"] * 100, "gone": [None] * 100, "moved": ["a"] * 100})
    after = pd.DataFrame({"same": ["a"] * 100, "gone": [None] * 100, "moved": ["b"] * 100})
    assert [c.column for c in compared(before, after).columns] == ["moved", "same", "gone"]


def test_values_without_a_hash_are_compared_by_their_text() -> None:
    assert distance([[1], [2]] * 50, [[1], [1]] * 50) > 0.3


def test_infinite_numbers_are_compared() -> None:
    assert distance([1.0, np.inf] * 500, [1.0, -np.inf] * 500) > 0.3


def test_a_hundred_thousand_rows_of_fifty_columns_take_seconds() -> None:
    import time

    frame = pd.DataFrame({f"n{i}": RNG.normal(size=100_000) for i in range(50)})
    started = time.process_time()
    compared(frame, frame)
    assert time.process_time() - started < 5
