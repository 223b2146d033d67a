"""Use cases without data of their own, for stages that need no more than a name."""

from pathlib import Path

import pandas as pd

from slipway.core.task import Task
from slipway.core.use_case import Categorical, Numeric, UseCase
from tests.support.records import USE_CASE


def _nothing(_: Path) -> pd.DataFrame:
    return pd.DataFrame()


CHURN = UseCase(
    name=USE_CASE,
    title="Who leaves next month",
    task=Task.CLASSIFICATION,
    target="churn",
    positive="Yes",
    key=("customer",),
    features=(Numeric("tenure", "months"), Categorical("contract")),
    collect=_nothing,
    expectations=(),
)
