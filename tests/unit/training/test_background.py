from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from slipway.core.task import Task
from slipway.core.use_case import Categorical, Date, Numeric, UseCase
from slipway.training.background import draw_background
from slipway.training.signature import infer_signature

HOMES = UseCase(
    name="homes",
    title="What a home sells for",
    task=Task.REGRESSION,
    target="price",
    key=("id",),
    features=(Numeric("area", "m²"), Categorical("heating")),
    collect=lambda root: pd.DataFrame(),
    expectations=(),
)


def table(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "area": random.choice(np.array([29.85, 100.1, np.nan], dtype="float32"), rows),
            "heating": random.choice(["gas", "oil", ""], rows),
            "price": random.random(rows),
        }
    )


@pytest.mark.parametrize(("rows", "drawn"), [(5, 5), (64, 64), (500, 64)])
def test_up_to_64_rows_are_drawn(rows: int, drawn: int) -> None:
    assert len(draw_background(HOMES, table(rows), seed=7).rows) == drawn


def test_the_same_seed_draws_the_same_rows_and_another_others() -> None:
    train = table(500)
    assert draw_background(HOMES, train, seed=7) == draw_background(HOMES, train, seed=7)
    assert draw_background(HOMES, train, seed=7) != draw_background(HOMES, train, seed=8)


def test_rows_are_complete_inputs_as_a_request_spells_them() -> None:
    rows = draw_background(HOMES, table(500), seed=7).rows
    assert {row.keys() == {"area", "heating"} for row in rows} == {True}
    assert {row["area"] for row in rows} == {29.85, 100.1, None}
    assert {row["heating"] for row in rows} == {"gas", "oil", None}


def test_every_row_is_one_that_the_signature_accepts() -> None:
    train = table(500)
    area, heating = infer_signature(HOMES, train).inputs
    for row in draw_background(HOMES, train, seed=7).rows:
        number, category = row["area"], row["heating"]
        assert area.nullable if number is None else area.low <= float(number) <= area.high  # type: ignore[operator]
        assert heating.nullable if category is None else category in heating.categories


def test_days_are_numbers_to_the_model_and_days_to_people() -> None:
    sales = replace(HOMES, features=(Date("sold", "of the contract"), *HOMES.features), time="sold")
    train = table(50).assign(sold=np.arange(16_800, 16_850).astype("float32"))
    signature = infer_signature(sales, train)
    sold = signature.inputs[0]
    assert (sold.type, sold.low, sold.high, sold.description) == ("date", 16_800, 16_849, "of the contract")
    assert signature.examples[0]["sold"] == "2016-01-01"
    assert all(str(row["sold"]).startswith(("2015-12-31", "2016-0")) for row in draw_background(sales, train, 7).rows)
