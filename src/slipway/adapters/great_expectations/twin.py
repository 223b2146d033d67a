"""The validator without Great Expectations: pandas alone, for the kinds that ``slipway.data.expectations`` makes."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from slipway.core.errors import UseCaseBroken
from slipway.core.expectation import Expectation, Validation
from slipway.data.breaches import (
    EXAMPLES,
    Outcome,
    columns_in_words,
    counted,
    mean_in_words,
    result_of,
    text_instead_of_numbers,
    wants_numbers,
)
from slipway.data.derived import Underivable, refuse_ambiguous, subject_of
from slipway.workspace.files import replacing_folder


class InMemoryValidator:
    """Twin of GreatExpectationsValidator; its HTML is a stub."""

    def validate(
        self, frame: pd.DataFrame, expectations: Sequence[Expectation], *, use_case: str, data_digest: str, docs: Path
    ) -> Validation:
        """Check every expectation and write a one-line page into ``docs``."""
        refuse_ambiguous(expectations)
        table = frame.set_axis(pd.RangeIndex(len(frame)))
        results = tuple(result_of(table, expectation, _outcome(table, expectation)) for expectation in expectations)
        with replacing_folder(docs) as folder:
            (folder / "index.html").write_text(f"<title>{use_case}</title>{len(results)} expectations")
        return Validation(
            use_case=use_case, rows=len(frame), columns=len(frame.columns), data_digest=data_digest, results=results
        )


def _outcome(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    check = CHECKS.get(expectation.kind)
    if check is None:
        raise UseCaseBroken(
            f"there is no expectation of the kind {expectation.kind!r}",
            cause="the name is misspelt, or the twin does not know it",
            next_step="use one of slipway.data.expectations",
        )
    subject = subject_of(frame, expectation)
    return Outcome(False, subject.reason) if isinstance(subject, Underivable) else check(subject, expectation)


def _exists(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    there = expectation.column in frame.columns
    return Outcome(there, "the column is there" if there else "the column is missing")


def _matches_columns(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    expected = expectation.arguments["column_set"]
    return Outcome(set(frame.columns) == set(expected), columns_in_words(list(frame.columns), expected))


def _row_count(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    return Outcome(_within(len(frame), expectation), f"{len(frame):,} rows")


def _mean(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    values = frame[str(expectation.column)]
    text = text_instead_of_numbers(values)
    if text is not None:
        return text
    mean = float(values.astype("float64").mean())
    return Outcome(_within(mean, expectation), mean_in_words(mean))


def _type(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    values, wanted = frame[str(expectation.column)], expectation.arguments["type_list"]
    if values.dtype != object:
        fits = str(values.dtype) in wanted
        return Outcome(
            fits, f"the column is of type {values.dtype}", () if fits else tuple(range(len(frame))[:EXAMPLES])
        )
    present = values.notna()
    wrong = present & ~values.map(lambda value: type(value).__name__ in wanted).astype(bool)
    if wrong.any() and wants_numbers(expectation):
        return text_instead_of_numbers(values) or _each(frame, expectation, wrong, present)
    return _each(frame, expectation, wrong, present)


def _between(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    values = frame[str(expectation.column)]
    low, high = expectation.arguments.get("min_value"), expectation.arguments.get("max_value")
    text = text_instead_of_numbers(values) if wants_numbers(expectation) else None
    if text is not None:
        return text
    present = values.notna()
    seen = values[present]
    inside = (seen >= (seen if low is None else low)) & (seen <= (seen if high is None else high))
    return _each(frame, expectation, ~inside.reindex(values.index, fill_value=True), present)


def _in_set(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    values = frame[str(expectation.column)]
    wrong = values.notna() & ~values.isin(expectation.arguments["value_set"])
    return _each(frame, expectation, wrong, values.notna())


def _not_null(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    missing = frame[str(expectation.column)].isna()
    return _each(frame, expectation, missing, pd.Series(True, index=frame.index))


def _unique(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    values = frame[str(expectation.column)]
    return _each(frame, expectation, values.notna() & values.duplicated(keep=False), values.notna())


def _unique_rows(frame: pd.DataFrame, expectation: Expectation) -> Outcome:
    twice = frame.duplicated(list(expectation.arguments["column_list"]), keep=False)
    return _each(frame, expectation, twice, pd.Series(True, index=frame.index))


def _each(frame: pd.DataFrame, expectation: Expectation, wrong: pd.Series, looked_at: pd.Series) -> Outcome:
    rows, total = np.flatnonzero(wrong), int(looked_at.sum())
    mostly = float(expectation.arguments.get("mostly", 1.0))
    passed = total == 0 or (total - len(rows)) / total >= mostly
    return Outcome(passed, counted(expectation, frame, len(rows), total), tuple(rows[:EXAMPLES].tolist()))


def _within(value: float, expectation: Expectation) -> bool:
    low, high = expectation.arguments.get("min_value"), expectation.arguments.get("max_value")
    return not np.isnan(value) and (low is None or value >= low) and (high is None or value <= high)


CHECKS: dict[str, Callable[[pd.DataFrame, Expectation], Outcome]] = {
    "expect_column_to_exist": _exists,
    "expect_table_columns_to_match_set": _matches_columns,
    "expect_table_row_count_to_be_between": _row_count,
    "expect_column_mean_to_be_between": _mean,
    "expect_column_values_to_be_in_type_list": _type,
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_unique": _unique,
    "expect_compound_columns_to_be_unique": _unique_rows,
}
