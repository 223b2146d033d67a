"""Why a prediction is what it is: what each field adds to it, for whatever model."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.inputs.rows import Row
from serving.model.session import Columns, Model

METHOD = "Shapley values, sampled along antithetic orders of the fields from real training rows to this one"

_ENOUGH_WALKS = 64
_MOST_EVALUATIONS = 10_000
_AT_ONCE = 4096
_SEED = 20_140_801

Floats = NDArray[np.float64]
Order = NDArray[np.intp]


@dataclass(frozen=True)
class Explanation:
    """What each field adds to a prediction, in the prediction's own unit.

    Attributes:
        prediction: the model's, for the row explained.
        base: mean prediction over the background rows.
        contributions: float64, shape (fields,); with ``base`` they add up to ``prediction``, up to rounding.
        errors: float64, shape (fields,), or None with a single background row. Standard error of each contribution:
            how far it would typically move had other training rows been the background, walked in other orders. It
            says nothing of how well the model itself is known, nor whether a field causes anything.
        background_rows: how many background rows there were.
    """

    prediction: float
    base: float
    contributions: Floats
    errors: Floats | None
    background_rows: int


class Explainer:
    """Shapley values of single rows against fixed background rows.

    A walk leads from a background row to the row explained, changing one field after the other in a random order; a
    field's contribution is the mean of what its step changes, over all walks (Štrumbelj & Kononenko 2014, "Explaining
    prediction models and individual predictions with feature contributions"). Each order is walked in its reverse too,
    which lowers the variance (Mitchell, Cooper, Frank & Holmes 2022, "Sampling Permutations for Shapley Value
    Estimation"). Fields in which the two rows agree change nothing, so no step is taken for them. The orders are the
    same for every row and in every process: equal questions get equal answers.

    Args:
        background: checked rows of the training data, at least one.
    """

    def __init__(self, model: Model, background: Sequence[Row]) -> None:
        self._model = model
        columns = model.columns(background)
        fields = len(columns)
        affordable = max(2, _MOST_EVALUATIONS // (2 * max(1, fields)))
        self._background = {name: column[:affordable] for name, column in columns.items()}
        self._rows = min(len(background), affordable)
        rounds = max(1, min(_ENOUGH_WALKS, affordable) // self._rows)
        generator = random.Random(_SEED)  # noqa: S311 - no secret; numpy.random would cost memory that nothing else needs
        self._orders = [[_order(generator, fields) for _ in range(rounds)] for _ in range(self._rows)]

    def explain(self, row: Row) -> Explanation:
        """What each field adds to the prediction for one row.

        Raises:
            PredictionFailed: the model gives no finite number for the row, or for a mixture of it and a training row.
        """
        explained = self._model.columns([row])
        differing = self._differing(explained)
        plans = [list(_walks(orders, own)) for orders, own in zip(self._orders, differing, strict=True)]
        predictions, starts = self._evaluate(explained, plans)
        end = float(predictions[-1])
        changes = [
            _changes(walks, predictions[first:], float(start), end, len(explained))
            for walks, first, start in zip(plans, _firsts(plans, self._rows), starts, strict=True)
        ]
        return _explanation(np.array(changes), starts, end)

    def _differing(self, explained: Columns) -> NDArray[np.bool_]:
        pairs = ((self._background[name][:, 0], value[0, 0]) for name, value in explained.items())
        return np.stack([~_same(column, value) for column, value in pairs], axis=1)

    def _evaluate(self, explained: Columns, plans: Sequence[Sequence[Order]]) -> tuple[Floats, Floats]:
        """Predictions of the background rows, then of each walk's inner points in turn, then of the row itself."""
        whose, changed = self._points(plans, len(explained))
        parts = [slice(start, start + _AT_ONCE) for start in range(0, len(whose), _AT_ONCE)]
        predictions = np.concatenate(
            [self._model.predict(self._mixed(explained, whose[part], changed[part])) for part in parts]
        )
        return predictions, predictions[: self._rows]

    def _points(self, plans: Sequence[Sequence[Order]], fields: int) -> tuple[Order, NDArray[np.bool_]]:
        """From which background row each evaluated row comes, and which fields are the explained row's."""
        inner = [_inner(walk, fields) for walks in plans for walk in walks]
        changed = np.concatenate([np.zeros((self._rows, fields), bool), *inner, np.ones((1, fields), bool)])
        lengths = [sum(max(0, len(walk) - 1) for walk in walks) for walks in plans]
        own = np.arange(self._rows)
        return np.concatenate([own, np.repeat(own, lengths), [0]]), changed

    def _mixed(self, explained: Columns, whose: Order, changed: NDArray[np.bool_]) -> Columns:
        columns = zip(self._background.items(), explained.values(), changed.T, strict=True)
        return {
            name: np.where(mask, value[0, 0], column[:, 0][whose]).astype(column.dtype, copy=False).reshape(-1, 1)
            for (name, column), value, mask in columns
        }


def _order(generator: random.Random, fields: int) -> Order:
    return np.array(generator.sample(range(fields), fields), np.intp)


def _same(column: NDArray[Any], value: Any) -> NDArray[np.bool_]:
    if column.dtype == object:
        return np.asarray(column == value, dtype=bool)
    return np.asarray((column == value) | (np.isnan(column) & np.isnan(value)), dtype=bool)


def _walks(orders: Sequence[Order], differing: NDArray[np.bool_]) -> Iterator[Order]:
    """Each order and its reverse, without the fields that change nothing."""
    for order in orders:
        walk = order[differing[order]]
        yield walk
        yield walk[::-1]


def _inner(walk: Order, fields: int) -> NDArray[np.bool_]:
    """Which fields are changed after each step of a walk but its last, shape (steps - 1, fields)."""
    steps = np.zeros((len(walk), fields), bool)
    steps[np.arange(len(walk)), walk] = True
    return np.logical_or.accumulate(steps, axis=0)[:-1]


def _firsts(plans: Sequence[Sequence[Order]], start: int) -> list[int]:
    """Where each background row's walks begin among the predictions."""
    lengths = [sum(max(0, len(walk) - 1) for walk in walks) for walks in plans]
    return [start + int(length) for length in np.cumsum([0, *lengths])[:-1]]


def _changes(walks: Sequence[Order], predictions: Floats, start: float, end: float, fields: int) -> Floats:
    """Mean change of the prediction by each field's step, over the walks from one background row."""
    total, position = np.zeros(fields), 0
    for walk in walks:
        if len(walk):
            inner = predictions[position : position + len(walk) - 1]
            total[walk] += np.diff(np.concatenate([[start], inner, [end]]))
            position += len(walk) - 1
    return total / len(walks)


def _explanation(changes: Floats, starts: Floats, end: float) -> Explanation:
    rows = len(changes)
    errors = changes.std(axis=0, ddof=1) / np.sqrt(rows) if rows > 1 else None
    return Explanation(end, float(starts.mean()), changes.mean(axis=0), errors, rows)
