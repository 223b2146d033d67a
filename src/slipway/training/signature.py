"""Reading a model's signature off the rows it was trained on."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from slipway.core.signature import Field, Signature
from slipway.core.use_case import Categorical, Feature, UseCase

_EXAMPLES = 5


def infer_signature(use_case: UseCase, train: pd.DataFrame) -> Signature:
    """Describe inputs and output.

    Args:
        train: prepared features: float32 numbers with NaN for missing, str categories with "" for missing.
    """
    return Signature(
        use_case=use_case.name,
        title=use_case.title,
        task=use_case.task,
        inputs=tuple(_field(feature, train[feature.name]) for feature in use_case.features),
        output=use_case.target,
        output_unit=use_case.unit,
        examples=tuple(_example(row) for row in _exemplary(train, use_case).to_dict("records")),
    )


def _field(feature: Feature, column: pd.Series) -> Field:
    if isinstance(feature, Categorical):
        seen = sorted(set(column) - {""})
        nullable = bool((column == "").any())
        return Field(
            name=feature.name,
            type="category",
            nullable=nullable,
            description=feature.description,
            categories=tuple(seen),
        )
    return Field(
        name=feature.name,
        type="number",
        nullable=bool(column.isna().any()),
        unit=feature.unit,
        description=feature.description,
        low=_number(column.min()),
        high=_number(column.max()),
    )


def _exemplary(train: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """Whole rows first, then one with a gap where there is one."""
    features = train[[feature.name for feature in use_case.features]]
    gaps = features.isna().any(axis=1) | (features == "").any(axis=1)
    return pd.concat([features[~gaps].head(_EXAMPLES - 1), features[gaps].head(1)])


def _example(row: Mapping[Hashable, Any]) -> dict[str, float | str | None]:
    return {str(name): (value or None) if isinstance(value, str) else _number(value) for name, value in row.items()}


def _number(value: float) -> float | None:
    """The shortest decimal that is this float32, so that 29.85 is not shown as 29.850000381."""
    return None if pd.isna(value) else float(str(np.float32(value)))
