import numpy as np
import pandas as pd

from slipway.data.split import in_holdout, is_late

KEYS = pd.DataFrame({"a": np.arange(4000), "b": [f"row {i % 977}" for i in range(4000)]})


def test_a_row_keeps_its_side_when_the_table_grows() -> None:
    first = in_holdout(KEYS.head(1000), share=0.25, salt="churn")
    assert (in_holdout(KEYS, share=0.25, salt="churn")[:1000] == first).all()


def test_a_row_keeps_its_side_in_another_order() -> None:
    shuffled = KEYS.sample(frac=1, random_state=3)
    sides = pd.Series(in_holdout(shuffled, share=0.25, salt="churn"), index=shuffled.index).sort_index()
    assert (sides.to_numpy() == in_holdout(KEYS, share=0.25, salt="churn")).all()


def test_duplicates_share_a_side() -> None:
    twice = pd.concat([KEYS, KEYS], ignore_index=True)
    sides = in_holdout(twice, share=0.25, salt="churn")
    assert (sides[:4000] == sides[4000:]).all()


def test_the_share_is_about_what_was_asked_for() -> None:
    assert abs(in_holdout(KEYS, share=0.25, salt="churn").mean() - 0.25) < 0.03


def test_another_salt_is_another_deal() -> None:
    a, b = (in_holdout(KEYS, share=0.5, salt=salt) for salt in ("one", "two"))
    assert 0.4 < (a == b).mean() < 0.6


def test_whole_numbers_read_as_floats_keep_their_side() -> None:
    floats = KEYS.assign(a=KEYS.a.astype(float))
    assert (in_holdout(floats, share=0.3, salt="s") == in_holdout(KEYS, share=0.3, salt="s")).all()


def test_the_deal_is_the_same_in_every_version() -> None:
    """A change here moves rows from training to holdout of models that are in production."""
    keys = pd.DataFrame({"n": [0, 1, 2, 3, 4, 5, 6, 7], "s": ["a", "b", None, "d", "e", "f", "g", "h"]})
    assert in_holdout(keys, share=0.5, salt="pinned").tolist() == PINNED


PINNED = [False, False, True, False, True, False, True, False]


def test_a_gap_is_a_gap_however_it_is_spelt() -> None:
    spelt = (pd.DataFrame({"s": pd.Series(["a", gap, "c"], dtype=object)}) for gap in (None, np.nan, pd.NA))
    assert len({tuple(in_holdout(keys, share=0.5, salt="s")) for keys in spelt}) == 1


def test_by_time_the_first_day_held_out_is_the_one_named() -> None:
    moments = np.array([16800.0, 16801.0, 16800.9, 16900.0])
    assert is_late(moments, start="2016-01-01", share=0.25).tolist() == [False, True, False, True]


def test_by_time_a_share_is_of_the_latest_rows_and_equal_moments_stay_together() -> None:
    moments = np.repeat([1.0, 2.0, 3.0, 4.0], [50, 10, 30, 10])
    late = is_late(moments, start=None, share=0.25)
    assert set(moments[late]) == {4.0}
    assert is_late(np.arange(100.0), start=None, share=0.25).sum() == 25
