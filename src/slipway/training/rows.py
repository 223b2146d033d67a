"""Prepared rows as people and requests spell them."""

from collections.abc import Collection, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from slipway.core.days import day_text
from slipway.core.signature import Row


def spelled(rows: pd.DataFrame, dates: Collection[str] = ()) -> tuple[Row, ...]:
    """Each prepared row (n, k) as a complete input: null for NaN and for the empty category, ISO 8601 for ``dates``."""
    written = rows.assign(**{name: rows[name].map(day_text) for name in dates})
    return tuple(_row(row) for row in written.to_dict("records"))


def shortest(value: float) -> float | None:
    """The shortest decimal that is this float32, so that 29.85 is not shown as 29.850000381."""
    return None if pd.isna(value) else float(str(np.float32(value)))


def _row(row: Mapping[Hashable, Any]) -> Row:
    return {str(name): (value or None) if isinstance(value, str) else shortest(value) for name, value in row.items()}
