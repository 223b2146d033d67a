"""From the bytes of a request to rows that fit the model."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from serving.bundle.signature import Signature
from serving.inputs import problems, schema


@dataclass(frozen=True)
class Request:
    """Checked rows; ``many`` when they came as ``{"rows": [...]}`` and the answer is a list too."""

    rows: list[schema.Row]
    many: bool


class Decoder:
    """Decodes requests for one model. Its two adapters are also what OpenAPI documents."""

    def __init__(self, signature: Signature) -> None:
        self.row, self.rows = schema.adapters(signature)
        self._fields = {field.name: field for field in signature.inputs}

    def decode(self, body: bytes) -> Request:
        """Rows of a body.

        Raises:
            BodyUnreadable: the body is not JSON (NaN and Infinity are no JSON).
            RequestRefused: it is, but does not fit the model's inputs.
        """
        try:
            document = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise problems.BodyUnreadable(str(error)) from error
        if isinstance(document, dict) and self._are_many(document):
            return Request(self._checked(self.rows, document)[schema.ROWS], many=True)
        return Request([self._checked(self.row, document)], many=False)

    def _are_many(self, document: dict[str, Any]) -> bool:
        """A model may have a field called like the list of rows, and no field takes a list."""
        if schema.ROWS in self._fields:
            return isinstance(document.get(schema.ROWS), list)
        return schema.ROWS in document

    def _checked(self, adapter: TypeAdapter[Any], document: Any) -> Any:
        try:
            return adapter.validate_python(document)
        except ValidationError as error:
            raise problems.refused(error.errors(include_url=False), self._fields) from error
