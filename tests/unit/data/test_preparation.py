from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from slipway.core.errors import DataUnfit
from slipway.core.params import SplitParams
from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.core.use_case import Categorical, Numeric, UseCase
from slipway.data.preparation import TARGET, inputs_of, prepare


def use_case(task: Task = Task.CLASSIFICATION) -> UseCase:
    return UseCase(
        name="tiny",
        title="Tiny",
        task=task,
        target="y",
        positive="yes",
        key=("id",),
        features=(Numeric("age"), Categorical("plan")),
        collect=lambda _: table(),
        expectations=(),
    )


def table(rows: int = 200) -> pd.DataFrame:
    numbers = np.arange(rows)
    return pd.DataFrame(
        {
            "id": numbers,
            "age": np.where(numbers % 10, numbers, np.nan),
            "plan": np.where(numbers % 7, "basic", None),
            "y": np.where(numbers % 3, "no", "yes"),
        }
    )


def test_features_have_the_types_that_models_take() -> None:
    train, holdout = prepare(table(), use_case(), SplitParams())
    assert list(train.columns) == ["age", "plan", TARGET]
    assert train.dtypes.astype(str).to_dict() == {"age": "float32", "plan": "object", TARGET: "float64"}
    assert len(train) + len(holdout) == 200


def test_gaps_stay_visible() -> None:
    train, _ = prepare(table(), use_case(), SplitParams())
    assert train.age.isna().any()
    assert set(train.plan) == {"basic", ""}


def test_the_positive_value_becomes_one() -> None:
    train, holdout = prepare(table(), use_case(), SplitParams())
    assert train[TARGET].sum() + holdout[TARGET].sum() == (table().y == "yes").sum()


def test_whole_number_categories_have_no_decimal_point() -> None:
    train, _ = prepare(table().assign(plan=[1.0, None] * 100), use_case(), SplitParams())
    assert set(train.plan) == {"1", ""}


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (table().drop(columns="age"), "no column age"),
        (table().rename(columns={"y": "churned"}), "no column y"),
        (table().assign(age="old"), "age is not numeric"),
        (table().assign(age=np.inf), "age is infinite"),
        (table().assign(age=1e39), "age is infinite"),
        (table().assign(y="no"), "same class"),
        (table().assign(y=[None, *table().y[1:]]), "missing or infinite in 1 of 200"),
        (table(0), "no training rows"),
    ],
)
def test_a_table_that_nothing_can_be_learned_from_is_refused(spoilt: pd.DataFrame, told: str) -> None:
    with pytest.raises(DataUnfit, match=told):
        prepare(spoilt, use_case(), SplitParams())


def test_an_infinite_value_to_predict_is_refused() -> None:
    values = table().assign(y=[np.inf, *range(199)])
    with pytest.raises(DataUnfit, match="missing or infinite in 1"):
        prepare(values, use_case(Task.REGRESSION), SplitParams())


def signature(*fields: Field) -> Signature:
    return Signature(use_case="tiny", title="T", task=Task.CLASSIFICATION, inputs=fields, output="y", examples=())


def test_a_champion_still_gets_the_feature_that_the_candidate_gave_up() -> None:
    without_plan = replace(use_case(), features=(Numeric("age"),))
    _, holdout = prepare(table(), without_plan, SplitParams())
    _, before = prepare(table(), use_case(), SplitParams())
    fields = Field(name="plan", type="category", nullable=True), Field(name="age", type="number", nullable=True)
    pd.testing.assert_frame_equal(inputs_of(signature(*fields), holdout), before[["plan", "age"]])


def test_a_champion_whose_input_is_gone_from_the_data_is_told_by_name() -> None:
    _, holdout = prepare(table(), use_case(), SplitParams())
    with pytest.raises(DataUnfit, match="no longer has its input income"):
        inputs_of(signature(Field(name="income", type="number", nullable=False)), holdout)
