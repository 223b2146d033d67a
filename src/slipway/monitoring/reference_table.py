"""The table that a live model's rows are compared with: ``reference.parquet``, kept with its version."""

import numpy as np
import pandas as pd

from slipway.core.signature import Field, Signature
from slipway.data.preparation import MISSING_CATEGORY, TARGET
from slipway.monitoring.reference import SCORE

MOST_ROWS = 20_000


def reference_table(
    signature: Signature, holdout: pd.DataFrame, scores: np.ndarray, train: pd.DataFrame | None, seed: int = 0
) -> pd.DataFrame:
    """Rows that tell what the model's inputs and predictions looked like when it was made.

    Args:
        holdout, train: prepared rows; ``train`` None where rows were held out by time: old rows are not the present.
        scores: the model's of the holdout, float64 (n,).

    Returns:
        At most 20,000 rows: those held out, filled up with training rows, whose score is NaN. A column an input,
        numbers and dates float64, categories str or None; ``__score__`` and ``__target__``. Of inputs that the log
        hashes the column says only whether there was a value, of those it leaves out not even that.
    """
    parts = [_columns(signature, holdout, scores)]
    if len(holdout) > MOST_ROWS:
        return parts[0].sample(n=MOST_ROWS, random_state=seed).reset_index(drop=True)
    if train is not None:
        more = train.sample(n=min(len(train), MOST_ROWS - len(holdout)), random_state=seed)
        parts.append(_columns(signature, more, np.full(len(more), np.nan)))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def inputs_shown(signature: Signature, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """A model's inputs in prepared rows, as the log shows them; each (n,)."""
    return {field.name: _shown(field, _column(field, rows[field.name])) for field in signature.inputs}


def _columns(signature: Signature, rows: pd.DataFrame, scores: np.ndarray) -> pd.DataFrame:
    made = inputs_shown(signature, rows)
    return pd.DataFrame(made | {SCORE: scores, TARGET: rows[TARGET].to_numpy(np.float64)})


def _column(field: Field, values: pd.Series) -> np.ndarray:
    if field.type == "category":
        words = values.to_numpy(object).copy()
        words[words == MISSING_CATEGORY] = None
        return words
    return values.to_numpy(np.float64)


def _shown(field: Field, values: np.ndarray) -> np.ndarray:
    """What the log keeps as a hash, or not at all, does not leave in plain through here either."""
    if field.log == "plain":
        return values
    stand_in = np.full(len(values), 1.0) if field.type != "category" else np.full(len(values), field.log, object)
    if field.log == "hashed":
        missing = pd.isna(values)
        stand_in[missing] = np.nan if field.type != "category" else None
    return stand_in
