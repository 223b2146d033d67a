"""Cells as other protocols spell them, made into those of our own requests."""

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

from serving.bundle.signature import Field

Reader = Callable[[Any], Any]


def reader(field: Field) -> Reader:
    """What turns a cell of a field into ours: NaN is null, and so is "" for a category that may be missing."""
    return _category if _spells_missing_as_text(field) else _number


def rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Rows of columns of one length."""
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def with_null(records: Sequence[Any], fields: Sequence[Field]) -> list[Any]:
    """Records whose missing cells are null; what is no record stays what it is."""
    readers = {field.name: reader(field) for field in fields}
    return [_record(record, readers) if isinstance(record, dict) else record for record in records]


def _record(record: dict[str, Any], readers: dict[str, Reader]) -> dict[str, Any]:
    return {name: readers.get(name, _number)(cell) for name, cell in record.items()}


def _spells_missing_as_text(field: Field) -> bool:
    return field.type == "category" and field.nullable and "" not in field.categories


def _number(cell: Any) -> Any:
    return None if isinstance(cell, float) and isnan(cell) else cell


def _category(cell: Any) -> Any:
    return None if cell == "" else _number(cell)
