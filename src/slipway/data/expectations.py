"""The words a use case states its expectations in.

Each makes one Expectation. A breach of severity error stops the pipeline; of severity warning, it is reported.
"""

from collections.abc import Sequence
from typing import Any, Literal

from slipway.core.expectation import Expectation, Severity

Kind = Literal["text", "integer", "number", "flag"]

TYPES: dict[Kind, tuple[str, ...]] = {
    "text": ("str",),
    "integer": ("int64", "int32", "int16", "int8"),
    "number": ("float64", "float32", "int64", "int32", "int16", "int8"),
    "flag": ("bool",),
}


def column_exists(column: str, *, severity: Severity = Severity.ERROR, because: str = "") -> Expectation:
    """The table has this column."""
    return _about(column, "expect_column_to_exist", {}, severity, because)


def only_columns(names: Sequence[str], *, severity: Severity = Severity.WARNING, because: str = "") -> Expectation:
    """The table has these columns and no others, in any order."""
    arguments = {"column_set": sorted(names), "exact_match": True}
    return Expectation("expect_table_columns_to_match_set", None, arguments, severity, because=because)


def of_type(column: str, kind: Kind, *, severity: Severity = Severity.ERROR, because: str = "") -> Expectation:
    """Every value is text, an integer, a number or a flag; missing values are not looked at."""
    return _about(
        column, "expect_column_values_to_be_in_type_list", {"type_list": list(TYPES[kind])}, severity, because
    )


def between(
    column: str,
    low: float | None = None,
    high: float | None = None,
    *,
    mostly: float = 1.0,
    severity: Severity = Severity.ERROR,
    because: str = "",
) -> Expectation:
    """A share ``mostly`` of the values lies in [low, high]; missing values are not looked at."""
    arguments = {"min_value": low, "max_value": high, "mostly": mostly}
    return _about(column, "expect_column_values_to_be_between", arguments, severity, because)


def one_of(
    column: str,
    values: Sequence[Any],
    *,
    mostly: float = 1.0,
    severity: Severity = Severity.ERROR,
    because: str = "",
) -> Expectation:
    """A share ``mostly`` of the values is one of those listed; missing values are not looked at."""
    arguments = {"value_set": list(values), "mostly": mostly}
    return _about(column, "expect_column_values_to_be_in_set", arguments, severity, because)


def not_null(column: str, *, severity: Severity = Severity.ERROR, because: str = "") -> Expectation:
    """No value is missing."""
    return missing_share_at_most(column, 0.0, severity=severity, because=because)


def missing_share_at_most(
    column: str, share: float, *, severity: Severity = Severity.ERROR, because: str = ""
) -> Expectation:
    """At most this share of the values, from 0 to 1, is missing."""
    return _about(column, "expect_column_values_to_not_be_null", {"mostly": 1.0 - share}, severity, because)


def unique(column: str, *, severity: Severity = Severity.ERROR, because: str = "") -> Expectation:
    """No value occurs twice."""
    return _about(column, "expect_column_values_to_be_unique", {"mostly": 1.0}, severity, because)


def unique_rows(
    columns: Sequence[str], *, mostly: float = 1.0, severity: Severity = Severity.WARNING, because: str = ""
) -> Expectation:
    """A share ``mostly`` of the rows has no other row that is equal in these columns."""
    arguments = {"column_list": list(columns), "mostly": mostly}
    return Expectation("expect_compound_columns_to_be_unique", None, arguments, severity, because=because)


def row_count_between(
    low: int | None = None, high: int | None = None, *, severity: Severity = Severity.ERROR, because: str = ""
) -> Expectation:
    """The table has from ``low`` to ``high`` rows."""
    arguments = {"min_value": low, "max_value": high}
    return Expectation("expect_table_row_count_to_be_between", None, arguments, severity, because=because)


def mean_between(
    column: str, low: float | None, high: float | None, *, severity: Severity = Severity.ERROR, because: str = ""
) -> Expectation:
    """The mean of the column lies in [low, high]."""
    return _about(column, "expect_column_mean_to_be_between", {"min_value": low, "max_value": high}, severity, because)


def class_share_between(
    column: str, value: str | float, low: float, high: float, *, severity: Severity = Severity.ERROR, because: str = ""
) -> Expectation:
    """The share of rows whose ``column`` equals ``value`` lies in [low, high]."""
    return share_between(
        f"share of {column} = {value}", f"`{column}` == {value!r}", low, high, severity=severity, because=because
    )


def share_between(
    name: str, formula: str, low: float, high: float, *, severity: Severity = Severity.ERROR, because: str = ""
) -> Expectation:
    """The share of rows in which a condition, a ``DataFrame.eval`` expression, is true lies in [low, high]."""
    arguments = {"min_value": low, "max_value": high}
    return Expectation("expect_column_mean_to_be_between", name, arguments, severity, formula, because)


def relation(
    name: str,
    formula: str,
    low: float | None = None,
    high: float | None = None,
    *,
    mostly: float = 1.0,
    severity: Severity = Severity.ERROR,
    because: str = "",
) -> Expectation:
    """A number made of several columns lies in [low, high] in a share ``mostly`` of the rows.

    Args:
        name: what the number is called in reports, such as ``"total_charges over tenure x monthly_charges"``.
        formula: a ``DataFrame.eval`` expression; rows where it gives NaN are not looked at.
    """
    arguments = {"min_value": low, "max_value": high, "mostly": mostly}
    return Expectation("expect_column_values_to_be_between", name, arguments, severity, formula, because)


def relative_to_group(
    name: str,
    formula: str,
    per: str,
    low: float | None = None,
    high: float | None = None,
    *,
    mostly: float = 1.0,
    severity: Severity = Severity.ERROR,
    because: str = "",
) -> Expectation:
    """A number made of several columns, over the median of its group, lies in [low, high].

    Args:
        formula: a ``DataFrame.eval`` expression; rows where it gives NaN are not looked at.
        per: the column whose equal values make a group, such as ``"district"``.
    """
    arguments = {"min_value": low, "max_value": high, "mostly": mostly}
    kind = "expect_column_values_to_be_between"
    return Expectation(kind, name, arguments, severity, formula, because, per)


def holds(
    name: str, formula: str, *, mostly: float = 1.0, severity: Severity = Severity.ERROR, because: str = ""
) -> Expectation:
    """A condition on several columns, a ``DataFrame.eval`` expression, is true in a share ``mostly`` of the rows."""
    arguments = {"value_set": [True], "mostly": mostly}
    return Expectation("expect_column_values_to_be_in_set", name, arguments, severity, formula, because)


def _about(column: str, kind: str, arguments: dict[str, Any], severity: Severity, because: str) -> Expectation:
    return Expectation(kind, column, arguments, severity, because=because)
