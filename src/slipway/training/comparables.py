"""The latest training rows, to be shown beside predictions of rows like them."""

import numpy as np
import pandas as pd

from slipway.core.comparables import Alike, ComparableRows
from slipway.core.days import day_text
from slipway.core.use_case import UseCase
from slipway.training.rows import spelled

DIGITS = 10


def latest_rows(use_case: UseCase, train: pd.DataFrame, target: np.ndarray, time: np.ndarray) -> ComparableRows | None:
    """The rows that travel in the bundle, the latest first; None where the use case declares none.

    Rows without a place, or without a size above 0, are left out.

    Args:
        train: prepared features (n, k).
        target: float64 (n,), in its own unit; ``time`` in days since 1970-01-01.
    """
    declared = use_case.comparables
    if declared is None:
        return None
    usable = train[[*declared.place, declared.size]].notna().all(axis=1) & (train[declared.size] > 0)
    order = np.argsort(-time, kind="stable")
    latest = order[usable.to_numpy()[order]][: declared.kept]
    names = tuple(dict.fromkeys((*declared.place, declared.size, *declared.same, *declared.shown)))
    dates = [name for name in names if name in use_case.dates]
    rows = spelled(train.iloc[latest][list(names)], dates)
    return ComparableRows(
        alike=Alike(
            place=declared.place,
            size=declared.size,
            time=use_case.time if use_case.time in use_case.dates else None,
            same=declared.same,
            km=declared.km,
            ratio=declared.ratio,
            days=declared.days,
        ),
        count=declared.count,
        days=tuple(day_text(day) for day in time[latest]),
        target=tuple(float(f"{value:.{DIGITS}g}") for value in target[latest]),
        columns={name: tuple(row[name] for row in rows) for name in names},
    )
