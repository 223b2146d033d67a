"""From a valid raw table to what models are trained on and judged on."""

import numpy as np
import pandas as pd

from slipway.core.errors import DataUnfit
from slipway.core.params import SplitParams
from slipway.core.signature import Signature
from slipway.core.task import Task
from slipway.core.use_case import UseCase
from slipway.data.moments import days_of, moments_of
from slipway.data.split import in_holdout, is_late

TARGET = "__target__"
TIME = "__time__"
MISSING_CATEGORY = ""


def prepare(raw: pd.DataFrame, use_case: UseCase, split: SplitParams) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the training and the holdout table.

    Args:
        raw: the collected table, (n, any columns).

    Returns:
        Two tables with the use case's features (numbers float32 with NaN for missing, categories as str with
        "" for missing, dates as float32 days since 1970-01-01), ``__target__`` (float64; 0 or 1 for classification)
        and, where the use case has a time, ``__time__`` (float64 days since 1970-01-01), in the order of the raw rows.
        The holdout keeps the other raw columns too: a champion may need a feature that the candidate has given up.

    Raises:
        DataUnfit: a needed column is missing or of another type, the target or the time has gaps, or a side is left
            without rows or with one class only.
    """
    _require_columns(raw, use_case)
    table = pd.DataFrame({name: _numbers(raw[name]) for name in use_case.numeric})
    for name in use_case.categorical:
        table[name] = _categories(raw[name])
    for name in use_case.dates:
        table[name] = days_of(raw[name])
    table = table[[feature.name for feature in use_case.features]]
    table[TARGET] = _TARGETS[use_case.task](raw[use_case.target], use_case)
    if use_case.time is not None:
        table[TIME] = moments_of(raw[use_case.time])
    kept_back = held_out(raw, use_case, split)
    others = raw[[name for name in raw.columns if name not in table.columns and name != use_case.target]]
    train = table[~kept_back].reset_index(drop=True)
    holdout = table[kept_back].join(others[kept_back]).reset_index(drop=True)
    for side, rows in (("training", train), ("holdout", holdout)):
        _CHECKS[use_case.task](rows[TARGET], side)
    return train, holdout


def held_out(raw: pd.DataFrame, use_case: UseCase, split: SplitParams) -> np.ndarray:
    """Whether each row of the collected table is held out, bool (n,).

    Raises:
        DataUnfit: by time, a moment is missing or is none.
    """
    if split.by == "time":
        moments = moments_of(raw[str(use_case.time)]).to_numpy()
        return is_late(moments, start=split.holdout_from, share=split.holdout_share)
    return in_holdout(raw[list(use_case.key)], share=split.holdout_share, salt=split.salt)


def inputs_of(signature: Signature, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that a model takes, as its signature has them, from a holdout that was prepared for another.

    Raises:
        DataUnfit: a column is not there, or is not of the kind the model was trained on.
    """
    missing = [field.name for field in signature.inputs if field.name not in rows.columns]
    if missing:
        raise DataUnfit(
            f"the data no longer has its input {', '.join(missing)}",
            cause="the source dropped or renamed it after the model was trained",
            next_step="promote a candidate without it, with promote_without_champion_evidence in params.yaml",
        )
    encoders = {"number": _numbers, "category": _categories, "date": days_of}
    return pd.DataFrame({field.name: encoders[field.type](rows[field.name]) for field in signature.inputs})


def _require_columns(raw: pd.DataFrame, use_case: UseCase) -> None:
    needed = [*(feature.name for feature in use_case.features), *use_case.key, use_case.target]
    needed += [] if use_case.time is None else [use_case.time]
    missing = sorted({name for name in needed if name not in raw.columns})
    if missing:
        raise DataUnfit(
            f"the table has no column {', '.join(missing)}",
            cause="the source renamed or dropped it, or the use case misspells it",
            next_step=f"compare the features of use case {use_case.name} with the columns {', '.join(raw.columns)}",
        )


def _numbers(column: pd.Series) -> pd.Series:
    with np.errstate(over="ignore"):
        numbers = _numeric(column).astype("float32")
    infinite = int(np.isinf(numbers).sum())
    if infinite:
        raise DataUnfit(
            f"column {column.name} is infinite, or beyond what float32 holds, in {infinite} of {len(column)} rows",
            cause="a division by zero, or another unit, at the source",
            next_step=f"mend the source, or add an expectation on the range of {column.name}",
        )
    return numbers


def _numeric(column: pd.Series) -> pd.Series:
    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError) as error:
        raise DataUnfit(
            f"column {column.name} is not numeric: {error}",
            cause="the source changed the column's type",
            next_step="declare it Categorical, or mend the source",
        ) from error


def _categories(column: pd.Series) -> pd.Series:
    """Whole numbers become "1", not "1.0": a column with gaps is read as float."""
    text = column.astype("Int64").astype(object) if _is_whole(column) else column.astype(object)
    return text.where(column.notna(), MISSING_CATEGORY).astype(str)


def _is_whole(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and (column.dropna() % 1 == 0).all())


def _positive(column: pd.Series, use_case: UseCase) -> pd.Series:
    _refuse_gaps(column, use_case)
    return (column == use_case.positive).astype("float64")


def _value(column: pd.Series, use_case: UseCase) -> pd.Series:
    values = _numeric(column).astype("float64")
    _refuse_gaps(values.where(np.isfinite(values)), use_case)
    return values


def _refuse_gaps(column: pd.Series, use_case: UseCase) -> None:
    if column.isna().any():
        raise DataUnfit(
            f"target {use_case.target} is missing or infinite in {int(column.isna().sum())} of {len(column)} rows",
            cause="rows without an outcome were collected",
            next_step=f"drop such rows in the use case's collect, or add an expectation on {use_case.target}",
        )


def _two_classes(target: pd.Series, side: str) -> None:
    _some_rows(target, side)
    if target.nunique() < 2:
        raise DataUnfit(
            f"all {len(target)} {side} rows have the same class",
            cause="the source was filtered, or the positive value is misspelt",
            next_step="check the target column and the use case's `positive`",
        )


def _some_rows(target: pd.Series, side: str) -> None:
    if target.empty:
        raise DataUnfit(
            f"no {side} rows are left", cause="the table is too small to split", next_step="collect more rows"
        )


_TARGETS = {Task.CLASSIFICATION: _positive, Task.REGRESSION: _value}
_CHECKS = {Task.CLASSIFICATION: _two_classes, Task.REGRESSION: _some_rows}
