"""Reading a CSV file that nobody prepared, as text: which encoding, which separator, which cells."""

import csv
import io
import re
from dataclasses import dataclass

import pandas as pd

from slipway.core.errors import DataUnfit

SEPARATORS = (",", ";", "\t", "|")
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A", "?", "inf", "-inf", "Inf", "-Inf")
MOST_BYTES = 10_000_000
_DECIMAL_COMMA = re.compile(r"-?\d+(,\d+)?")


@dataclass(frozen=True)
class Sheet:
    """A CSV file as it was understood.

    Attributes:
        cells: (n, k) of stripped str, None where missing; columns have the header's names (a repeated name
            gets ".1", ".2" from pandas, a missing one is "Unnamed: 0").
        decimal: the character between whole and fraction, "." or ",".
    """

    file: str
    encoding: str
    separator: str
    decimal: str
    cells: pd.DataFrame


def read_sheet(content: bytes, file: str) -> Sheet:
    """Understand the bytes of a CSV file.

    Raises:
        DataUnfit: it is empty, has a header only, one column only or rows longer than the header, is too large,
            or is no CSV file.
    """
    _refuse_other_formats(content, file)
    encoding = _encoding(content)
    written = content.decode(encoding)
    separator = _separator(written, file)
    _refuse_ragged(written, separator, file)
    cells = pd.read_csv(io.StringIO(written), sep=separator, dtype=str, keep_default_na=False, index_col=False)
    cells = cells.fillna("").map(str.strip)
    cells = cells.mask(cells.isin(MISSING), None)
    if cells.empty:
        raise _unfit(f"{file} has a header and no rows", "the export stopped early", "export it again, rows included")
    return Sheet(file, encoding, separator, _decimal(cells, separator), cells)


def _refuse_other_formats(content: bytes, file: str) -> None:
    if len(content) > MOST_BYTES:
        raise _unfit(
            f"{file} has {len(content) / 1e6:.0f} MB; up to {MOST_BYTES // 10**6} MB are copied beside the use case",
            "a table of this size belongs into a store, not into Git",
            "give a sample of it (say 20,000 rows) here, then let `collect` in source/ read the whole where it "
            "lives; DVC keeps what was collected",
        )
    if not content.strip():
        raise _unfit(f"{file} is empty", "the export stopped early", "export it again")
    if content[:4] == b"PK\x03\x04" or (b"\x00" in content[:4096] and content[:2] not in (b"\xff\xfe", b"\xfe\xff")):
        raise _unfit(f"{file} is no CSV file", "it is a spreadsheet, an archive or Parquet", "save it as CSV (UTF-8)")


def _encoding(content: bytes) -> str:
    """UTF-8 where it decodes; otherwise Latin-1, in which every byte is a character."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return "latin-1"
    return encoding


def _separator(written: str, file: str) -> str:
    """The one that cuts the header into most columns."""
    header = written.lstrip("\r\n").splitlines()[0]
    widths = {separator: len(next(csv.reader([header], delimiter=separator))) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: widths[separator])
    if widths[best] < 2:
        raise _unfit(
            f"{file} has one column only: {header[:60]!r}",
            "it is separated by something else than comma, semicolon, tab or bar, or has no header",
            "export it with a header and one of these separators",
        )
    return best


def _refuse_ragged(written: str, separator: str, file: str) -> None:
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=separator)
    try:
        width = len(next(row for row in reader if row))
        for row in reader:
            if len(row) > width:
                raise _unfit(
                    f"{file}: line {reader.line_num} has {len(row)} fields, the header has {width}",
                    "a text holds the separator without being quoted, or the header lacks a name",
                    "mend that line or the header",
                )
    except csv.Error as error:
        raise _unfit(f"{file}: line {reader.line_num}: {error}", "a quote is never closed", "mend it") from error


def _decimal(cells: pd.DataFrame, separator: str) -> str:
    """A comma where some column holds nothing but numbers with commas, in a file not separated by commas."""
    if separator == ",":
        return "."
    return "," if any(_has_commas(cells[name].dropna()) for name in cells.columns) else "."


def _has_commas(column: pd.Series) -> bool:
    return bool(column.str.contains(",").any() and column.str.fullmatch(_DECIMAL_COMMA).all())


def _unfit(what: str, cause: str, next_step: str) -> DataUnfit:
    return DataUnfit(what, cause=cause, next_step=next_step)
