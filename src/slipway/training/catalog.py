"""Which trainer belongs to which section ``train`` of params.yaml."""

from typing import Any

from slipway.core.params import AnyTrainParams, CatBoostParams, LightGBMParams
from slipway.core.task import Task
from slipway.training.interface import Trainer, Written


def make_trainer(params: AnyTrainParams, task: Task, encoder: Any, written: Written | None = None) -> Trainer:
    """Build the trainer that the params ask for around an unfitted encoder.

    Args:
        written: what CatBoost's trees are read back through; no other estimator needs it.
    """
    if isinstance(params, LightGBMParams):
        from slipway.training.lightgbm import LightGBMTrainer

        return LightGBMTrainer(params, task, encoder)
    if isinstance(params, CatBoostParams):
        from slipway.training.catboost import CatBoostTrainer

        if written is None:
            raise TypeError("CatBoost writes its trees to files alone: make_trainer needs `written`")
        return CatBoostTrainer(params, task, encoder, written)
    from slipway.training.linear import LinearTrainer

    return LinearTrainer(params, task, encoder)
