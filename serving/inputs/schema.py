"""From the signature to the type of a request: which fields there are and what each may hold."""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, TypeAdapter, with_config
from pydantic import Field as Described
from typing_extensions import TypedDict

from serving.bundle.signature import Field, Signature
from serving.inputs import dates
from serving.inputs.bounds import bounds

ROWS = "rows"

Cells = dict[str, float | str | None]


def row_type(signature: Signature) -> Any:
    """A TypedDict of the model's inputs: every field required, none added, nothing converted silently.

    Field names are the signature's own, whatever characters they hold. null is accepted where it was seen in training.
    """
    fields = {field.name: _field_type(field, signature) for field in signature.inputs}
    settings = ConfigDict(
        title=f"{signature.use_case} row",
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        json_schema_extra={"examples": [dict(example) for example in signature.examples[:1]]},
    )
    return with_config(settings)(TypedDict(_type_name(signature, "row"), fields))  # type: ignore[operator]


def rows_type(signature: Signature, row: Any) -> Any:
    """A TypedDict with one field ``rows``, a list of at least one row."""
    settings = ConfigDict(title=f"{signature.use_case} rows", extra="forbid", strict=True)
    rows = TypedDict(_type_name(signature, "rows"), {ROWS: Annotated[list[row], Described(min_length=1)]})  # type: ignore[misc]
    return with_config(settings)(rows)


def adapters(signature: Signature) -> tuple[TypeAdapter[Cells], TypeAdapter[dict[str, list[Cells]]]]:
    """What checks a request of one row, and one of many."""
    row = row_type(signature)
    return TypeAdapter(row), TypeAdapter(rows_type(signature, row))


def allowed(field: Field) -> str:
    """What a field takes, in words, as documents and refusals tell it."""
    words = _ALLOWED[field.type](field)
    return f"{words}, or null" if field.nullable else words


def _type_name(signature: Signature, suffix: str) -> str:
    return f"{signature.use_case}_{suffix}"


def _field_type(field: Field, signature: Signature) -> Any:
    value = _TYPES[field.type](field, signature)
    return Annotated[value | None if field.nullable else value, Described(description=_description(field))]


def _number_type(field: Field, signature: Signature) -> Any:
    low, high = bounds(field, signature)
    return Annotated[float, Described(ge=low, le=high)]


def _category_type(field: Field, _: Signature) -> Any:
    return Literal[field.categories] if field.categories else str


def _date_type(_: Field, __: Signature) -> Any:
    constraints = Described(pattern=dates.PATTERN, min_length=dates.LENGTH, max_length=dates.LENGTH)
    return Annotated[str, constraints, Described(json_schema_extra={"format": "date"})]


_TYPES = {"number": _number_type, "category": _category_type, "date": _date_type}


def _description(field: Field) -> str:
    sentence = f"{field.description.rstrip('.')}. " if field.description else ""
    return f"{sentence}Takes {allowed(field)}."


def _allowed_number(field: Field) -> str:
    unit = f" in {field.unit}" if field.unit else ""
    if field.low is None or field.high is None:
        return f"a number{unit}"
    return f"a number{unit} (training saw {_figure(field.low)} to {_figure(field.high)})"


def _figure(number: float) -> str:
    """The shortest figure that is this number to a model of 32 bits."""
    return np.format_float_positional(np.float32(number), trim="-")


def _allowed_category(field: Field) -> str:
    if not field.categories:
        return "a string"
    return f"one of {', '.join(repr(category) for category in field.categories)}"


def _allowed_date(field: Field) -> str:
    words = f"a date such as {dates.EXAMPLE!r}"
    if field.low is None or field.high is None:
        return words
    return f"{words} (training saw {dates.text(field.low)} to {dates.text(field.high)})"


_ALLOWED = {"number": _allowed_number, "category": _allowed_category, "date": _allowed_date}
