"""From the bytes of a request to rows that fit the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic_core import from_json

from serving.bundle.signature import Signature
from serving.inputs import problems, schema
from serving.inputs.rows import Row, by_position, knows_names, row_type, rows_type


@dataclass(frozen=True, slots=True)
class Request:
    """Checked rows; ``many`` when they came as ``{"rows": [...]}`` and the answer is a list too."""

    rows: Sequence[Row]
    many: bool


class Decoder:
    """Decodes requests for one model.

    What fits is decided in one go by types made for msgspec. What does not fit is looked at again, row by row, by the
    types that OpenAPI documents, to tell everything that is wrong with it.
    """

    def __init__(self, signature: Signature) -> None:
        self.row, self.rows = schema.adapters(signature)
        self._signature = signature
        self._in_one_go = knows_names(signature)
        self._fields = {field.name: field for field in signature.inputs}
        self._row = row_type(signature)
        self._one = msgspec.json.Decoder(self._row)
        self._many: msgspec.json.Decoder[Any] = msgspec.json.Decoder(rows_type(self._row))

    def decode(self, body: bytes) -> Request:
        """Rows of a body.

        Raises:
            BodyUnreadable: the body is not JSON (NaN and Infinity are none).
            RequestRefused: it is, but does not fit the model's inputs.
        """
        if not self._in_one_go:
            return self._looked_at(_document(body))
        try:
            return Request((self._one.decode(body),), many=False)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
        try:
            return Request(self._many.decode(body).rows, many=True)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._looked_at(_document(body))

    def check(self, rows: Sequence[Any]) -> Request:
        """Rows that came by another protocol, as JSON values.

        Raises:
            RequestRefused: they do not fit the model's inputs.
        """
        if not self._in_one_go:
            return self._looked_at({schema.ROWS: list(rows)})
        try:
            return Request(msgspec.convert(rows, list[self._row]), many=True)  # type: ignore[name-defined]
        except msgspec.MsgspecError:
            return self._looked_at({schema.ROWS: list(rows)})

    def _looked_at(self, document: Any) -> Request:
        many = isinstance(document, dict) and self._are_many(document)
        found = problems.find(document, many, self.row, self._fields)
        if found is not None:
            raise found
        rows = document[schema.ROWS] if many else (document,)
        return Request([self._made(row) for row in rows], many)

    def _made(self, row: dict[str, Any]) -> Row:
        return msgspec.convert(row if self._in_one_go else by_position(row, self._signature), self._row)

    def _are_many(self, document: dict[str, Any]) -> bool:
        """A model may have a field called like the list of rows, and no field takes a list."""
        if schema.ROWS in self._fields:
            return isinstance(document.get(schema.ROWS), list)
        return schema.ROWS in document


def _document(body: bytes) -> Any:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise problems.BodyUnreadable(str(error)) from error
