"""Rows with dates, as requests spell them and as models take them."""

from pathlib import Path

import numpy as np
import pandas as pd

from slipway.adapters.mlflow.model import example
from slipway.deploying.known import fits
from slipway.stages.known_rows import _predicted, holdout_rows, own_rows
from tests.support.bundles import SALES, write_bundle


def test_days_of_a_holdout_are_spelled_as_requests_spell_them(tmp_path: Path) -> None:
    held_out = pd.DataFrame({"sold": np.array([16801], "float32"), "heating": ["gas"], "other": [1.0]})
    held_out.to_parquet(tmp_path / "holdout.parquet")
    [row] = holdout_rows(tmp_path / "holdout.parquet", ["sold", "heating"], ["sold"])
    assert row == {"sold": "2016-01-01", "heating": "gas"}


def test_a_row_fits_with_a_day_and_not_with_its_number() -> None:
    assert fits(SALES, {"sold": "2031-01-01", "heating": None})
    assert not fits(SALES, {"sold": 16801.0, "heating": None})
    assert not fits(SALES, {"sold": None, "heating": None})


def test_the_registered_model_takes_the_number_of_the_day() -> None:
    assert example(SALES)["sold"].tolist() == [16800.0]


def test_what_a_model_says_of_its_own_rows_is_known_with_days_too(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", SALES)
    assert _predicted(bundle, own_rows(bundle)) == {0: 16800.0, 1: 16800.0}
