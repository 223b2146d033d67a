"""Importances tell which inputs predictions hang on, whatever the model."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slipway.training.importances import importances
from tests.support.records import write_model


@pytest.fixture
def model(tmp_path: Path) -> bytes:
    """A model of tenure and contract."""
    write_model(tmp_path / "model.onnx")
    return (tmp_path / "model.onnx").read_bytes()


def table(tenure: np.ndarray, contract: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"tenure": tenure.astype(np.float32), "contract": contract.astype(object)})


def test_an_input_that_moves_predictions_counts_and_one_that_is_constant_does_not(model: bytes) -> None:
    dice = np.random.default_rng(0)
    inputs = table(dice.normal(size=2_000), np.full(2_000, "Two year"))
    counted = importances(model, inputs, ["tenure", "contract"])
    assert counted.shares == {"tenure": 1.0, "contract": 0.0}
    assert counted.rows == 1_000


def test_shares_add_up_and_are_the_same_each_time(model: bytes) -> None:
    dice = np.random.default_rng(0)
    inputs = table(dice.normal(size=500), dice.choice(["Two year", "Month-to-month"], 500))
    first, second = (importances(model, inputs, ["tenure", "contract"], seed=3) for _ in range(2))
    assert first == second
    assert sum(first.shares.values()) == pytest.approx(1.0)
    assert all(share > 0 for share in first.shares.values())


def test_where_nothing_moves_nothing_counts(model: bytes) -> None:
    counted = importances(model, table(np.ones(20), np.full(20, "Two year")), ["tenure", "contract"])
    assert counted.shares == {"tenure": 0.0, "contract": 0.0}
