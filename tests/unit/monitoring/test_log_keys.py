"""Keys tell rows of requests apart, and entries that were there before."""

import numpy as np

from slipway.monitoring.log.keys import SeenKeys, contained, keys_of, with_times


def test_keys_differ_by_request_row_and_time_and_by_nothing_else() -> None:
    keys = keys_of(["a", "a", "b", "a"], [0, 1, 0, 0])
    assert len(set(keys.tolist())) == 3
    assert keys[0] == keys[3]
    assert with_times(keys[:1], np.array([1.0])) != with_times(keys[:1], np.array([1.001]))
    assert keys_of([], []).shape == (0,)


def test_each_key_is_new_once_in_whatever_portions_they_come() -> None:
    dice = np.random.default_rng(0)
    keys, seen, known = dice.integers(0, 5_000, 20_000).astype(np.uint64), SeenKeys(), set[int]()
    for portion in np.array_split(keys, 37):
        new = seen.add(portion)
        for key, is_new in zip(portion.tolist(), new, strict=True):
            assert is_new == (key not in known)
            known.add(key)


def test_nothing_is_contained_in_nothing() -> None:
    assert not contained(np.array([1], np.uint64), np.empty(0, np.uint64)).any()
