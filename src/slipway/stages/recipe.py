"""From what a use case declares and params.yaml asks for to a trainer, a naive guess and an order of rows."""

from functools import partial

import numpy as np
import pandas as pd

from slipway.core.params import AnyTrainParams
from slipway.core.use_case import UseCase
from slipway.data.preparation import TARGET, TIME
from slipway.features.encoders import ENCODERS
from slipway.features.local_level import fit_local_levels, relative_level
from slipway.training.catalog import make_trainer
from slipway.training.going_rate import GoingRateTrainer
from slipway.training.interface import Trainer
from slipway.training.log_target import LogTargetTrainer
from slipway.training.naive import going_rate_guess, mean_guess
from slipway.workspace.files import written


def trainer_of(use_case: UseCase, params: AnyTrainParams) -> Trainer:
    """The trainer from prepared features and target to a model that takes the same features."""
    if use_case.level is None or use_case.time is None or params.level is None:
        trainer = _estimator(use_case, params)
    else:
        inner = _estimator(use_case, params, relative_level(use_case.level.by))
        read = partial(fit_local_levels, level=use_case.level, date=use_case.time, params=params.level)
        trainer = GoingRateTrainer(inner, read)
    return LogTargetTrainer(trainer) if params.target == "log" else trainer


def _estimator(use_case: UseCase, params: AnyTrainParams, *further: str) -> Trainer:
    numbers = (*use_case.numeric, *use_case.dates, *further)
    return make_trainer(params, use_case.task, ENCODERS[params.estimator](numbers, use_case.categorical), written)


def naive_guess(use_case: UseCase, train: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """What a model must be better than: the going rate where the use case declares one, else the mean; float64 (m,)."""
    target = train[TARGET].to_numpy()
    if use_case.level is None:
        return mean_guess(target, rows)
    return going_rate_guess(train, target, train[TIME].to_numpy(), rows, use_case.level)
