"""One row at a time, as fast as the runtime allows: through memory that is filled anew for each row.

Not for two threads at once.
"""

import json
import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import onnxruntime

from serving.bundle.loading import CODED, BundleInvalid
from serving.bundle.signature import Field
from serving.inputs import dates
from serving.inputs.rows import Row, values
from serving.model.running import MISSING_CATEGORY, OUTPUT, open_session

CODES = "codes"
_TYPES = {"tensor(int64)": np.int64, "tensor(float)": np.float32}


class Single(Protocol):
    """Predicts one row."""

    def predict(self, row: Row) -> float:
        """What the graph gives, finite or not; raises whatever the runtime raises."""
        ...


class ByStrings:
    """Through the model itself, which looks the categories up."""

    def __init__(self, session: Any, fields: Sequence[Field]) -> None:
        self._session = session
        self._feed = {f.name: np.zeros((1, 1), object if f.type == "category" else np.float32) for f in fields}
        missing = [MISSING_CATEGORY if field.type == "category" else float("nan") for field in fields]
        read = [dates.number if field.type == "date" else None for field in fields]
        self._cells = list(zip((array[0] for array in self._feed.values()), missing, read, strict=True))

    def predict(self, row: Row) -> float:
        for (cell, missing, read), value in zip(self._cells, values(row), strict=True):
            cell[0] = missing if value is None else value if read is None else read(value)
        return float(self._session.run([OUTPUT], self._feed)[0][0, 0])


class ByCodes:
    """Through the graph that takes numbers for categories: they are looked up here, and read in place there.

    Args:
        graph: bytes of coded.onnx; its metadata hold ``{name: {"table": {category: number}, "other": number}}``.

    Raises:
        BundleInvalid: it is not such a graph, or not over these fields.
    """

    def __init__(self, graph: bytes, fields: Sequence[Field]) -> None:
        self._session = open_session(graph, CODED)
        codes = _codes(self._session, fields)
        kinds = {node.name: _TYPES.get(node.type) for node in self._session.get_inputs()}
        if kinds.keys() != {field.name for field in fields} or None in kinds.values():
            raise BundleInvalid(CODED, "takes other inputs than signature.json says")
        arrays = [np.zeros((1, 1), kinds[field.name]) for field in fields]
        lookups = [_lookup(codes, field) for field in fields]
        self._cells = list(zip((array[0] for array in arrays), lookups, strict=True))
        self._answer = np.zeros((1, 1), np.float64)
        self._bound = self._bind(arrays, fields)

    def predict(self, row: Row) -> float:
        for (cell, lookup), value in zip(self._cells, values(row), strict=True):
            cell[0] = value if lookup is None else lookup.get(value, lookup[_OTHER])
        self._session.run_with_iobinding(self._bound)
        return float(self._answer[0, 0])

    def _bind(self, arrays: Sequence[Any], fields: Sequence[Field]) -> Any:
        bound = self._session.io_binding()
        self._kept = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in (*arrays, self._answer)]
        for field, array in zip(fields, self._kept, strict=False):
            bound.bind_ortvalue_input(field.name, array)
        bound.bind_ortvalue_output(OUTPUT, self._kept[-1])
        return bound


_OTHER = object()
"""The key of a table under which the number of every other category stands."""


class _Days(dict[Any, float]):
    """From a day to its number; like the codes of a category, only that there are too many to keep."""

    def get(self, day: Any, _: Any = None) -> float:
        return math.nan if day is None else dates.number(day)

    def __missing__(self, _: Any) -> float:
        return math.nan


Lookup = dict[Any, float]


def _lookup(codes: dict[str, Any], field: Field) -> Lookup | None:
    """From a cell to its number; None for numbers, which are what they are: null becomes NaN by itself."""
    if field.type == "number":
        return None
    if field.type == "date":
        return _Days()
    table, other = codes[field.name]["table"], codes[field.name]["other"]
    return {**table, None: table.get(MISSING_CATEGORY, other), _OTHER: other}


def _codes(session: Any, fields: Sequence[Field]) -> dict[str, Any]:
    try:
        codes: dict[str, Any] = json.loads(session.get_modelmeta().custom_metadata_map[CODES])
        wanted = {field.name for field in fields if field.type == "category"}
        if codes.keys() != wanted or not all({"table", "other"} <= code.keys() for code in codes.values()):
            raise ValueError(CODES)
    except (KeyError, ValueError, AttributeError) as error:
        raise BundleInvalid(CODED, "its metadata hold no codes of the signature's categories") from error
    return codes
