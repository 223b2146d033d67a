"""Sources of made-up tables; ``slipway new`` copies one into a use case that has no data yet."""

from pathlib import Path

import pandas as pd

from slipway.core.task import Task
from slipway.making.samples import classification, regression

_SOURCES = {Task.CLASSIFICATION: classification.collect, Task.REGRESSION: regression.collect}


def collect_sample(task: Task) -> pd.DataFrame:
    """The table that the sample for a task makes."""
    return _SOURCES[task](Path())
