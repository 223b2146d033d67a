"""Learning the logarithm of a target, and answering in the target's own unit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from slipway.core.errors import DataUnfit
from slipway.training.interface import FittedModel, Trainer
from slipway.training.onnx_splice import exponentiated


@dataclass(frozen=True)
class LogTargetTrainer:
    """Trains ``inner`` on ln(target); what comes back is the median where errors of the logarithm are symmetric."""

    inner: Trainer

    def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "LogTargetModel":
        """Fit; raises DataUnfit when a target is not positive."""
        if not (target > 0).all():
            raise DataUnfit(
                f"the target is 0 or less in {int((~(target > 0)).sum())} of {target.size} training rows",
                cause="train.target is log, and such rows have no logarithm",
                next_step="set train.target to plain in params.yaml, or leave such rows out where they are collected",
            )
        return LogTargetModel(self.inner.train(inputs, np.log(target)))


@dataclass(frozen=True)
class LogTargetModel:
    """A model of the logarithm."""

    inner: FittedModel

    def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
        return np.asarray(np.exp(self.inner.evaluate(inputs)))

    def save(self) -> bytes:
        return exponentiated(self.inner.save())
