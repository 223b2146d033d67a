"""Rows that an endpoint was asked for: the folder of a prediction log."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slipway.core.errors import DataMissing
from slipway.core.signature import Row


def recorded_rows(folder: Path, at_most: int) -> tuple[Row, ...]:
    """The last rows of a prediction log that were answered, the newest first.

    A file that ends in the middle, as that of a killed process may, is read as far as it goes.

    Raises:
        DataMissing: there is no such folder, or no log in it.
    """
    files = sorted(folder.glob("predictions-*.jsonl.gz*"), reverse=True)
    if not files:
        raise DataMissing(
            f"{folder} holds no prediction log",
            cause="another folder is meant, or nothing was logged yet",
            next_step="name the folder that the endpoint's --log-to names, or leave --recorded out",
        )
    found: list[Row] = []
    for path in files:
        found += [row for entry in reversed(list(_entries(path))) for row in _rows(entry)]
        if len(found) >= at_most:
            break
    return tuple(found[:at_most])


def _entries(path: Path) -> Iterator[Any]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except (EOFError, OSError, ValueError, zlib.error):
        return


def _rows(entry: Any) -> list[Row]:
    answered = isinstance(entry, dict) and entry.get("kind") == "prediction"
    return [dict(row) for row in entry.get("inputs", ()) if isinstance(row, dict)] if answered else []
