"""Reading a model's signature off the rows it was trained on."""

import pandas as pd

from slipway.core.signature import Field, Interval, Signature
from slipway.core.use_case import Categorical, Feature, Numeric, UseCase
from slipway.training.rows import shortest, spelled

_EXAMPLES = 5


def infer_signature(use_case: UseCase, train: pd.DataFrame, interval: Interval | None = None) -> Signature:
    """Describe inputs and output.

    Args:
        train: prepared features: float32 numbers with NaN for missing, str categories with "" for missing.
        interval: of a value that is predicted; None for tasks without.
    """
    return Signature(
        use_case=use_case.name,
        title=use_case.title,
        task=use_case.task,
        inputs=tuple(_field(feature, train[feature.name]) for feature in use_case.features),
        output=use_case.target,
        output_unit=use_case.unit,
        interval=interval,
        examples=spelled(_exemplary(train, use_case), use_case.dates),
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
        type="number" if isinstance(feature, Numeric) else "date",
        nullable=bool(column.isna().any()),
        unit=feature.unit if isinstance(feature, Numeric) else "",
        description=feature.description,
        low=shortest(column.min()),
        high=shortest(column.max()),
    )


def _exemplary(train: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """Whole rows first, then one with a gap where there is one."""
    features = train[[feature.name for feature in use_case.features]]
    gaps = features.isna().any(axis=1) | (features == "").any(axis=1)
    return pd.concat([features[~gaps].head(_EXAMPLES - 1), features[gaps].head(1)])
