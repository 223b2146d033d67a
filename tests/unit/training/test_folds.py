import numpy as np

from slipway.training.folds import random_folds, time_ordered_folds


def test_every_row_is_predicted_once_by_a_model_without_it() -> None:
    folds = list(random_folds(101, 5, np.random.default_rng(7)))
    assert sorted(np.concatenate([judged for _, judged in folds])) == list(range(101))
    assert all(not set(past) & set(judged) for past, judged in folds)


def test_in_order_of_time_everything_known_is_from_before() -> None:
    time = np.random.default_rng(1).permutation(600).astype("float64")
    for past, judged in time_ordered_folds(time):
        assert time[past].max() < time[judged].min()


def test_the_later_half_is_predicted_once() -> None:
    judged = np.concatenate([judged for _, judged in time_ordered_folds(np.arange(600.0))])
    assert sorted(judged) == list(range(300, 600))


def test_equal_moments_share_a_block() -> None:
    time = np.repeat([1.0, 2.0, 3.0], [10, 500, 90])
    for past, judged in time_ordered_folds(time):
        assert not set(time[past]) & set(time[judged])


def test_without_an_order_there_is_no_fold() -> None:
    assert list(time_ordered_folds(np.ones(50))) == []
