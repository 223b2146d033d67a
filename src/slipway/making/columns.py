"""What a column of text cells is good for."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

MOST_CATEGORIES = 50
LONGEST_CATEGORY = 80
_CLOSE = 20
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})( .*)?")
_CODE = re.compile(r"-?0\d+")
_ROW_NUMBER = re.compile(r"unnamed(_\d+)?|row_?(s|id|no|nr|num|number|names)?|index|x|no|nr")
_IDENTIFIER = re.compile(r"(.*_)?(id|key|uuid|guid|code|number|no|nr)")


class Kind(StrEnum):
    NUMBER = "number"
    CATEGORY = "category"
    IDENTIFIER = "identifier"
    LEFT_OUT = "left out"


@dataclass(frozen=True)
class Finding:
    """What a column was found to be; ``reason`` says why one is left out."""

    kind: Kind
    reason: str = ""


def look_at(name: str, cells: pd.Series, decimal: str = ".") -> Finding:
    """Judge a column.

    Args:
        name: of the column, in snake_case.
        cells: str with None for missing, (n,).
    """
    present = cells.dropna()
    if len(present) <= 0.05 * len(cells):
        return _left_out("no values" if present.empty else f"{1 - len(present) / len(cells):.0%} of the values missing")
    if present.nunique() == 1 and len(present) == len(cells):
        return _left_out(f"every value is {present.iloc[0][:40]!r}")
    numbers = as_numbers(present, decimal)
    if numbers is None:
        return _of_text(present, len(cells), decimal)
    return _of_numbers(name, numbers, len(cells))


def as_numbers(column: pd.Series, decimal: str = ".") -> pd.Series | None:
    """The column as numbers; None where a value is none, is infinite, or is a code such as 007."""
    if column.dropna().str.fullmatch(_CODE).any():
        return None
    try:
        numbers = pd.to_numeric(column.str.replace(decimal, ".", regex=False))
    except (ValueError, TypeError):
        return None
    return numbers if np.isfinite(numbers.dropna().astype(float)).all() else None


def _of_numbers(name: str, numbers: pd.Series, rows: int) -> Finding:
    whole = bool((numbers % 1 == 0).all())
    unique = whole and numbers.nunique() == rows
    if unique and _ROW_NUMBER.fullmatch(name) and numbers.is_monotonic_increasing:
        return _left_out("numbers the rows")
    if unique and (_IDENTIFIER.fullmatch(name) or _ROW_NUMBER.fullmatch(name) or _counts(numbers)):
        return Finding(Kind.IDENTIFIER)
    if whole and "date" in name and numbers.between(19_000_101, 21_001_231).all():
        return _dates()
    return Finding(Kind.CATEGORY if numbers.nunique() <= 2 else Kind.NUMBER)


def _counts(numbers: pd.Series) -> bool:
    """Whole numbers, each once, close together: a count or a sample of one. A measurement would repeat or be wide."""
    return bool(numbers.max() - numbers.min() < _CLOSE * len(numbers))


def _of_text(present: pd.Series, rows: int, decimal: str) -> Finding:
    if present.str.fullmatch(_DATE).all():
        return _dates()
    different, longest = present.nunique(), int(present.str.len().max())
    if different == rows and longest <= 64 and not present.str.contains(r"\s").any():
        return Finding(Kind.IDENTIFIER)
    if different <= min(MOST_CATEGORIES, rows // 5) and longest <= LONGEST_CATEGORY:
        return Finding(Kind.CATEGORY)
    wrong = present[pd.to_numeric(present.str.replace(decimal, ".", regex=False), errors="coerce").isna()]
    if len(wrong) < 0.2 * len(present):
        return _left_out(f"{len(wrong)} of {len(present)} values are no numbers, such as {wrong.iloc[0][:40]!r}")
    return _left_out(f"free text, or too many different values ({different})")


def _dates() -> Finding:
    return _left_out("dates; to use them, make numbers of them (a month, an age in days)")


def _left_out(reason: str) -> Finding:
    return Finding(Kind.LEFT_OUT, reason)
