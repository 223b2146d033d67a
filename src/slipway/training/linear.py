"""Logistic and ridge regression by scikit-learn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from onnx import helper, numpy_helper

from slipway.core.params import LinearParams
from slipway.core.task import Task
from slipway.training.onnx_graph import INPUT, LINKS, OUTPUT, assemble


@dataclass(frozen=True)
class LinearTrainer:
    """Fits an encoder and a penalised linear model in one scikit-learn pipeline."""

    params: LinearParams
    task: Task
    encoder: Any

    def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "LinearModel":
        from sklearn.base import clone
        from sklearn.pipeline import Pipeline

        pipeline = Pipeline([("encoder", clone(self.encoder)), ("linear", _estimator(self.params, self.task))])
        pipeline.fit(inputs, target)
        return LinearModel(pipeline, self.task, tuple(inputs.columns))


def _estimator(params: LinearParams, task: Task) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    estimators = {
        Task.CLASSIFICATION: LogisticRegression(C=1 / params.strength, max_iter=1000),
        Task.REGRESSION: Ridge(alpha=params.strength),
    }
    return estimators[task]


@dataclass(frozen=True)
class LinearModel:
    """A fitted pipeline of encoder and linear model."""

    pipeline: Any
    task: Task
    names: tuple[str, ...]

    def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
        encoded = self.pipeline["encoder"].transform(inputs[list(self.names)]).astype("float64")
        raw = encoded @ self._weights() + self._intercept()
        return np.asarray(_LINK[self.task](raw), dtype="float64")[:, 0]

    def save(self) -> bytes:
        weights, intercept = self._weights(), self._intercept()
        head = [
            _constant("weights", weights),
            _constant("intercept", intercept),
            helper.make_node("MatMul", [INPUT, "weights"], ["product"], name="product"),
            helper.make_node("Add", ["product", "intercept"], [OUTPUT], name="sum"),
        ]
        return assemble(self.pipeline["encoder"], self.names, head, LINKS[self.task])

    def _weights(self) -> np.ndarray:
        return np.asarray(self.pipeline["linear"].coef_, dtype="float64").reshape(-1, 1)

    def _intercept(self) -> np.ndarray:
        return np.asarray(self.pipeline["linear"].intercept_, dtype="float64").reshape(1)


def _sigmoid(raw: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-raw)))


def _identity(raw: np.ndarray) -> np.ndarray:
    return raw


_LINK = {Task.CLASSIFICATION: _sigmoid, Task.REGRESSION: _identity}


def _constant(name: str, value: np.ndarray) -> Any:
    return helper.make_node("Constant", [], [name], name=name, value=numpy_helper.from_array(value, name))
