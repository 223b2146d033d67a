"""Dates as numbers."""

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from slipway.core.errors import DataUnfit

EPOCH = pd.Timestamp("1970-01-01")
_DAY = pd.Timedelta(days=1)


def days_of(column: pd.Series) -> pd.Series:
    """Whole days since 1970-01-01, float32 (n,), exact for some 45,000 years; raises like :func:`moments_of`."""
    return pd.Series(np.floor(moments_of(column)).astype("float32"), index=column.index)


def moments_of(column: pd.Series) -> pd.Series:
    """Days since 1970-01-01 with the part of the day that has passed, float64 (n,).

    Args:
        column: moments or days, or text in ISO 8601; with a time zone, UTC counts. Days that were counted already
            (float32) are what they are.

    Raises:
        DataUnfit: a date is missing, or is none.
    """
    if column.dtype == "float32":
        return column.astype("float64")
    if is_numeric_dtype(column):
        raise _unfit(column, "is no date but a number")
    moments = column if is_datetime64_any_dtype(column) else _read(column)
    if moments.isna().any():
        raise _unfit(column, f"is missing in {int(moments.isna().sum())} of {len(column)} rows")
    plain = moments.dt.tz_convert("UTC").dt.tz_localize(None) if moments.dt.tz is not None else moments
    return (plain - EPOCH) / _DAY


def _read(column: pd.Series) -> pd.Series:
    try:
        return pd.to_datetime(column.astype("string"), format="ISO8601", utc=True)
    except (ValueError, TypeError) as error:
        raise _unfit(column, f"is no date: {error}") from error


def _unfit(column: pd.Series, problem: str) -> DataUnfit:
    return DataUnfit(
        f"column {column.name} {problem}",
        cause="the source writes dates otherwise, or has rows without one",
        next_step="let the use case's collect return dates as datetime64 or as text such as 2016-01-31",
    )
