"""The ONNX model: rows in, predictions out."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from serving.bundle.loading import MODEL, BundleInvalid
from serving.bundle.signature import Field, Signature
from serving.inputs.rows import Row, columns, values

OUTPUT = "prediction"
MISSING_CATEGORY = ""

_ONNX_TYPES = {"number": "tensor(float)", "category": "tensor(string)"}
_ERRORS_ONLY = 3

Columns = dict[str, NDArray[Any]]


class PredictionFailed(Exception):
    """The model gave no finite number: a defect of the model, not of the request."""


class Model:
    """A session on one thread: the endpoint scales by processes, and thread pools cost one row more than they give."""

    def __init__(self, model: bytes, signature: Signature) -> None:
        self._fields = signature.inputs
        self._missing = [_missing(field) for field in self._fields]
        self._session = _session(model)
        _check(self._session, self._fields)
        self._single = {field.name: np.zeros((1, 1), _dtype(field)) for field in self._fields}
        self._cells = list(zip((array[0] for array in self._single.values()), self._missing, strict=True))

    def columns(self, rows: Sequence[Row]) -> Columns:
        """One array a field, shape (rows, 1): float32 with NaN for null, or strings with "" for null."""
        each = zip(self._fields, columns(rows), strict=True)
        return {field.name: _column(field, cells) for field, cells in each}

    def predict_one(self, row: Row) -> float:
        """The prediction for one row, through arrays that are filled anew each time: not for two threads at once.

        Raises:
            PredictionFailed: the graph cannot be run, or gives no finite number.
        """
        for (array, missing), value in zip(self._cells, values(row), strict=True):
            array[0] = missing if value is None else value
        prediction = float(self._run(self._single)[0])
        if not math.isfinite(prediction):
            raise PredictionFailed("the model gave no finite number")
        return prediction

    def predict(self, columns: Columns) -> NDArray[np.float64]:
        """Predictions, float64, shape (rows,).

        Raises:
            PredictionFailed: the graph cannot be run, or one of them is not finite.
        """
        predictions = self._run(columns)
        if not np.isfinite(predictions).all():
            raise PredictionFailed(f"the model gave no finite number for row {np.isfinite(predictions).argmin()}")
        return predictions

    def _run(self, columns: Columns) -> NDArray[np.float64]:
        try:
            predictions: NDArray[np.float64] = self._session.run([OUTPUT], columns)[0][:, 0]
        except Exception as error:  # onnxruntime's own errors share no base but Exception
            raise PredictionFailed("the model cannot be run on this request") from error
        return predictions


def _missing(field: Field) -> float | str:
    return float("nan") if field.type == "number" else MISSING_CATEGORY


def _dtype(field: Field) -> Any:
    return np.float32 if field.type == "number" else object


def _column(field: Field, cells: tuple[Any, ...]) -> NDArray[Any]:
    if field.nullable:
        missing = _missing(field)
        cells = tuple(missing if cell is None else cell for cell in cells)
    return np.array(cells, dtype=_dtype(field)).reshape(-1, 1)


def _session(model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base but Exception
        raise BundleInvalid(MODEL, f"onnxruntime cannot load it: {error}") from error


def _check(session: Any, fields: Sequence[Field]) -> None:
    found: dict[str, str] = {node.name: node.type for node in session.get_inputs()}
    wanted = {field.name: _ONNX_TYPES[field.type] for field in fields}
    if found != wanted:
        differing = sorted(name for name in found | wanted if found.get(name) != wanted.get(name))
        raise BundleInvalid(MODEL, f"takes other inputs than signature.json says: {', '.join(differing)}")
    if OUTPUT not in {node.name for node in session.get_outputs()}:
        raise BundleInvalid(MODEL, f'has no output "{OUTPUT}"')
