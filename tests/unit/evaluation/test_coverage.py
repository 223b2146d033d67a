import numpy as np
import pytest

from slipway.core.signature import Interval
from slipway.evaluation.coverage import check_interval

INTERVAL = Interval(level=0.9, below=1.0, above=3.0)


def test_a_row_on_the_edge_of_its_interval_is_held():
    y = np.array([9.0, 8.99, 13.0, 13.01])

    assert check_interval(INTERVAL, y, np.full(4, 10.0)).coverage.value == 0.5


def test_coverage_has_an_interval_itself_within_0_and_1():
    coverage = check_interval(INTERVAL, np.arange(10.0), np.arange(10.0)).coverage

    assert (coverage.name, coverage.low, coverage.value, coverage.high) == ("interval_coverage", 1.0, 1.0, 1.0)


def test_the_interval_of_coverage_narrows_with_rows():
    errors = np.tile([0.0, 0.0, 0.0, 9.0], 1000)
    few, many = (check_interval(INTERVAL, errors[:n], np.zeros(n)).coverage for n in (40, 4000))

    assert few.value == many.value == 0.75
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(10, rel=0.02)


def test_level_and_width_are_told():
    check = check_interval(INTERVAL, np.zeros(3), np.zeros(3))

    assert (check.level, check.width) == (0.9, 4.0)


def test_a_share_counts_of_each_rows_own_prediction():
    shares = Interval(level=0.9, below=0.1, above=0.2, relative=True)
    check = check_interval(shares, np.array([89.0, 91.0, 121.0, 1190.0]), np.array([100.0, 100.0, 100.0, 1000.0]))

    assert check.coverage.value == 0.5
    assert check.width == pytest.approx(0.3 * 325)
    assert check.mean_width is not None
    assert check.mean_width.low < check.width < check.mean_width.high
