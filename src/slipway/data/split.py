"""Dealing rows into training and holdout so that a row never changes sides."""

import hashlib

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

_RESOLUTION = 1 << 32


def in_holdout(keys: pd.DataFrame, *, share: float, salt: str) -> np.ndarray:
    """Say for each row whether it is held out; a pure function of its key and the salt.

    Equal keys share a side, and a row keeps its side whatever other rows come or go.

    Args:
        keys: the columns that identify a row, (n, k); numbers are compared as float64.
        share: expected share of distinct keys that are held out, between 0 and 1.
        salt: changes the deal.

    Returns:
        Booleans, (n,).
    """
    return (hashed(keys, salt) % _RESOLUTION) < share * _RESOLUTION


def hashed(keys: pd.DataFrame, salt: str) -> np.ndarray:
    """A number for each row (n, k) that depends on its key and the salt alone; uint64 (n,)."""
    return pd.util.hash_pandas_object(_uniform(keys), index=False, hash_key=_hash_key(salt)).to_numpy()


def is_late(moments: np.ndarray, *, start: str | None, share: float) -> np.ndarray:
    """Say for each row whether it is held out as one of the latest.

    Args:
        moments: float64 (n,), days since 1970-01-01.
        start: the first day held out, ISO 8601.
        share: where there is no ``start``: of the rows, at most so many are held out; equal moments share a side, and
            the first day held out grows with the table.

    Returns:
        Booleans, (n,).
    """
    if start is not None:
        return np.asarray(moments >= (pd.Timestamp(start) - pd.Timestamp("1970-01-01")).days)
    rank = min(int(np.ceil(moments.size * (1 - share))), moments.size) - 1
    return np.asarray(moments > np.sort(moments)[rank]) if moments.size else np.zeros(0, bool)


def _hash_key(salt: str) -> str:
    """SipHash takes sixteen bytes."""
    return hashlib.sha256(salt.encode()).hexdigest()[:16]


def _uniform(keys: pd.DataFrame) -> pd.DataFrame:
    """One dtype for numbers and one for text, so that a column read as int or as float hashes alike."""
    return pd.DataFrame({name: _uniform_column(column) for name, column in keys.items()})


def _uniform_column(column: pd.Series) -> pd.Series:
    if is_numeric_dtype(column):
        return column.astype("float64") + 0.0
    return column.astype(object)
