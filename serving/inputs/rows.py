"""A checked row: a compact object made for one signature, which msgspec decodes and checks in one go.

What it accepts is what ``schema`` documents; a test holds the two together. It is told apart from ``schema`` because it
stops at the first thing wrong and says it in its own words: good enough to know that a request is right, and fast.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from serving.bundle.signature import Field, Signature
from serving.inputs import dates
from serving.inputs.bounds import bounds

Row = msgspec.Struct
"""One row; its attributes are the signature's fields in their order, see :func:`values`."""

values = msgspec.structs.astuple
"""The cells of a row in the signature's order: float, str or None."""


def row_type(signature: Signature) -> type[Row]:
    """A struct of the model's inputs; JSON calls each field by the signature's own name, if ``knows_names``."""
    attributes = [(_attribute(position), _cell(field, signature)) for position, field in enumerate(signature.inputs)]
    names = {_attribute(position): field.name for position, field in enumerate(signature.inputs)}
    rename = names if knows_names(signature) else None
    return msgspec.defstruct("Row", attributes, rename=rename, forbid_unknown_fields=True, frozen=True, gc=False)


def knows_names(signature: Signature) -> bool:
    """Whether msgspec can call the fields as the signature does: it takes no quote, backslash or control character."""
    return not any(character in '"\\' or character < " " for field in signature.inputs for character in field.name)


def by_position(row: Mapping[str, Any], signature: Signature) -> dict[str, Any]:
    """The cells of a checked row under the names that a struct gives its fields otherwise."""
    return {_attribute(position): row[field.name] for position, field in enumerate(signature.inputs)}


def rows_type(row: type[Row]) -> type[Row]:
    """A struct with one field ``rows``, a list of at least one row."""
    some = Annotated[list[row], msgspec.Meta(min_length=1)]  # type: ignore[valid-type]
    return msgspec.defstruct("Rows", [("rows", some)], forbid_unknown_fields=True, frozen=True)


def columns(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """The cells of many rows, one tuple a field."""
    return list(zip(*map(values, rows), strict=True))


def _attribute(position: int) -> str:
    return f"field_{position}"


def _cell(field: Field, signature: Signature) -> Any:
    value = _DATE if field.type == "date" else _number(field, signature) if field.type == "number" else _category(field)
    return value | None if field.nullable else value


_DATE = Annotated[str, msgspec.Meta(pattern=dates.PATTERN, min_length=dates.LENGTH, max_length=dates.LENGTH)]


def _number(field: Field, signature: Signature) -> Any:
    low, high = bounds(field, signature)
    return Annotated[float, msgspec.Meta(ge=low, le=high)]


def _category(field: Field) -> Any:
    return Literal[field.categories] if field.categories else str
