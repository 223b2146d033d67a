"""What a framework must offer to be trained, judged and served here."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pandas as pd


class FittedModel(Protocol):
    """A model that has learned."""

    def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
        """Score rows: probability of the positive class, or the value; float64 (n,)."""
        ...

    def save(self) -> bytes:
        """The whole model from raw features to the score as one ONNX graph.

        One input a feature, named like it, shape (n, 1), float32 or string; one output "prediction",
        float64 (n, 1).
        """
        ...


class Trainer(Protocol):
    """Makes a FittedModel; equal inputs give equal models, whatever the number of threads."""

    def train(self, inputs: pd.DataFrame, target: np.ndarray) -> FittedModel:
        """Fit on features (n, k) and target float64 (n,)."""
        ...


Written = Callable[[Callable[[str], object]], bytes]
"""Gives a function a path to write to and returns what it wrote: for a library that knows no other way out."""
