import numpy as np
import pandas as pd
import pytest

from slipway.core.errors import DataUnfit
from slipway.core.params import SplitParams
from slipway.data.folds import dealt_folds, ordered_folds, training_keys
from slipway.data.split import in_holdout
from tests.support.use_cases import CHURN


def test_every_row_is_measured_on_once_and_learned_from_otherwise() -> None:
    folds = dealt_folds(pd.DataFrame({"id": range(200)}), 5, "salt")
    assert sorted(np.concatenate([fold.judge for fold in folds])) == list(range(200))
    assert all(sorted([*fold.learn, *fold.judge]) == list(range(200)) for fold in folds)


def test_rows_of_one_key_are_never_on_both_sides() -> None:
    keys = pd.DataFrame({"id": [n // 3 for n in range(300)]})
    for fold in dealt_folds(keys, 4, "salt"):
        assert not set(keys["id"].iloc[fold.learn]) & set(keys["id"].iloc[fold.judge])


def test_a_row_keeps_its_fold_whatever_other_rows_come() -> None:
    few, many = pd.DataFrame({"id": range(100)}), pd.DataFrame({"id": range(150)})
    for before, after in zip(dealt_folds(few, 5, "salt"), dealt_folds(many, 5, "salt"), strict=True):
        assert list(before.judge) == [row for row in after.judge if row < 100]


def test_folds_are_dealt_otherwise_than_the_holdout() -> None:
    """Were the same bits used for both, some folds would be empty."""
    keys = pd.DataFrame({"id": range(2000)})
    kept = keys[~in_holdout(keys, share=0.25, salt="salt")].reset_index(drop=True)
    sizes = [fold.judge.size for fold in dealt_folds(kept, 5, "salt")]
    assert min(sizes) > 0.7 * len(kept) / 5


def test_too_few_keys_are_refused() -> None:
    with pytest.raises(DataUnfit, match="2 different keys do not fill 5 folds"):
        dealt_folds(pd.DataFrame({"id": [1, 2] * 10}), 5, "salt")


def test_what_is_measured_on_always_comes_after_what_was_learned_from() -> None:
    moments = pd.Series(np.random.default_rng(1).permutation(120), name="sold")
    folds = ordered_folds(moments, 5)
    assert len(folds) == 5
    for fold in folds:
        assert moments.iloc[fold.learn].max() < moments.iloc[fold.judge].min()
        assert fold.learn.size >= 60
    ends = [moments.iloc[fold.judge].max() for fold in folds]
    assert ends == sorted(ends)
    assert ends[-1] == 119


def test_rows_of_one_moment_stay_together() -> None:
    moments = pd.Series([1] * 10 + [2] * 20 + [3] * 15 + [4] * 15, name="sold")
    for fold in ordered_folds(moments, 2):
        assert not set(moments.iloc[fold.learn]) & set(moments.iloc[fold.judge])


@pytest.mark.parametrize(
    ("moments", "words"),
    [([1, 1, 1, 1, 2, 2], "2 moments of sold do not fill 10 blocks"), ([1, 2, 3, None], "sold is missing in 1")],
)
def test_moments_that_cannot_be_ordered_are_refused(moments: list[float | None], words: str) -> None:
    with pytest.raises(DataUnfit, match=words):
        ordered_folds(pd.Series(moments, name="sold"), 5)


def test_the_rows_to_be_divided_are_those_that_are_not_held_out() -> None:
    raw = pd.DataFrame({"customer": range(100)})
    held_out = in_holdout(raw, share=0.25, salt="slipway")
    assert list(training_keys(raw, CHURN, SplitParams())["customer"]) == list(raw["customer"][~held_out])
