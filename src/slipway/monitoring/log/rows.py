"""Rows of entries as columns of a batch, and what was wrong with their cells."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from slipway.core.days import day_number
from slipway.core.signature import Field, Signature
from slipway.monitoring.batch import Floats, Words

Cells = tuple[Any, ...]
"""A row's cells in the signature's order: float, str, None, or UNSET where the row has no such cell."""

ABSENT = msgspec.UNSET


class RowReader:
    """Reads the inputs of entries.

    Args:
        signature: of the model that answered. Inputs that the log hashes are words, those it leaves out are not there.

    Attributes:
        absent, unfit: input to in how many rows it was not there, or of a type that it cannot have.
    """

    def __init__(self, signature: Signature) -> None:
        self._fields = tuple(_as_logged(field) for field in signature.inputs if field.log != "left_out")
        self._decode = _decoder(self._fields)
        self._days: dict[str, float] = {}
        self.absent: Counter[str] = Counter()
        self.unfit: Counter[str] = Counter()

    def read(self, written: msgspec.Raw) -> list[Cells]:
        """The cells of an entry's rows; raises ValueError or msgspec.MsgspecError where there are no rows."""
        try:
            return [msgspec.structs.astuple(row) for row in self._decode(written)]
        except msgspec.ValidationError:
            return [self._mended(row) for row in msgspec.json.decode(written, type=list[dict[str, Any]])]

    def columns(self, rows: Sequence[Cells]) -> dict[str, Floats | Words]:
        """Columns as a batch has them; inputs that no row has are left out."""
        made = {}
        for field, cells in zip(self._fields, zip(*rows, strict=True), strict=True):
            absent = cells.count(ABSENT)
            if absent:
                self.absent[field.name] += absent
            if absent < len(rows):
                made[field.name] = self._column(field, _without_absent(cells) if absent else cells)
        return made

    def _column(self, field: Field, cells: Cells) -> Floats | Words:
        if field.type == "number":
            return _as_trained(np.array(cells, np.float64))
        if field.type == "date":
            return np.array([self._day(field.name, cell) for cell in cells], np.float64)
        words = np.array(cells, object)
        if "" in cells:  # as training reads it
            words[words == ""] = None
        return words

    def _day(self, name: str, cell: str | None) -> float:
        if cell is None:
            return np.nan
        known = self._days.get(cell)
        if known is None:
            try:
                known = day_number(cell)
            except ValueError:
                self.unfit[name] += 1
                return np.nan
            if len(self._days) < 100_000:
                self._days[cell] = known
        return known

    def _mended(self, row: Mapping[str, Any]) -> Cells:
        """The cells of a row of which some are not what they should be: those are none."""
        return tuple(self._cell(field, position, row) for position, field in enumerate(self._fields))

    def _cell(self, field: Field, position: int, row: Mapping[str, Any]) -> Any:
        cell = row.get(field.name, row.get(f"field_{position}", ABSENT))  # as the endpoint calls what JSON cannot
        if cell is ABSENT or cell is None or _fits(field, cell):
            return cell
        self.unfit[field.name] += 1
        return None


def scores_reader(signature: Signature) -> Callable[[msgspec.Raw], Floats]:
    """From an entry's outputs to what was answered, float64 (n,), NaN for null; raises as :meth:`RowReader.read`."""
    key = "probability" if signature.task.has_threshold else "value"
    output = msgspec.defstruct("Output", [("score", float | None)], rename={"score": key}, gc=False)
    decode = msgspec.json.Decoder(list[output]).decode  # type: ignore[valid-type]

    def read(written: msgspec.Raw) -> Floats:
        return np.array([each.score for each in decode(written)], np.float64)  # type: ignore[attr-defined]

    return read


def _as_logged(field: Field) -> Field:
    return field if field.log == "plain" else field.model_copy(update={"type": "category"})


def _decoder(fields: Sequence[Field]) -> Callable[[msgspec.Raw], list[Any]]:
    kinds: dict[str, Any] = {"number": float, "category": str, "date": str}
    cells: list[Any] = [
        (f"field_{position}", kinds[field.type] | None | msgspec.UnsetType, ABSENT)
        for position, field in enumerate(fields)
    ]
    names = {f"field_{position}": field.name for position, field in enumerate(fields)}
    if any(character in '"\\' or character < " " for name in names.values() for character in name):
        return _refusing
    row = msgspec.defstruct("Row", cells, rename=names, gc=False)
    decode: Callable[[msgspec.Raw], list[Any]] = msgspec.json.Decoder(list[row]).decode  # type: ignore[valid-type]
    return decode


def _refusing(_: msgspec.Raw) -> list[Any]:
    raise msgspec.ValidationError("the struct cannot have these names")


def _fits(field: Field, cell: Any) -> bool:
    if field.type == "number":
        return isinstance(cell, int | float) and not isinstance(cell, bool)
    return isinstance(cell, str)


def _without_absent(cells: Cells) -> Cells:
    return tuple(None if cell is ABSENT else cell for cell in cells)


def _as_trained(numbers: npt.NDArray[np.float64]) -> Floats:
    """What the model sees of a number: 29.85 is not the float32 that the reference has."""
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32).astype(np.float64)
