"""The formats of MLflow's scoring protocol: tables, records and columns, in JSON or CSV, as rows.

https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/ describes them.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import from_json

from serving.answers import Problem
from serving.bundle.signature import Field
from serving.inputs import cells
from serving.inputs.problems import BodyUnreadable, RequestRefused, hold, shown

FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
PARAMS = "params"

_BODY = f"an object with one of {', '.join(FORMATS)}"
_SPLIT = 'an object with "columns", "data" and at most "index"'
_RECORDS = "a list of at least one object with the model's fields"
_COLUMNS = "a list of objects, or an object with one list a field, all of one length"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NO_NUMBER = {"", "na", "n/a", "nan", "null", "none", "<na>"}


class CsvUnreadable(Exception):
    """A body that is no CSV at all."""


def of_json(body: bytes, fields: Sequence[Field]) -> list[Any]:
    """Rows of a JSON body, not yet held to the model's inputs; NaN is accepted, as Python's clients write it.

    Raises:
        BodyUnreadable: the body is not JSON.
        RequestRefused: it is, but none of the four formats.
    """
    try:
        document = from_json(body, allow_inf_nan=True)
    except ValueError as error:
        raise BodyUnreadable(str(error)) from error
    name = _format(document)
    found = _READERS[name](name, document[name], fields)
    if not found:
        raise _refusal(name, "is empty", None, _RECORDS)
    return cells.with_null(found, fields)


def of_csv(body: bytes, fields: Sequence[Field], most_rows: int) -> list[Any]:
    """Rows of a CSV body whose first line names the columns; an unnamed first one is a table's index.

    Raises:
        CsvUnreadable: the body is not CSV in UTF-8.
        RequestRefused: a name comes twice, or a line has more or fewer cells than there are names.
        TooManyRows: there are more than ``most_rows``; found before the cells are read, which takes long.
    """
    try:
        lines = list(filter(None, csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)))
    except (csv.Error, UnicodeDecodeError) as error:
        raise CsvUnreadable(str(error)) from error
    if len(lines) < 2:
        raise _refusal(None, "has no rows", None, "a line with the names of the columns, and at least one row")
    hold(len(lines) - 1, most_rows)
    return list(_lines(lines[0], lines[1:], fields))


def _format(document: Any) -> str:
    if not isinstance(document, dict):
        raise _refusal(None, "is not an object", document, _BODY)
    for name in document:
        if name not in FORMATS and name != PARAMS:
            raise _refusal(name, "is not known to this protocol", document[name], f"{_BODY}, and nothing else")
    if document.get(PARAMS) not in (None, {}):
        raise _refusal(PARAMS, "are not taken by this model", document[PARAMS], "nothing")
    found = [name for name in FORMATS if name in document]
    if len(found) != 1:
        raise _refusal(None, "holds several formats" if found else "holds no rows", found or None, _BODY)
    return found[0]


def _split(name: str, table: Any, _: Sequence[Field]) -> list[Any]:
    if not isinstance(table, dict) or not {"columns", "data"} <= set(table) <= {"columns", "data", "index"}:
        raise _refusal(name, "is not a table", table, _SPLIT)
    columns, data, index = table["columns"], table["data"], table.get("index")
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise _refusal("columns", "is not a list of strings", columns, "the names of the model's fields")
    if not isinstance(data, list):
        raise _refusal("data", "is not a list", data, "a list of rows, each a list of cells")
    if index is not None and not (isinstance(index, list) and len(index) == len(data)):
        raise _refusal("index", "is not a list of one entry a row", index, f"{len(data)} entries, or null")
    return list(_table(columns, data))


def _table(columns: Sequence[str], data: Sequence[Any]) -> Iterator[dict[str, Any]]:
    twice = _twice(columns)
    if twice is not None:
        raise _refusal(twice, "is named twice", None, "each field once")
    for position, row in enumerate(data):
        if not isinstance(row, list) or len(row) != len(columns):
            raise _refusal(None, "is not one cell a column", row, f"a list of {len(columns)} cells", position)
        yield dict(zip(columns, row, strict=True))


def _twice(names: Sequence[str]) -> str | None:
    """The first name that comes a second time; in time that grows with their number alone, for a caller chooses it."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _records(name: str, records: Any, _: Sequence[Field]) -> list[Any]:
    if not isinstance(records, list):
        raise _refusal(name, "is not a list", records, _RECORDS)
    return records


def _either(name: str, data: Any, fields: Sequence[Field]) -> list[Any]:
    if isinstance(data, dict):
        return _columns(name, data)
    if isinstance(data, list) and len(fields) == 1 and not any(isinstance(cell, dict) for cell in data):
        return [{fields[0].name: cell} for cell in data]
    if not isinstance(data, list):
        raise _refusal(name, "is neither a list nor an object", data, _COLUMNS)
    return data


def _columns(name: str, data: dict[str, Any]) -> list[Any]:
    if not any(isinstance(column, list) for column in data.values()):
        return [data]
    lengths = {len(column) if isinstance(column, list) else None for column in data.values()}
    if len(lengths) != 1:
        raise _refusal(name, "has columns of different lengths", None, _COLUMNS)
    return cells.rows(data)


def _lines(header: Sequence[str], lines: Sequence[Sequence[str]], fields: Sequence[Field]) -> Iterator[dict[str, Any]]:
    numbers = {field.name for field in fields if field.type == "number"}
    readers = {field.name: cells.reader(field) for field in fields}
    has_index = header[0] == "" and "" not in readers
    for row in _table(header, [list(line) for line in lines]):
        if has_index:
            del row[""]
        yield {
            name: _number(text) if name in numbers else readers[name](text) if name in readers else text
            for name, text in row.items()
        }


def _number(text: str) -> float | str | None:
    """A plain figure; other text is left for the decoder to refuse in words."""
    text = text.strip()
    if text.lower() in _NO_NUMBER:
        return None
    return float(text) if _NUMBER.fullmatch(text) else text


def _refusal(field: str | None, problem: str, sent: Any, allowed: str, row: int | None = None) -> RequestRefused:
    return RequestRefused([Problem(field=field, row=row, problem=problem, sent=shown(sent), allowed=allowed)])


_READERS = {"dataframe_split": _split, "dataframe_records": _records, "instances": _either, "inputs": _either}
