"""Bootstraps that cost the same for a thousand rows and for a million.

Rows are summed in at most 2,000 blocks, and blocks, not rows, are drawn with replacement; with 2,000 rows or fewer a
block is a row. Every call draws the same resamples, so that figures of two models on the same rows are paired.
No matrix library takes part: its results would depend on the number of threads.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from slipway.evaluation.evidence import Floats

RESAMPLES = 1_000
MOST_BLOCKS = 2_000
SEED = 20_140


@lru_cache(maxsize=4)
def _weights(blocks: int) -> Floats:
    """How often each block is drawn, (RESAMPLES, blocks)."""
    drawn = np.random.default_rng(SEED).integers(0, blocks, size=(RESAMPLES, blocks))
    drawn += blocks * np.arange(RESAMPLES)[:, None]
    return np.bincount(drawn.ravel(), minlength=RESAMPLES * blocks).reshape(RESAMPLES, blocks).astype(np.float64)


@lru_cache(maxsize=4)
def _block_of_row(rows: int) -> npt.NDArray[np.intp]:
    """Rows dealt out to blocks at random, so that an order of the rows does not show in the blocks."""
    dealt = np.arange(rows) % MOST_BLOCKS
    return np.random.default_rng(SEED).permutation(dealt)


def _block_sums(values: Floats) -> Floats:
    rows = values.shape[0]
    if rows <= MOST_BLOCKS:
        return values
    block = _block_of_row(rows)
    return np.stack([np.bincount(block, column, MOST_BLOCKS) for column in values.T], axis=1)


def block_means(values: Floats) -> Floats:
    """Column means of ``values`` (n, k) in every resample: (RESAMPLES, k)."""
    sums = _block_sums(values)
    means: Floats = np.einsum("rb,bk->rk", _weights(sums.shape[0]), sums / values.shape[0], optimize=False)
    return means


def cell_draws(counts: Floats) -> Floats:
    """Multinomial resamples of a table of counts: (RESAMPLES, *counts.shape)."""
    total = int(counts.sum())
    drawn = np.random.default_rng(SEED).multinomial(total, counts.ravel() / total, size=RESAMPLES)
    return drawn.reshape(RESAMPLES, *counts.shape).astype(np.float64)


def total(a: Floats, b: Floats) -> float:
    """Sum of products of two vectors."""
    return float(np.einsum("i,i->", a, b, optimize=False))
