"""Data held to data: the outline of a table that was accepted, and expectations that a later one is like it.

What is compared are shares of rows: below some of the accepted quantiles, and of the most frequent values. The greatest
difference at the quantiles is the Kolmogorov-Smirnov statistic, looked at there only. There is no test of significance:
with many rows it would find the smallest change, so a bound says how large a change must be to matter.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from slipway.core.accepted import AcceptedColumn, AcceptedData
from slipway.core.expectation import Expectation, Severity
from slipway.data.changes import kind_of
from slipway.data.expectations import class_share_between, missing_share_at_most, share_between

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
MOST_VALUES = 40
LEAST_SHARE = 0.01
DIGITS = 6


def outline(frame: pd.DataFrame, *, use_case: str, data_digest: str) -> AcceptedData:
    """Put a table down in outline: its numbers, and its text of not too many values."""
    columns = [_column(str(name), column) for name, column in frame.items()]
    known = tuple(column for column in columns if column is not None)
    return AcceptedData(use_case=use_case, rows=len(frame), data_digest=data_digest, columns=known)


def as_accepted(
    accepted: AcceptedData, columns: Sequence[str], within: float, *, severity: Severity = Severity.WARNING
) -> tuple[Expectation, ...]:
    """No share of rows differs by more than ``within`` (such as 0.05) from what was accepted.

    Columns that the accepted data did not have, or had in too many values, are not looked at.
    """
    because = f"the accepted data were different; if the new ones are right: slipway accept {accepted.use_case}"
    found = {column.column: column for column in accepted.columns if column.column in columns}
    return tuple(
        expectation
        for name in columns
        if name in found
        for expectation in _like(found[name], within, severity, because)
    )


def _like(accepted: AcceptedColumn, within: float, severity: Severity, because: str) -> list[Expectation]:
    name = accepted.column
    told: dict[str, Any] = {"severity": severity, "because": because}
    most_missing = missing_share_at_most(name, min(1.0, accepted.missing + within), **told)
    marks = [
        share_between(f"share of {name} up to {mark:.10g}", f"`{name}` <= {mark!r}", *_around(share, within), **told)
        for mark, share in accepted.up_to
    ]
    values = [
        class_share_between(name, value, *_around(share, within), **told) for value, share in accepted.shares.items()
    ]
    return [most_missing, *marks, *values]


def _around(share: float, within: float) -> tuple[float, float]:
    return round(max(0.0, share - within), DIGITS), round(min(1.0, share + within), DIGITS)


def _column(name: str, column: "pd.Series[Any]") -> AcceptedColumn | None:
    """None for times, and for text of so many values that it is a name rather than a kind."""
    kind, missing = kind_of(column), round(float(column.isna().mean()), DIGITS)
    if column.isna().all():
        return AcceptedColumn(column=name, missing=missing)
    if kind == "number":
        return AcceptedColumn(column=name, missing=missing, up_to=_up_to(column))
    if kind == "text" and column.nunique() <= MOST_VALUES:
        counted = column.value_counts(normalize=False) / len(column)
        shares = {str(value): round(float(share), DIGITS) for value, share in counted.items() if share >= LEAST_SHARE}
        return AcceptedColumn(column=name, missing=missing, shares=dict(sorted(shares.items())))
    return None


def _up_to(column: "pd.Series[Any]") -> tuple[tuple[float, float], ...]:
    """Values at the quantiles; many rows may have the same, so the share is what the value has, not the quantile."""
    marks = np.unique(column.dropna().quantile(list(QUANTILES), interpolation="lower").to_numpy(dtype=np.float64))
    return tuple((float(mark), round(float((column <= mark).mean()), DIGITS)) for mark in marks)
