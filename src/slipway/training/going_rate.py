"""Learning how a row differs from the going rate, which the model then carries along as a table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from slipway.training.interface import FittedModel, Trainer
from slipway.training.onnx_splice import RateTable, with_going_rate


class GoingRate(RateTable, Protocol):
    """Levels read off training rows; a row's level is made of rows before it."""

    def base(self, rows: pd.DataFrame) -> np.ndarray:
        """What the inner model's answer is added to, float64 (n,)."""
        ...

    def features(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the feature ``column`` besides, float32."""
        ...

    def is_known(self, rows: pd.DataFrame) -> np.ndarray:
        """Whether there were earlier rows to read a level off, bool (n,)."""
        ...


@dataclass(frozen=True)
class GoingRateTrainer:
    """Trains ``inner`` on the target less the level of all, with the group's level as one more feature.

    The earliest rows have no level yet: levels are read off them, and the inner model does not see them.

    Attributes:
        read: makes levels of features (n, k) and the target (n,).
    """

    inner: Trainer
    read: Callable[[pd.DataFrame, np.ndarray], GoingRate]

    def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "GoingRateModel":
        rate = self.read(inputs, target)
        known = rate.is_known(inputs)
        rows = inputs[known]
        inner = self.inner.train(rate.features(rows), target[known] - rate.base(rows))
        return GoingRateModel(inner, rate)


@dataclass(frozen=True)
class GoingRateModel:
    """A model of the difference, and the levels it is added to."""

    inner: FittedModel
    rate: GoingRate

    def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.inner.evaluate(self.rate.features(inputs)) + self.rate.base(inputs))

    def save(self) -> bytes:
        return with_going_rate(self.inner.save(), self.rate)
