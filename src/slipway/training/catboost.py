"""Gradient boosted symmetric trees by CatBoost."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from slipway.core.params import CatBoostParams
from slipway.core.task import Task
from slipway.training.interface import Written
from slipway.training.onnx_graph import LINKS, assemble
from slipway.training.onnx_trees import Node, summed_trees

_WORTH_THREADS = 50_000
_MISSING_IS_LARGE = "AsTrue"


@dataclass(frozen=True)
class CatBoostTrainer:
    """Fits an encoder and an ensemble of trees; categories are numbers to them, as to LightGBM's here."""

    params: CatBoostParams
    task: Task
    encoder: Any
    written: Written

    def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "CatBoostModel":
        from sklearn.base import clone

        encoder = clone(self.encoder)
        encoded = encoder.fit_transform(inputs)
        ensemble = _ensemble(self.params, self.task, len(inputs)).fit(encoded, target)
        return CatBoostModel(encoder, ensemble, self.task, tuple(inputs.columns), self.written)


def _ensemble(params: CatBoostParams, task: Task, rows: int) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    kinds = {Task.CLASSIFICATION: CatBoostClassifier, Task.REGRESSION: CatBoostRegressor}
    return kinds[task](
        **params.own(),
        bootstrap_type="MVS",
        random_seed=params.seed,
        thread_count=1 if rows < _WORTH_THREADS else -1,
        allow_writing_files=False,
        verbose=0,
    )


@dataclass(frozen=True)
class CatBoostModel:
    """A fitted encoder and a fitted ensemble."""

    encoder: Any
    ensemble: Any
    task: Task
    names: tuple[str, ...]
    written: Written

    def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
        encoded = self.encoder.transform(inputs[list(self.names)])
        raw = self.ensemble.predict(encoded, prediction_type="RawFormulaVal")
        return np.asarray(_LINK[self.task](np.asarray(raw, "float64")))

    def save(self) -> bytes:
        dump = json.loads(self.written(partial(self.ensemble.save_model, format="json")))
        return assemble(self.encoder, self.names, summed_trees(list(_nodes(dump))), LINKS[self.task])


def _nodes(dump: dict[str, Any]) -> Iterator[Node]:
    """A symmetric tree asks one question a level; the bias is a tree of one leaf.

    Source: CatBoost's JSON of a model. Bit k of a leaf's number is 1 where the feature is above the border of split k;
    a missing value is so only where its treatment is "AsTrue". Borders and features are float32.
    """
    scale, [bias] = dump["scale_and_bias"]
    features = dump["features_info"]["float_features"]
    last_is_missing = {f["feature_index"]: f["nan_value_treatment"] == _MISSING_IS_LARGE for f in features}
    yield Node(0, 0, "LEAF", leaf=bias)
    for number, tree in enumerate(dump["oblivious_trees"], start=1):
        yield from _tree(number, tree["splits"], [scale * leaf for leaf in tree["leaf_values"]], last_is_missing)


def _tree(
    tree: int, splits: Sequence[dict[str, Any]], leaves: Sequence[float], last_is_missing: dict[int, bool]
) -> Iterator[Node]:
    """Nodes numbered as in a heap, the last split at the root: node n has children 2n + 1 (not above) and 2n + 2."""
    depth = len(splits)
    for level, split in enumerate(reversed(splits)):
        feature = split["float_feature_index"]
        for number in range(2**level - 1, 2 ** (level + 1) - 1):
            yield Node(
                tree,
                number,
                "BRANCH_LEQ",
                feature=feature,
                threshold=float(np.float32(split["border"])),
                yes=2 * number + 1,
                no=2 * number + 2,
                missing_goes_left=not last_is_missing[feature],
            )
    for position, leaf in enumerate(leaves):
        yield Node(tree, 2**depth - 1 + position, "LEAF", leaf=leaf)


def _sigmoid(raw: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-raw)))


def _identity(raw: np.ndarray) -> np.ndarray:
    return raw


_LINK = {Task.CLASSIFICATION: _sigmoid, Task.REGRESSION: _identity}
