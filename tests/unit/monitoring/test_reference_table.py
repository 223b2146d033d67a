"""What a live model is compared with: rows held out, filled up with training rows, without what the log hides."""

from typing import Literal

import numpy as np
import pandas as pd

from slipway.core.signature import Field, Signature
from slipway.monitoring.reference import SCORE, TARGET, read_reference
from slipway.monitoring.reference_table import MOST_ROWS, reference_table
from tests.support.prediction_logs import signature


def rows(count: int) -> pd.DataFrame:
    dice = np.random.default_rng(count)
    table = pd.DataFrame(
        {
            "tenure": dice.normal(size=count).astype("float32"),
            "contract": dice.choice(["Two year", "One year", ""], count),
            "day": np.float32(20_000),
            TARGET: np.arange(count) % 2.0,
        }
    )
    table.loc[0, "tenure"] = np.nan
    return table.assign(another="of the raw table")


def logged(log: Literal["hashed", "left_out"]) -> Signature:
    return signature(
        inputs=(
            Field(name="tenure", type="number", nullable=True, log=log),
            Field(name="contract", type="category", nullable=True, log=log),
        )
    )


def test_held_out_rows_have_scores_and_training_rows_fill_up() -> None:
    table = reference_table(signature(), rows(100), np.full(100, 0.3), rows(300))
    assert len(table) == 400
    assert int(table[SCORE].notna().sum()) == 100
    assert list(table.columns) == ["tenure", "contract", "day", SCORE, TARGET]
    assert table["tenure"].dtype == table["day"].dtype == table[TARGET].dtype == np.float64
    assert set(table["contract"].unique()) == {"Two year", "One year", None}


def test_rows_held_out_by_time_are_not_mixed_with_older_ones() -> None:
    assert len(reference_table(signature(), rows(100), np.full(100, 0.3), None)) == 100


def test_it_is_bounded_and_the_same_each_time() -> None:
    many = rows(MOST_ROWS + 500)
    made = [reference_table(signature(), many, np.zeros(len(many)), rows(50)) for _ in range(2)]
    assert len(made[0]) == MOST_ROWS
    assert made[0][SCORE].notna().all()
    pd.testing.assert_frame_equal(*made)
    assert len(reference_table(signature(), rows(100), np.zeros(100), rows(30_000))) == MOST_ROWS


def test_what_the_log_hashes_shows_only_what_is_missing() -> None:
    table = reference_table(logged("hashed"), rows(50), np.zeros(50), None)
    assert table["tenure"].isna().tolist() == [True, *[False] * 49]
    assert set(table["tenure"].dropna()) == {1.0}
    assert set(table["contract"].dropna()) == {"hashed"}
    assert table["contract"].isna().any()


def test_what_the_log_leaves_out_shows_nothing() -> None:
    table = reference_table(logged("left_out"), rows(50), np.zeros(50), None)
    assert (set(table["tenure"]), set(table["contract"])) == ({1.0}, {"left_out"})


def test_it_fits_the_model_it_was_made_of() -> None:
    for asked in (signature(), logged("hashed"), logged("left_out")):
        table = reference_table(asked, rows(100), np.full(100, 0.3), rows(100))
        assert read_reference(table, asked, {}).problems == ()
