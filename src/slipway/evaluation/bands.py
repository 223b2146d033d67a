"""Rows by how large their target is."""

import numpy as np
import numpy.typing as npt

from slipway.evaluation.evidence import Floats

_DIGITS = 3


def bands_of(y: Floats, bands: int) -> npt.NDArray[np.object_]:
    """The band of each row, as words such as "2: 388,000 to 512,000".

    The edges are quantiles of the targets themselves, so that bands have about equally many rows, rounded to three
    digits; edges that become equal make one band of two. Errors by bands of the truth flatter no model, but they do
    show any model too high in the lowest band and too low in the highest.

    Args:
        y: targets, float64 (n,).
        bands: how many there are at most, 2 or more.
    """
    inner = np.quantile(y, np.arange(1, bands) / bands)
    edges = np.unique([float(f"{edge:.{_DIGITS}g}") for edge in inner])
    words = np.array([_words(number, edges) for number in range(edges.size + 1)], dtype=object)
    return np.asarray(words[np.searchsorted(edges, y, side="right")])


def _words(number: int, edges: Floats) -> str:
    digits = len(str(edges.size + 1))
    place = f"{number + 1:0{digits}d}"
    if number == 0:
        return f"{place}: below {_figure(edges[0])}"
    if number == edges.size:
        return f"{place}: {_figure(edges[-1])} and above"
    return f"{place}: {_figure(edges[number - 1])} to {_figure(edges[number])}"


def _figure(edge: float) -> str:
    return f"{edge:,.10g}"
