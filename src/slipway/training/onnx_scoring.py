"""Scoring rows with an ONNX model, as the endpoint will."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from slipway.training.onnx_graph import PREDICTION

_ROWS_AT_ONCE = 50_000


def score(model: bytes, inputs: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Run a model over a table.

    Args:
        model: a serialized graph as :meth:`FittedModel.save` makes it, or as ``coded`` does.
        inputs: columns ``names`` with what the graph takes: float32 numbers, str categories or int64 codes, (n, k).

    Returns:
        float64 (n,).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    starts = range(0, len(inputs), _ROWS_AT_ONCE)
    parts = [session.run([PREDICTION], _feed(inputs.iloc[s : s + _ROWS_AT_ONCE], names))[0] for s in starts]
    return np.concatenate(parts)[:, 0] if parts else np.empty(0)


def _feed(rows: pd.DataFrame, names: Sequence[str]) -> dict[str, np.ndarray]:
    return {name: rows[[name]].to_numpy() for name in names}
