"""Gradient boosted trees by LightGBM."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from slipway.core.params import LightGBMParams
from slipway.core.task import Task
from slipway.training.onnx_graph import LINKS, assemble
from slipway.training.onnx_trees import tree_ensemble

_WORTH_THREADS = 50_000


@dataclass(frozen=True)
class LightGBMTrainer:
    """Fits an encoder and a booster in one scikit-learn pipeline."""

    params: LightGBMParams
    task: Task
    encoder: Any

    def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "LightGBMModel":
        from sklearn.base import clone
        from sklearn.pipeline import Pipeline

        pipeline = Pipeline(
            [("encoder", clone(self.encoder)), ("booster", _booster(self.params, self.task, len(inputs)))]
        )
        pipeline.fit(inputs, target)
        return LightGBMModel(pipeline, self.task, tuple(inputs.columns))


def _booster(params: LightGBMParams, task: Task, rows: int) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kinds = {Task.CLASSIFICATION: LGBMClassifier, Task.REGRESSION: LGBMRegressor}
    return kinds[task](
        **params.own(),
        subsample_freq=1,
        random_state=params.seed,
        deterministic=True,
        force_row_wise=True,
        n_jobs=_threads(rows),
        verbose=-1,
    )


def _threads(rows: int) -> int:
    """One for a small table: on a busy machine threads that wait for each other cost more than they save."""
    return 1 if rows < _WORTH_THREADS else 0


@dataclass(frozen=True)
class LightGBMModel:
    """A fitted pipeline of encoder and booster."""

    pipeline: Any
    task: Task
    names: tuple[str, ...]

    def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
        encoded = self.pipeline["encoder"].transform(inputs[list(self.names)])
        scores = self.pipeline["booster"].booster_.predict(encoded, num_threads=_threads(len(inputs)))
        return np.asarray(scores, dtype="float64")

    def save(self) -> bytes:
        booster = self.pipeline["booster"].booster_.dump_model()
        return assemble(self.pipeline["encoder"], self.names, tree_ensemble(booster), LINKS[self.task])
