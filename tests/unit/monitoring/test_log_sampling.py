"""A sample of rows that pass by once is fair and bounded."""

import numpy as np

from slipway.monitoring.batch import Batch
from slipway.monitoring.log.sampling import Sample


def batch(values: np.ndarray) -> Batch:
    count = len(values)
    return Batch(
        {"n": values.astype(float)}, np.zeros(count), np.zeros(count, np.uint64), np.zeros(count), np.zeros(count)
    )


def test_all_rows_are_kept_while_there_is_room() -> None:
    sample = Sample(100)
    for some in np.array_split(np.arange(60), 7):
        sample.add(batch(some), "score")
    assert sample.table()["n"].tolist() == list(range(60))
    assert "score" in sample.table().columns


def test_every_part_of_the_stream_has_its_share() -> None:
    sample = Sample(2_000)
    for some in np.array_split(np.arange(40_000), 9):
        sample.add(batch(some), "score")
    table = sample.table()
    assert len(table) == table["n"].nunique() == 2_000
    shares = np.histogram(table["n"], bins=4, range=(0, 40_000))[0] / 2_000
    assert np.abs(shares - 0.25).max() < 0.05


def test_a_column_that_comes_and_goes_is_missing_in_between() -> None:
    sample = Sample(10)
    sample.add(batch(np.arange(3)), "score")
    without = Batch({}, np.zeros(2), np.zeros(2, np.uint64), np.zeros(2), np.zeros(2))
    sample.add(without, "score")
    assert sample.table()["n"].isna().sum() == 2


def test_nothing_seen_is_an_empty_table() -> None:
    assert Sample(10).table().empty
