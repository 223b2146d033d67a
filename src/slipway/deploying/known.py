"""Rows whose predictions are known before they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.core.signature import Field, Row, Signature


@dataclass(frozen=True)
class Known:
    """Rows to replay, and what each side's own model says of those that it takes.

    Attributes:
        candidate, champion: position of a row to the prediction of it; a side is sent no other rows.
    """

    rows: tuple[Row, ...]
    candidate: dict[int, float]
    champion: dict[int, float]


def fits(signature: Signature, row: Row) -> bool:
    """Whether an endpoint with this signature answers the row without a remark."""
    return set(row) == {field.name for field in signature.inputs} and all(
        _takes(field, row[field.name]) for field in signature.inputs
    )


def distinct(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows in their order, each once."""
    return tuple({tuple(sorted(row.items(), key=lambda item: item[0])): row for row in rows}.values())


def _takes(field: Field, value: float | str | None) -> bool:
    if value is None:
        return field.nullable
    if field.type == "category":
        return value in field.categories
    if field.type == "date" or isinstance(value, str):
        return field.type == "date" and isinstance(value, str)
    return (field.low is None or field.low <= value) and (field.high is None or value <= field.high)
