import numpy as np

from slipway.evaluation.bands import bands_of


def test_bands_have_about_equally_many_rows_and_sort_by_size() -> None:
    y = np.random.default_rng(1).lognormal(13, 0.5, 5_000)
    names, counts = np.unique(bands_of(y, 5), return_counts=True)
    assert [name.partition(":")[0] for name in names] == ["1", "2", "3", "4", "5"]
    assert counts.min() > 900


def test_a_band_says_its_edges_and_holds_the_lower_one() -> None:
    y = np.array([1.0, 2.0, 3.0, 4.0])
    assert bands_of(y, 2).tolist() == ["1: below 2.5", "1: below 2.5", "2: 2.5 and above", "2: 2.5 and above"]


def test_edges_that_are_equal_are_one() -> None:
    assert set(bands_of(np.array([5.0] * 50 + [9.0]), 4)) == {"2: 5 and above"}
