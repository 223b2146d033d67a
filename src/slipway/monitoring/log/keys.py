"""Short keys that stand for long ids: 64 bits, so that ten million of them take 80 MB."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Keys = npt.NDArray[np.uint64]

_ROW = np.uint64(0x9E3779B97F4A7C15)  # odd, so that different rows of a request have different keys
_MOMENT = np.uint64(0xC2B2AE3D27D4EB4F)


def keys_of(ids: Sequence[str], rows: Sequence[int]) -> Keys:
    """Keys of rows of requests, shape (n,).

    Two of ten million differing ids have the same key with a probability of 3 in a million.
    """
    if not ids:
        return np.empty(0, np.uint64)
    hashed = pd.util.hash_array(np.array(ids, dtype=object), categorize=False)
    return np.asarray(hashed + np.array(rows, np.int64).astype(np.uint64) * _ROW, np.uint64)


def with_times(keys: Keys, times: npt.NDArray[np.float64]) -> Keys:
    """Keys of entries: the same id at another time is another request."""
    return keys + np.round(times * 1000).astype(np.int64).astype(np.uint64) * _MOMENT


def in_order(parts: Iterable[Keys]) -> Keys:
    """All keys of some arrays, sorted."""
    return np.sort(np.concatenate([np.empty(0, np.uint64), *parts]))


class SeenKeys:
    """Which keys there were before, in sorted arrays of growing length: adding n costs n log n in all."""

    def __init__(self) -> None:
        self._sorted: list[Keys] = []

    def add(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """Whether each key is new; of equal ones among them only the first is."""
        _, first = np.unique(keys, return_index=True)
        new = np.zeros(len(keys), bool)
        new[first] = True
        for known in self._sorted:
            new &= ~contained(keys, known)
        if new.any():
            self._keep(np.sort(keys[new]))
        return new

    def _keep(self, keys: Keys) -> None:
        while self._sorted and len(self._sorted[-1]) <= 2 * len(keys):
            keys = np.sort(np.concatenate([self._sorted.pop(), keys]), kind="stable")
        self._sorted.append(keys)


def contained(keys: Keys, known: Keys) -> npt.NDArray[np.bool_]:
    """Whether each key is in ``known``, which is sorted."""
    if not len(known):
        return np.zeros(len(keys), bool)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.asarray(known[at] == keys)
