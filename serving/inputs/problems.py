"""What is wrong with a request, told so that its sender can mend it."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from serving.answers import Problem
from serving.bundle.signature import Field
from serving.inputs.bounds import FLOAT32_MAX
from serving.inputs.schema import ROWS, allowed

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_SHOWN = 200
MOST_PROBLEMS = 100
MOST_COUNTED = 10_000

Unworded = Callable[[], Problem]
"""A problem found but not yet put into words, for most of a flood never are."""

_BODY = f'an object with the model\'s fields, or {{"{ROWS}": [...]}} with a list of at least one'
_ROW = "an object with the model's fields"
_BEYOND = ("less_than_equal", "greater_than_equal")
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this model",
    "float_type": "is not a number",
    "finite_number": "is not a finite number",
    **dict.fromkeys(_BEYOND, "is too large for a 32-bit number"),
    "string_type": "is not a string",
    **dict.fromkeys(("string_pattern_mismatch", "string_too_short", "string_too_long"), "is not a date"),
    "literal_error": "is not an allowed value",
    "dict_type": "is not an object",
    "list_type": "is not a list",
    "too_short": "is empty",
}


class BodyUnreadable(Exception):
    """A body that is no JSON at all."""


class TooManyRows(Exception):
    """A request of more rows than are answered at once."""


class RequestRefused(Exception):
    """A request that does not fit the model's inputs; at most ``MOST_PROBLEMS`` are told, the rest counted."""

    def __init__(self, problems: Sequence[Problem], not_shown: int = 0) -> None:
        super().__init__(f"{len(problems) + not_shown} problems")
        self.problems = tuple(problems)
        self.not_shown = not_shown


def hold(rows: int, most: int) -> None:
    """Raise TooManyRows for more than ``most``."""
    if rows > most:
        raise TooManyRows(f"{rows:,} rows were sent; at most {most:,} are answered at once")


def find(document: Any, many: bool, row: TypeAdapter[Any], fields: Mapping[str, Field]) -> RequestRefused | None:
    """Everything that is wrong with a document, one entry a problem; None when nothing is.

    Args:
        many: whether it is meant as ``{"rows": [...]}``.
        row: the documented type of one row.
    """
    found = list(islice(_in_envelope(document, fields) if many else (), MOST_COUNTED))
    rows = document[ROWS] if many and isinstance(document[ROWS], list) else () if many else (document,)
    for position, cells in enumerate(rows):
        if len(found) >= MOST_COUNTED:
            break
        found += _in_row(cells, position if many else None, row, fields)
    if not found:
        return None
    return RequestRefused([problem() for problem in found[:MOST_PROBLEMS]], max(0, len(found) - MOST_PROBLEMS))


def _in_envelope(document: Mapping[str, Any], fields: Mapping[str, Field]) -> Iterator[Unworded]:
    rows = document[ROWS]
    if not isinstance(rows, list):
        yield partial(_about, ROWS, None, "is not a list", rows, fields)
    elif not rows:
        yield partial(_about, ROWS, None, "is empty", rows, fields)
    for name in document:
        if name != ROWS:
            yield partial(_about, name, None, "is not a field of this model", document[name], fields)


def _in_row(cells: Any, position: int | None, row: TypeAdapter[Any], fields: Mapping[str, Field]) -> list[Unworded]:
    try:
        row.validate_python(_without_a_flood(cells, fields))
    except ValidationError as error:
        return [partial(_problem, detail, position, fields) for detail in error.errors(include_url=False)]
    return []


def _without_a_flood(cells: Any, fields: Mapping[str, Field]) -> Any:
    """A row with so many strange fields that telling them all would cost more than the row itself is cut."""
    if not isinstance(cells, dict) or len(cells) <= MOST_COUNTED:
        return cells
    known = {name: cells[name] for name in fields if name in cells}
    strange = (name for name in cells if name not in fields)
    return known | {name: cells[name] for name in islice(strange, MOST_COUNTED)}


def _problem(error: "ErrorDetails", row: int | None, fields: Mapping[str, Field]) -> Problem:
    name = str(error["loc"][0]) if error["loc"] else None
    known = fields.get(name) if name is not None else None
    sent = None if error["type"] == "missing" else error["input"]
    return _about(name, row, _words(error, known), sent, fields)


def _about(name: str | None, row: int | None, problem: str, sent: Any, fields: Mapping[str, Field]) -> Problem:
    known = fields.get(name) if name is not None else None
    told = _allowed(name, known, fields, row)
    return Problem(field=name, row=row, problem=problem, sent=shown(sent), allowed=told)


def _words(error: "ErrorDetails", known: Field | None) -> str:
    if error["input"] is None and known is not None and error["type"] != "missing":
        return "must not be null"
    if error["type"] in _BEYOND and abs(error["input"]) <= FLOAT32_MAX:
        return "is outside the range that training saw"
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
