"""From what a validator found to what a person reads: what was allowed, how many broke it, and which rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from slipway.core.expectation import Expectation, ExpectationResult
from slipway.data.derived import columns_of, derive
from slipway.data.expectations import TYPES

EXAMPLES = 5
SHOWN_COLUMNS = 8
SHOWN_CHARACTERS = 60

BREACHES = {
    "expect_column_values_to_not_be_null": "are missing",
    "expect_column_values_to_be_unique": "occur more than once",
}
OF_NUMBERS = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_mean_to_be_between",
        "expect_column_median_to_be_between",
        "expect_column_min_to_be_between",
        "expect_column_max_to_be_between",
        "expect_column_sum_to_be_between",
        "expect_column_stdev_to_be_between",
    }
)


@dataclass(frozen=True)
class Outcome:
    """What a validator found; ``rows`` are the positions of up to five offending rows."""

    passed: bool
    observed: str
    rows: tuple[int, ...] = ()


def result_of(frame: pd.DataFrame, expectation: Expectation, outcome: Outcome) -> ExpectationResult:
    """The finding in words, with the offending rows of ``frame`` if there was a breach."""
    return ExpectationResult(
        kind=expectation.kind,
        column=expectation.column,
        severity=expectation.severity,
        passed=outcome.passed,
        allowed=allowed(expectation),
        observed=outcome.observed,
        because=expectation.because,
        examples=() if outcome.passed else examples(frame, expectation, outcome.rows),
    )


def examples(frame: pd.DataFrame, expectation: Expectation, rows: Sequence[int]) -> tuple[dict[str, str], ...]:
    """Rows of ``frame`` in the columns an expectation reads, and the value its formula gives."""
    positions = list(rows[:EXAMPLES])
    columns = [column for column in columns_of(expectation)[:SHOWN_COLUMNS] if column in frame.columns]
    table = frame.iloc[positions][columns]
    if expectation.formula is not None and expectation.column is not None and positions:
        # a row's group is all over the table, so without one its own rows are enough
        read = frame if expectation.per else frame.iloc[positions]
        derived = derive(read, expectation.column, expectation.formula, expectation.per)
        if isinstance(derived, pd.DataFrame) and not pd.api.types.is_bool_dtype(derived.iloc[:, 0]):
            table = pd.concat([table, derived.iloc[positions] if expectation.per else derived], axis=1)
    return tuple(
        {"row": str(row), **{str(name): as_text(value) for name, value in zip(table.columns, values, strict=True)}}
        for row, values in zip(positions, table.itertuples(index=False, name=None), strict=True)
    )


def as_text(value: Any) -> str:
    """A cell as a person reads it."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "missing"
    if isinstance(value, float | np.floating):
        return f"{value:.10g}"
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"


def allowed(expectation: Expectation) -> str:
    """What an expectation asks for, in words."""
    words = ALLOWED.get(expectation.kind, _in_its_own_words)(expectation.arguments)
    mostly = float(expectation.arguments.get("mostly", 1.0))
    return words if mostly >= 1 else f"{words}, in at least {100 * mostly:.6g} % of the rows"


def interval(arguments: Mapping[str, Any]) -> str:
    """``between 0 and 100``, ``at least 0`` or ``at most 100``."""
    low, high = arguments.get("min_value"), arguments.get("max_value")
    if high is None:
        return "any number" if low is None else f"at least {low:,}"
    return f"at most {high:,}" if low is None else f"between {low:,} and {high:,}"


def listed(values: Sequence[object], most: int = 12) -> str:
    """``'No', 'Yes'``, cut short after ``most``."""
    shown = ", ".join(map(repr, values[:most]))
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"


def _one_of(arguments: Mapping[str, Any]) -> str:
    values = list(arguments.get("value_set", ()))
    return "true" if values == [True] else f"one of {listed(values)}"


def _type(names: Sequence[str]) -> str:
    return next((kind for kind, types in TYPES.items() if types == tuple(names)), " or ".join(names))


def _in_its_own_words(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in arguments.items() if name != "mostly") or "as expected"


ALLOWED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "expect_column_to_exist": lambda _: "the column is there",
    "expect_table_columns_to_match_set": lambda arguments: f"these columns: {listed(arguments['column_set'], 60)}",
    "expect_column_values_to_be_in_type_list": lambda arguments: f"of type {_type(arguments['type_list'])}",
    "expect_column_values_to_be_between": interval,
    "expect_column_mean_to_be_between": lambda arguments: f"a mean {interval(arguments)}",
    "expect_table_row_count_to_be_between": lambda arguments: f"{interval(arguments)} rows",
    "expect_column_values_to_be_in_set": _one_of,
    "expect_column_values_to_not_be_null": lambda _: "not missing",
    "expect_column_values_to_be_unique": lambda _: "no value twice",
    "expect_compound_columns_to_be_unique": lambda _: "no row equal to another",
}


def share(part: int, whole: int) -> str:
    """A part of a whole in percent, such as ``0.04 %``."""
    percent = 100 * part / whole if whole else 0.0
    return "under 0.01 %" if 0 < percent < 0.01 else f"{percent:.2f} %"


def counted(expectation: Expectation, frame: pd.DataFrame, unexpected: int, looked_at: int) -> str:
    """How many values or rows break an expectation that is about each of them."""
    if expectation.kind == "expect_compound_columns_to_be_unique":
        return _repeats(frame, columns_of(expectation), unexpected)
    if looked_at == 0:
        return "no values to look at"
    if unexpected == 0:
        return f"all of {looked_at:,} values"
    breach = BREACHES.get(expectation.kind, "are not")
    return f"{unexpected:,} of {looked_at:,} values {breach} ({share(unexpected, looked_at)})"


def _repeats(frame: pd.DataFrame, columns: Sequence[str], unexpected: int) -> str:
    if unexpected == 0:
        return f"{len(frame):,} different rows"
    repeats = int(frame.duplicated(list(columns)).sum())
    alike = f"{unexpected:,} of {len(frame):,} are not unique ({share(unexpected, len(frame))})"
    return f"{repeats:,} rows repeat an earlier one, {alike}"


def mean_in_words(mean: float | None) -> str:
    """A mean, or that there is none."""
    return "no values to take the mean of" if mean is None or np.isnan(mean) else f"a mean of {mean:.6g}"


def columns_in_words(present: Sequence[str], expected: Sequence[str]) -> str:
    """Which columns are missing and which are not expected."""
    missing = sorted(set(expected) - set(present))
    surplus = sorted(set(map(str, present)) - set(expected))
    parts = [f"missing {listed(missing)}"] * bool(missing) + [f"not expected {listed(surplus)}"] * bool(surplus)
    return "; ".join(parts) or f"{len(present)} columns"


def text_instead_of_numbers(values: pd.Series) -> Outcome | None:
    """For a column of text where numbers are wanted: the values that read as none. None for any other column."""
    if values.dtype != object or pd.api.types.infer_dtype(values, skipna=True) not in ("string", "mixed"):
        return None
    wrong = np.flatnonzero(values.notna() & pd.to_numeric(values, errors="coerce").isna())
    looked_at = int(values.notna().sum())
    if len(wrong) == 0:
        rows = tuple(np.flatnonzero(values.notna())[:EXAMPLES].tolist())
        return Outcome(False, "the column holds text, though every value reads as a number", rows)
    observed = (
        f"the column holds text; {len(wrong):,} of {looked_at:,} values are no numbers ({share(len(wrong), looked_at)})"
    )
    return Outcome(False, observed, tuple(wrong[:EXAMPLES].tolist()))


def wants_numbers(expectation: Expectation) -> bool:
    """Whether only numbers can satisfy an expectation."""
    types = expectation.arguments.get("type_list")
    if types is not None:
        return all(str(name).startswith(("int", "float")) for name in types)
    bounds = (expectation.arguments.get("min_value"), expectation.arguments.get("max_value"))
    return expectation.kind in OF_NUMBERS and any(isinstance(bound, int | float) for bound in bounds)
