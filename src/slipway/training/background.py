"""Real rows that explanations are told against."""

import pandas as pd

from slipway.core.background import Background
from slipway.core.use_case import UseCase
from slipway.training.rows import spelled

_ROWS = 64


def draw_background(use_case: UseCase, train: pd.DataFrame, seed: int) -> Background:
    """Up to 64 training rows, the same ones for the same seed.

    Args:
        train: prepared features: float32 numbers with NaN for missing, str categories with "" for missing.
    """
    drawn = train.sample(n=min(len(train), _ROWS), random_state=seed)
    return Background(rows=spelled(drawn[[feature.name for feature in use_case.features]], use_case.dates))
