"""The ONNX model: rows in, predictions out."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.bundle.loading import MODEL, BundleInvalid
from serving.bundle.signature import Field, Signature
from serving.inputs import dates
from serving.inputs.rows import Row, columns
from serving.model.running import MISSING_CATEGORY, OUTPUT, PredictionFailed, open_session
from serving.model.single import ByCodes, ByStrings, Single

_ONNX_TYPES = {"number": "tensor(float)", "category": "tensor(string)", "date": "tensor(float)"}

Columns = dict[str, NDArray[Any]]


class Model:
    """The model of a bundle.

    Args:
        coded: the same model for single rows, where there is one.

    Raises:
        BundleInvalid: a graph cannot be loaded, or takes other inputs than the signature's.
    """

    def __init__(self, model: bytes, signature: Signature, coded: bytes | None = None) -> None:
        self._fields = signature.inputs
        self._session = open_session(model, MODEL)
        _check(self._session, self._fields)
        self._single: Single = ByStrings(self._session, self._fields) if coded is None else ByCodes(coded, self._fields)

    def columns(self, rows: Sequence[Row]) -> Columns:
        """One array a field, shape (rows, 1): float32 with NaN for null, or strings with "" for null."""
        each = zip(self._fields, columns(rows), strict=True)
        return {field.name: _column(field, cells) for field, cells in each}

    def predict_one(self, row: Row) -> float:
        """The prediction for one row; not for two threads at once.

        Raises:
            PredictionFailed: the graph cannot be run, or gives no finite number.
        """
        try:
            prediction = self._single.predict(row)
        except Exception as error:  # onnxruntime's own errors share no base but Exception
            raise _unrunnable() from error
        if not math.isfinite(prediction):
            raise PredictionFailed("the model gave no finite number")
        return prediction

    def predict(self, columns: Columns) -> NDArray[np.float64]:
        """Predictions, float64, shape (rows,).

        Raises:
            PredictionFailed: the graph cannot be run, or one of them is not finite.
        """
        try:
            predictions: NDArray[np.float64] = self._session.run([OUTPUT], columns)[0][:, 0]
        except Exception as error:  # onnxruntime's own errors share no base but Exception
            raise _unrunnable() from error
        if not np.isfinite(predictions).all():
            raise PredictionFailed(f"the model gave no finite number for row {np.isfinite(predictions).argmin()}")
        return predictions


def _unrunnable() -> PredictionFailed:
    return PredictionFailed("the model cannot be run on this request")


def _column(field: Field, cells: tuple[Any, ...]) -> NDArray[Any]:
    missing: Any = MISSING_CATEGORY if field.type == "category" else float("nan")
    if field.type == "date":
        cells = tuple(None if cell is None else dates.number(cell) for cell in cells)
    filled = tuple(missing if cell is None else cell for cell in cells) if field.nullable else cells
    return np.array(filled, dtype=object if field.type == "category" else np.float32).reshape(-1, 1)


def _check(session: Any, fields: Sequence[Field]) -> None:
    found: dict[str, str] = {node.name: node.type for node in session.get_inputs()}
    wanted = {field.name: _ONNX_TYPES[field.type] for field in fields}
    if found != wanted:
        differing = sorted(name for name in found | wanted if found.get(name) != wanted.get(name))
        raise BundleInvalid(MODEL, f"takes other inputs than signature.json says: {', '.join(differing)}")
