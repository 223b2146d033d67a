"""A use case small enough to be run many times; it is copied into a workspace under the name tiny."""

from use_cases.tiny import halting
from use_cases.tiny.expectations import suite
from use_cases.tiny.source import collect

from slipway.core.task import Task
from slipway.core.use_case import Categorical, Numeric, UseCase

halting.install()

USE_CASE = UseCase(
    name="tiny",
    title="Members who leave",
    task=Task.CLASSIFICATION,
    target="left",
    positive="Yes",
    key=("member",),
    features=(Numeric("age", "years"), Numeric("visits", "per month"), Categorical("plan")),
    collect=collect,
    expectations=suite(),
)
