"""Encoders from a table of features to the numbers an estimator takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def ordinal_encoder(numeric: Sequence[str], categorical: Sequence[str]) -> Any:
    """Categories as whole numbers in sorted order, numbers as they are: what trees need.

    Returns:
        An unfitted scikit-learn transformer from a table to float32 (n, numeric + categorical);
        a category that was not there when fitting becomes -1.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OrdinalEncoder

    encoder = OrdinalEncoder(dtype=np.float32, handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer(_present(("numeric", "passthrough", numeric), ("categorical", encoder, categorical)))


def one_hot_encoder(numeric: Sequence[str], categorical: Sequence[str]) -> Any:
    """One column a category, numbers imputed by the median and scaled: what linear models need.

    Returns:
        An unfitted scikit-learn transformer from a table to float32 (n, columns);
        a category that was not there when fitting gets zero in all its columns.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encoder = OneHotEncoder(dtype=np.float32, handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer(_present(("numeric", numbers, numeric), ("categorical", encoder, categorical)))


def _present(*blocks: tuple[str, Any, Sequence[str]]) -> list[tuple[str, Any, list[str]]]:
    return [(name, transformer, list(columns)) for name, transformer, columns in blocks if columns]


ENCODERS = {"lightgbm": ordinal_encoder, "catboost": ordinal_encoder, "linear": one_hot_encoder}
