"""Which trainer belongs to which section ``train`` of params.yaml."""

from typing import Any

from slipway.core.params import AnyTrainParams, CatBoostParams, LightGBMParams
from slipway.core.task import Task
from slipway.training.interface import Trainer


def make_trainer(params: AnyTrainParams, task: Task, encoder: Any) -> Trainer:
    """Build the trainer that the params ask for around an unfitted encoder."""
    if isinstance(params, LightGBMParams):
        from slipway.training.lightgbm import LightGBMTrainer

        return LightGBMTrainer(params, task, encoder)
    if isinstance(params, CatBoostParams):
        from slipway.training.catboost import CatBoostTrainer

        return CatBoostTrainer(params, task, encoder)
    from slipway.training.linear import LinearTrainer

    return LinearTrainer(params, task, encoder)
