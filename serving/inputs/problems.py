"""What is wrong with a request, told so that its sender can mend it."""

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from serving.answers import Problem
from serving.bundle.signature import Field
from serving.inputs.schema import ROWS, allowed

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_SHOWN = 200
MOST_PROBLEMS = 100

_BODY = f'an object with the model\'s fields, or {{"{ROWS}": [...]}} with a list of at least one'
_ROW = "an object with the model's fields"
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this model",
    "float_type": "is not a number",
    "finite_number": "is not a finite number",
    "less_than_equal": "is too large for a 32-bit number",
    "greater_than_equal": "is too large for a 32-bit number",
    "string_type": "is not a string",
    "literal_error": "is not an allowed value",
    "dict_type": "is not an object",
    "list_type": "is not a list",
    "too_short": "is empty",
}


class BodyUnreadable(Exception):
    """A body that is no JSON at all."""


class RequestRefused(Exception):
    """A request that does not fit the model's inputs; at most ``MOST_PROBLEMS`` are told, the rest counted."""

    def __init__(self, problems: Sequence[Problem], not_shown: int = 0) -> None:
        super().__init__(f"{len(problems) + not_shown} problems")
        self.problems = tuple(problems)
        self.not_shown = not_shown


def refused(errors: Sequence["ErrorDetails"], fields: Mapping[str, Field]) -> RequestRefused:
    """Translate what the request's type found into problems, one entry each."""
    shown = [_problem(error, fields) for error in errors[:MOST_PROBLEMS]]
    return RequestRefused(shown, len(errors) - len(shown))


def _problem(error: "ErrorDetails", fields: Mapping[str, Field]) -> Problem:
    row, name = _place(error["loc"])
    known = fields.get(name) if name is not None else None
    return Problem(
        field=name,
        row=row,
        problem=_words(error, known),
        sent=None if error["type"] == "missing" else shown(error["input"]),
        allowed=_allowed(name, known, fields, row),
    )


def _place(location: tuple[int | str, ...]) -> tuple[int | None, str | None]:
    """Row and field of an error, from ("rows", 3, "tenure"), ("tenure",), ("rows",) or ()."""
    if len(location) > 1:
        return int(location[1]), str(location[2]) if len(location) > 2 else None
    return None, str(location[0]) if location else None


def _words(error: "ErrorDetails", known: Field | None) -> str:
    if error["input"] is None and known is not None and error["type"] != "missing":
        return "must not be null"
    return _WORDS.get(error["type"], error["msg"])


def _allowed(name: str | None, known: Field | None, fields: Mapping[str, Field], row: int | None) -> str:
    if known is not None:
        return allowed(known)
    if name is None:
        return _BODY if row is None else _ROW
    if name == ROWS:
        return "a list of at least one row"
    near = difflib.get_close_matches(name[:LONGEST_SHOWN], fields, n=1)
    return f"nothing; did you mean {near[0]!r}?" if near else f"only {', '.join(fields)}"


def shown(value: Any) -> Any:
    """What was sent, as JSON can carry it and no longer than a person reads."""
    if isinstance(value, bool | None):
        return value
    if isinstance(value, int | float) and abs(value) < 1e300:
        return value
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
