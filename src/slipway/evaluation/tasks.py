"""Which kit serves which task: the one place where they are told apart."""

from collections.abc import Mapping

from slipway.core.task import Task
from slipway.evaluation import classification, regression
from slipway.evaluation.measure import Kit

KITS: Mapping[Task, Kit] = {Task.CLASSIFICATION: classification.KIT, Task.REGRESSION: regression.KIT}


def metric_names(task: Task) -> tuple[str, ...]:
    """The metrics that a gate of this task may name."""
    return tuple(KITS[task].measures)
