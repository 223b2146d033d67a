"""Columns that exist only while a table is validated: relations between columns, made by a formula."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from slipway.core.errors import UseCaseBroken
from slipway.core.expectation import Expectation

_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Underivable:
    """Why the values an expectation is about cannot be had; ``column`` is the one that is not there."""

    column: str
    reason: str


def columns_of(expectation: Expectation) -> tuple[str, ...]:
    """The columns of the raw table that an expectation reads."""
    if expectation.formula is not None:
        return tuple(dict.fromkeys((*formula_columns(expectation.formula), *filter(None, [expectation.per]))))
    if expectation.column is not None:
        return (expectation.column,)
    pair = [expectation.arguments[name] for name in ("column_A", "column_B") if name in expectation.arguments]
    return tuple(expectation.arguments.get("column_list", pair))


def refuse_ambiguous(expectations: Iterable[Expectation]) -> None:
    """One name, one formula.

    Raises:
        UseCaseBroken: two expectations call different formulas by the same name.
    """
    formulas: dict[str | None, tuple[str, str | None]] = {}
    for expectation in expectations:
        formula, meant = expectation.formula, (expectation.formula or "", expectation.per)
        if formula is not None and formulas.setdefault(expectation.column, meant) != meant:
            raise _broken(formula, f"another formula is called {expectation.column!r} too")


def subject_of(frame: pd.DataFrame, expectation: Expectation) -> pd.DataFrame | Underivable:
    """The table an expectation is to be held against: the raw one, or one derived column; or why there is none.

    Raises:
        UseCaseBroken: the formula is no expression, or gives something else than one value a row.
    """
    absent = [column for column in columns_of(expectation) if column not in frame.columns]
    if absent and expectation.kind != "expect_column_to_exist":
        plural = "columns are" if len(absent) > 1 else "column is"
        return Underivable(absent[0], f"the {plural} missing: {', '.join(absent)}")
    if expectation.formula is None:
        return frame
    return derive(frame, expectation.column or expectation.formula, expectation.formula, expectation.per)


def derive(frame: pd.DataFrame, name: str, formula: str, per: str | None = None) -> pd.DataFrame | Underivable:
    """A table of one column ``name``: the formula's value in every row of ``frame``, over its group's median if any."""
    try:
        values = frame.eval(formula, engine="python")
    except (TypeError, ValueError) as error:
        return Underivable(name, f"cannot be computed: {first_line(error)}")
    except Exception as error:
        raise _broken(formula, first_line(error)) from error
    if not isinstance(values, pd.Series):
        raise _broken(formula, "it does not give one value a row")
    if per is not None:
        values = values / values.groupby(frame[per]).transform("median")
    return values.to_frame(name)


def formula_columns(formula: str) -> tuple[str, ...]:
    """The columns a ``DataFrame.eval`` expression reads, in the order they first occur.

    Raises:
        UseCaseBroken: it is no expression.
    """
    quoted = list(dict.fromkeys(_QUOTED.findall(formula)))
    plain = _QUOTED.sub(lambda match: _stand_in(quoted.index(match[1])), formula)
    try:
        tree = ast.parse(plain, mode="eval")
    except SyntaxError as error:
        raise _broken(formula, error.msg) from error
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    meant = {_stand_in(number): name for number, name in enumerate(quoted)}
    return tuple(dict.fromkeys(meant.get(node.id, node.id) for node in names))


def first_line(error: Exception) -> str:
    """What an exception says, short enough for a message."""
    return str(error).strip().split("\n", 1)[0][:200] or type(error).__name__


def _stand_in(number: int) -> str:
    return f"_quoted_{number}_"


def _broken(formula: str, reason: str) -> UseCaseBroken:
    return UseCaseBroken(
        f"an expectation's formula cannot be used: {formula!r}: {reason}",
        cause="a formula is a DataFrame.eval expression over columns that gives one value a row",
        next_step="mend the formula in the use case's expectations",
    )
