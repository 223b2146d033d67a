"""What is counted against the reference's points is what the rows themselves would show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from slipway.monitoring.category_column import Categories
from slipway.monitoring.latencies import Latencies
from slipway.monitoring.number_column import Numbers
from slipway.monitoring.tally import Tally
from tests.unit.monitoring.windows import batch, reference, rows

SOME = st.integers(-50, 50).map(float)


@settings(max_examples=60)
@given(arrays(float, st.integers(2, 60), elements=SOME), arrays(float, st.integers(1, 60), elements=SOME))
def test_distances_are_those_of_all_the_values(reference_values: np.ndarray, values: np.ndarray) -> None:
    counts = Numbers.of(reference_values).begun()
    counts.add(values)
    distance, area = counts._distances()
    assert distance == pytest.approx(stats.ks_2samp(reference_values, values, method="asymp").statistic)
    assert area <= stats.wasserstein_distance(reference_values, values) + 1e-9


def test_the_area_between_is_exact_where_the_reference_is_dense() -> None:
    random = np.random.default_rng(0)
    theirs, mine = random.normal(size=5_000), random.normal(0.2, 1.3, 700)
    counts = Numbers.of(theirs).begun()
    counts.add(mine)
    assert counts._distances()[1] == pytest.approx(stats.wasserstein_distance(theirs, mine), rel=1e-3)


def test_a_number_as_sent_is_the_number_as_trained_on() -> None:
    counts = Numbers.of(np.full(100, np.float32(29.85)).astype(float)).begun()
    counts.add(np.full(50, 29.85))
    assert counts._distances() == (0, 0)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=4), st.integers(0, 100))
def test_parts_counted_apart_and_merged_are_the_whole(sizes: list[int], seed: int) -> None:
    against, table = reference(), rows(sum(sizes), seed)
    whole, merged, start = Tally(against), Tally(against), 0
    whole.add(batch(table))
    for size in sizes:
        part = Tally(against)
        part.add(batch(table.iloc[start : start + size]))
        merged.merge(part)
        start += size
    assert merged.rows == whole.rows
    assert {n: c.found() for n, c in merged.columns.items()} == {n: c.found() for n, c in whole.columns.items()}
    assert merged.prediction.found() == whole.prediction.found()


def test_new_categories_do_not_grow_without_bound() -> None:
    counts = Categories.of(np.array(["a", "b"], object)).begun()
    for start in range(0, 5_000, 500):
        counts.add(np.array([f"new {n}" for n in range(start, start + 500)], object))
    assert sum(counts.new.values()) == 5_000
    assert len(counts.new) <= 1_001


def test_no_category_is_missing_whether_none_or_empty() -> None:
    counts = Categories.of(np.array(["a", None, ""], object)).begun()
    counts.add(np.array(["", None, "a", "b"], object))
    assert (counts.column.missing, counts.missing, counts.new) == (2, 2, {"b": 1})


@given(st.lists(st.floats(0.01, 1e5), min_size=1, max_size=200))
def test_percentiles_of_latencies_are_right_within_two_percent(milliseconds: list[float]) -> None:
    latencies = Latencies()
    latencies.add(np.array([*milliseconds, np.nan]))
    exact = np.quantile(milliseconds, 0.95, method="inverted_cdf")
    assert latencies.percentile(0.95) == pytest.approx(exact, rel=0.02)


def test_no_latency_has_no_percentile() -> None:
    assert Latencies().percentile(0.5) is None


@settings(max_examples=60)
@given(arrays(float, st.integers(5, 60), elements=SOME), st.lists(st.integers(0, 59), min_size=5, max_size=60))
def test_ranks_are_those_of_all_the_values(reference_values: np.ndarray, places: list[int]) -> None:
    values = reference_values[np.array(places) % reference_values.size]
    counts = Numbers.of(reference_values).begun()
    counts.add(values)
    if np.ptp(np.append(reference_values, values)) == 0:
        return
    expected = stats.mannwhitneyu(values, reference_values, use_continuity=False, method="asymptotic").pvalue
    assert counts._ranks_p_value() == pytest.approx(expected)
