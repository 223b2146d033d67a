"""What differs between two tables: columns, types, missing values, and how far distributions are apart.

Numbers are counted in bins whose edges are quantiles of both tables together, text in its most frequent values; so a
bin is never empty on both sides, and neither ids nor outliers decide the distance.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.core.changes import ColumnChange, DataChanges, Retyped

MOST_BINS = 20
ROWS_A_BIN = 100
MOST_CATEGORIES = 50
SAMPLED = 50_000
"""Quantiles are of at most this many evenly spaced values a table; the counts in the bins are of all."""


def changes(before: pd.DataFrame, after: pd.DataFrame, *, use_case: str, reference: str) -> DataChanges:
    """Compare two tables; the order of rows and of columns does not matter.

    A million rows of fifty columns take seconds.
    """
    shared = [name for name in after.columns if name in before.columns]
    compared = [_column(str(name), before[name], after[name]) for name in shared]
    return DataChanges(
        use_case=use_case,
        reference=reference,
        known=True,
        rows_before=len(before),
        rows_after=len(after),
        added=tuple(str(name) for name in after.columns if name not in before.columns),
        removed=tuple(str(name) for name in before.columns if name not in after.columns),
        retyped=tuple(
            Retyped(column=str(name), before=kind_of(before[name]), after=kind_of(after[name]))
            for name in shared
            if kind_of(before[name]) != kind_of(after[name])
        ),
        columns=tuple(sorted(compared, key=lambda c: -1.0 if c.distance is None else c.distance, reverse=True)),
    )


def kind_of(column: "pd.Series[Any]") -> str:
    """``number``, ``true or false``, ``time`` or ``text``: what people call a column's type."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return "true or false"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "number"
    return "time" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "text"


def _column(name: str, before: "pd.Series[Any]", after: "pd.Series[Any]") -> ColumnChange:
    return ColumnChange(
        column=name,
        missing_before=_missing(before),
        missing_after=_missing(after),
        distance=_distance(before.dropna(), after.dropna()),
    )


def _missing(column: "pd.Series[Any]") -> float:
    return float(column.isna().mean()) if len(column) else 0.0


def _distance(before: "pd.Series[Any]", after: "pd.Series[Any]") -> float | None:
    kind = kind_of(before)
    if kind != kind_of(after) or before.empty or after.empty:
        return None
    counts = _counts_of_text if kind in {"text", "true or false"} else _counts_of_numbers
    return jensen_shannon(*counts(before, after))


def _counts_of_text(
    before: "pd.Series[Any]", after: "pd.Series[Any]"
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How often each of the most frequent values occurs, and all others together."""
    counted = pd.DataFrame({"before": _frequencies(before), "after": _frequencies(after)}).fillna(0.0)
    shares = counted["before"] / len(before) + counted["after"] / len(after)
    top = counted.loc[shares.nlargest(MOST_CATEGORIES).index]
    rest = counted.sum() - top.sum()
    return np.append(top["before"].to_numpy(), rest["before"]), np.append(top["after"].to_numpy(), rest["after"])


def _frequencies(column: "pd.Series[Any]") -> "pd.Series[Any]":
    try:
        found = column.value_counts()
    except TypeError:  # lists and mappings have no hash
        found = column.astype(str).value_counts()
    if pd.api.types.infer_dtype(found.index) == "string":
        return found
    return found.groupby(found.index.astype(str)).sum()  # 1 and "1" are told as the same text


def _counts_of_numbers(
    before: "pd.Series[Any]", after: "pd.Series[Any]"
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    old, new = _figures(before), _figures(after)
    bins = int(np.clip(min(len(old), len(new)) // ROWS_A_BIN, 5, MOST_BINS))
    edges = _edges(old, new, bins)
    counts = [np.bincount(np.searchsorted(edges, v), minlength=len(edges) + 1) for v in (old, new)]
    return counts[0].astype(np.float64), counts[1].astype(np.float64)


def _figures(column: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    as_number = column.astype("int64") if kind_of(column) == "time" else column
    return np.asarray(as_number.to_numpy(), dtype=np.float64)


def _edges(old: npt.NDArray[np.float64], new: npt.NDArray[np.float64], bins: int) -> npt.NDArray[np.float64]:
    """Quantiles of both tables together, each weighing the same however many rows it has."""
    spots = np.linspace(0, 1, SAMPLED)
    drawn = [values[np.round(spots * (len(values) - 1)).astype(np.intp)] for values in (old, new)]
    ordered = np.sort(np.concatenate(drawn))
    return np.unique(ordered[np.linspace(0, len(ordered) - 1, bins + 1).astype(np.intp)[:-1]])


def jensen_shannon(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> float:
    """Jensen-Shannon distance of two rows of counts, base 2: 0 for equal shares, 1 for none in common.

    It is the root of the divergence in J. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions
    on Information Theory 37 (1991); the root is a metric: D. Endres and J. Schindelin, "A new metric for probability
    distributions", ibid. 49 (2003).
    """
    p, q = before / before.sum(), after / after.sum()
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return float(np.sqrt(np.clip(divergence, 0.0, 1.0)))


def _relative_entropy(p: npt.NDArray[np.float64], q: npt.NDArray[np.float64]) -> float:
    there = p > 0
    return float(np.sum(p[there] * np.log2(p[there] / q[there])))
