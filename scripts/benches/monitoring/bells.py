"""Twenty columns of normal noise, in which a shift is hardest to see."""

import numpy as np
import pandas as pd

from scripts.benches.monitoring.sample import Sample
from slipway.core.params import UseCaseParams
from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.core.use_case import Numeric, UseCase
from slipway.data.preparation import TARGET
from slipway.monitoring.reference import SCORE

NAME, COLUMNS, ROWS = "normal noise", 20, 7_500


def bells(section: UseCaseParams) -> Sample:
    """Rows that no use case has; the outcome follows the first column, and all columns are equally important."""
    random, names = np.random.default_rng(20), [f"x{number}" for number in range(COLUMNS)]
    table = pd.DataFrame(random.normal(size=(ROWS, COLUMNS)), columns=names)
    score = 1 / (1 + np.exp(-table["x0"].to_numpy()))
    table = table.assign(**{TARGET: (random.random(ROWS) < score).astype(float), SCORE: score})
    use_case = UseCase(
        name=NAME, title="", task=Task.CLASSIFICATION, target=TARGET, positive="1", key=(),
        features=tuple(Numeric(name, "") for name in names), collect=lambda _: table, expectations=(),
    )  # fmt: skip
    inputs = tuple(Field(name=name, type="number", nullable=False, low=-9, high=9) for name in names)
    signature = Signature(
        use_case="", title="", task=use_case.task, inputs=inputs, output="y", examples=(), threshold=0.5
    )
    return Sample(use_case, table, signature, dict.fromkeys(names, 1.0), section)
