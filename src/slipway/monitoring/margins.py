"""How the rows of a window are spread over bins of the score and of the most important inputs, and weights to match."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.monitoring.batch import Floats, Words
from slipway.monitoring.category_column import CategoryCounts
from slipway.monitoring.number_column import NumberCounts, as_taken
from slipway.monitoring.reference import Labelled, Reference
from slipway.monitoring.tally import Tally

SCORE_BINS = 20
INPUT_BINS = 8
INPUTS = 3
FEWEST_IN_BIN = 10
ROUNDS = 20
SETTLED = 0.01
MOST_WEIGHT = 20.0

Bins = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Margin:
    """One way to sort rows into bins.

    Attributes:
        bins: of each labelled row of the reference, (m,).
        window: rows of the window in each bin, float64 (b,).
    """

    bins: Bins
    window: Floats


def margins_of(reference: Reference, tally: Tally) -> tuple[Margin, ...]:
    """The score's margin, then those of the most important inputs that are shown and no dates."""
    labelled = reference.labelled
    found = [_of_numbers(tally.prediction, labelled.scores, SCORE_BINS)]
    for name in _most_important(reference, tally):
        counts, values = tally.columns[name], labelled.inputs[name]
        if isinstance(counts, NumberCounts):
            found.append(_of_numbers(counts, values.astype(np.float64), INPUT_BINS))
        elif isinstance(counts, CategoryCounts):
            found.append(_of_categories(counts, values))
    return tuple(margin for margin in found if margin.window.sum() > 0)


def _most_important(reference: Reference, tally: Tally) -> list[str]:
    shares = reference.importances
    usable = [name for name in reference.labelled.inputs if name in shares and _is_usable(tally, name)]
    return sorted(usable, key=lambda name: (-shares[name], name))[:INPUTS]


def _is_usable(tally: Tally, name: str) -> bool:
    counts = tally.columns[name]
    if isinstance(counts, NumberCounts):
        return not counts.column.is_date and bool(counts.column.present)
    return isinstance(counts, CategoryCounts)


def _of_numbers(counts: NumberCounts, values: Floats, bins: int) -> Margin:
    """Bins of about equally many rows of the reference, and one for no value."""
    column = counts.column
    reached = np.cumsum(column.counts) / max(column.present, 1)
    places = np.unique(np.searchsorted(reached, np.arange(1, bins) / bins))
    places = places[places < column.points.size]
    at_most = np.cumsum(counts.cells)[2 * places + 1]
    window = np.diff(np.concatenate([[0], at_most, [counts.present]]))
    taken = as_taken(values)
    of_row = np.where(np.isfinite(taken), np.searchsorted(column.points[places], taken), places.size + 1)
    return _without_rare(Margin(of_row, np.append(window, counts.missing).astype(np.float64)))


def _of_categories(counts: CategoryCounts, values: Floats | Words) -> Margin:
    names = counts.column.names
    words = np.array([None if pd.isna(value) else str(value) for value in values], object)
    of_row = names.get_indexer(pd.Index(words))
    of_row = np.where(of_row < 0, len(names), of_row)
    return _without_rare(Margin(of_row, np.append(counts.counts, counts.missing).astype(np.float64)))


def _without_rare(margin: Margin) -> Margin:
    """Bins with too few labelled rows to stand for a window's are left out on both sides."""
    rows = np.bincount(margin.bins, minlength=margin.window.size)
    return Margin(margin.bins, np.where(rows >= FEWEST_IN_BIN, margin.window, 0.0))


def raked(margins: Sequence[Margin], rows: int) -> Floats:
    """Weights (m,) of the labelled rows, by which they are spread over each margin's bins as the window is.

    Raking: Deming and Stephan, On a least squares adjustment of a sampled frequency table when the expected marginal
    totals are known (1940). No weight is more than twenty times the mean.
    """
    weights = np.ones(rows)
    for _ in range(ROUNDS):
        before = weights
        for margin in margins:
            there = np.bincount(margin.bins, weights, minlength=margin.window.size)
            wanted = margin.window / margin.window.sum() * there.sum()
            weights = weights * np.divide(wanted, there, out=np.zeros_like(wanted), where=there > 0)[margin.bins]
            weights = np.minimum(weights, MOST_WEIGHT * weights.mean())
        if np.abs(weights - before).max() < SETTLED:
            break
    return weights


def effective_rows(weights: Floats) -> float:
    """How many rows of equal weight would tell as much (Kish, Survey sampling, 1965)."""
    square = float((weights**2).sum())
    return float(weights.sum()) ** 2 / square if square > 0 else 0.0


def repeated(labelled: Labelled, weights: Floats, rows: int) -> Labelled:
    """So many rows, each as often as its weight says: systematic sampling, without chance."""
    reached = np.cumsum(weights) / weights.sum()
    at = (np.arange(rows) + 0.5) / rows
    return labelled.part(np.minimum(np.searchsorted(reached, at), labelled.rows - 1))
