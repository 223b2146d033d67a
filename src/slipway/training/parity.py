"""Proof that an exported model is the fitted one."""

import numpy as np

from slipway.core.errors import ParityBroken
from slipway.core.evaluation import Parity

TOLERANCE = 1e-5
_SMALL = 1e-3


def prove_parity(fitted: np.ndarray, exported: np.ndarray) -> Parity:
    """Compare the two models' scores on the same rows.

    The difference is relative to the fitted score, or to a thousandth of the scores' standard deviation where
    the score is smaller than that.

    Args:
        fitted: float64 (n,), from the fitted pipeline.
        exported: float64 (n,), from the ONNX model.

    Raises:
        ParityBroken: the largest relative difference is above 1e-5 or not a number; names up to five rows.
    """
    scale = np.maximum(np.abs(fitted), _SMALL * max(float(np.std(fitted)), np.finfo(float).tiny))
    difference = np.abs(fitted - exported) / scale
    wrong = np.flatnonzero(~(difference <= TOLERANCE))
    if wrong.size:
        rows = ", ".join(f"{r} ({fitted[r]:.6g} became {exported[r]:.6g})" for r in wrong[:5])
        raise ParityBroken(
            f"the exported model disagrees with the fitted one on {wrong.size} of {fitted.size} holdout rows: {rows}",
            cause="the converter does not support a step of the pipeline exactly",
            next_step="use encoders and estimators of slipway.features and slipway.training, or mend the converter",
        )
    largest = float(difference.max()) if difference.size else 0.0
    return Parity(rows=fitted.size, largest_relative_difference=largest, tolerance=TOLERANCE)
