"""Months that were fetched: a Parquet file each, whole or not there, with the day it was fetched on inside."""

import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from use_cases.homes.source.molit.records import FIELDS, Record

SCHEMA = pa.schema([(name, pa.string()) for name in FIELDS])
FETCHED = b"fetched"


class Store:
    """Where months are kept. Writing one is all or nothing, so that a kill leaves the months before it and no part."""

    def __init__(self, folder: Path, keep: Callable[[str, bytes], None]) -> None:
        self._folder = folder
        self._keep = keep

    def fetched(self, district: str, month: str) -> date | None:
        """The day a month was fetched on; None where it is not here, or not whole."""
        try:
            metadata = pq.read_schema(self._folder / _name(district, month)).metadata or {}
            return date.fromisoformat(metadata[FETCHED].decode())
        except (OSError, KeyError, ValueError, pa.ArrowException):
            return None

    def put(self, district: str, month: str, records: Sequence[Record], today: date) -> None:
        """Keep a month in the place of what was known of it."""
        schema = SCHEMA.with_metadata({FETCHED: today.isoformat().encode()})
        content = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(list(records), schema=schema), content, compression="zstd")
        self._keep(_name(district, month), content.getvalue())

    def read(self, district: str, month: str, fields: Sequence[str]) -> pa.Table:
        """Some fields of a month that is here."""
        return pq.read_table(self._folder / _name(district, month), columns=list(fields))


def _name(district: str, month: str) -> str:
    return f"{district}/{month[:4]}-{month[4:]}.parquet"
