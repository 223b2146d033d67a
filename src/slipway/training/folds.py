"""Rows dealt out so that each fold is predicted by a model that has not seen it."""

from collections.abc import Iterator

import numpy as np

_BLOCKS = 6
_JUDGED = 3


def random_folds(rows: int, folds: int, random: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions to train on and positions to predict, for every fold; each row is predicted once."""
    fold_of = random.permutation(rows) % min(folds, rows)
    for fold in np.unique(fold_of):
        yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)


def time_ordered_folds(time: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions to train on and positions to predict: the past, and what came next.

    The rows are cut into six blocks in order of time, as equal as equal moments allow, which share a block; each of
    the last three is predicted by a model of all rows before it (rolling origin; Tashman, Out-of-sample tests of
    forecasting accuracy, 2000).

    Args:
        time: float64 (n,), n at least 1.

    Yields:
        Nothing to train on is never yielded: where all moments are equal, there is no fold.
    """
    edges = np.sort(time)[(np.arange(_BLOCKS - _JUDGED, _BLOCKS) * time.size) // _BLOCKS]
    ends = [*edges[1:], np.inf]
    for start, end in zip(edges, ends, strict=True):
        past, next_block = np.flatnonzero(time < start), np.flatnonzero((time >= start) & (time < end))
        if past.size and next_block.size:
            yield past, next_block
