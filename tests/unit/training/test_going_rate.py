from functools import partial

import numpy as np
import onnx
import pandas as pd
import pytest

from slipway.core.errors import DataUnfit
from slipway.core.params import AnyTrainParams, CatBoostParams, LevelParams, LightGBMParams, LinearParams
from slipway.core.task import Task
from slipway.core.use_case import Level
from slipway.features.encoders import ENCODERS
from slipway.features.local_level import fit_local_levels, relative_level
from slipway.training.catalog import make_trainer
from slipway.training.going_rate import GoingRateTrainer
from slipway.training.log_target import LogTargetTrainer
from slipway.training.onnx_codes import coded, score_coded
from slipway.training.onnx_scoring import score
from slipway.training.parity import prove_parity
from slipway.workspace.files import written

NAMES = ["date", "area", "district"]
ESTIMATORS = (
    LightGBMParams(estimator="lightgbm", n_estimators=40),
    CatBoostParams(estimator="catboost", iterations=40),
    LinearParams(estimator="linear"),
)


def homes(rows: int = 2000, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "date": random.integers(16_000, 16_700, rows).astype("float32"),
            "area": random.uniform(40, 200, rows).astype("float32"),
            "district": random.choice(["a", "b", "c"], rows),
        }
    )


def prices(rows: pd.DataFrame) -> np.ndarray:
    signal = np.log(rows.area) + (rows.date - 16_000) / 2000 + (rows.district == "a") * 0.3
    return np.exp(8 + signal.to_numpy("float64") + np.random.default_rng(2).normal(0, 0.1, len(rows)))


def trainer(params: AnyTrainParams) -> LogTargetTrainer:
    level = Level(by="district", per="area")
    encoder = ENCODERS[params.estimator](["date", "area", relative_level("district")], ["district"])
    read = partial(fit_local_levels, level=level, date="date", params=LevelParams())
    return LogTargetTrainer(GoingRateTrainer(make_trainer(params, Task.REGRESSION, encoder, written), read))


@pytest.mark.parametrize("params", ESTIMATORS, ids=lambda p: p.estimator)
def test_the_graph_looks_levels_up_as_the_fitted_model_does(params: AnyTrainParams) -> None:
    rows = homes()
    model = trainer(params).train(rows, prices(rows))
    asked = pd.concat([homes(500, seed=9), homes(200).assign(district="unheard of")], ignore_index=True)
    asked["date"] += np.linspace(-1000, 3000, len(asked)).round().astype("float32")
    prove_parity(model.evaluate(asked), score(model.save(), asked, NAMES))


def test_the_graph_takes_the_raw_features_alone() -> None:
    rows = homes()
    graph = onnx.load_from_string(trainer(ESTIMATORS[0]).train(rows, prices(rows)).save()).graph
    assert [value.name for value in graph.input] == NAMES


def test_growth_goes_on_after_the_last_row() -> None:
    rows = homes(8000)
    model = trainer(ESTIMATORS[0]).train(rows, prices(rows))
    asked = pd.DataFrame({"date": [16_699.0, 16_699.0 + 364], "area": 100.0, "district": "b"})
    now, later = model.evaluate(asked.astype({"date": "float32", "area": "float32"}))
    assert later / now == pytest.approx(np.exp(364 / 2000), rel=0.05)


def test_the_inner_model_does_not_see_rows_from_before_there_were_levels() -> None:
    seen: list[pd.DataFrame] = []

    class Spy:
        def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "Spy":
            seen.append(inputs)
            return self

        def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
            return np.zeros(len(inputs))

        def save(self) -> bytes:
            return b""

    rows = homes()
    read = partial(
        fit_local_levels, level=Level(by="district", per="area"), date="date", params=LevelParams(window_days=70)
    )
    GoingRateTrainer(Spy(), read).train(rows, np.log(prices(rows)))
    assert seen[0].date.min() >= 16_070


def test_a_target_without_a_logarithm_is_refused_in_words() -> None:
    rows = homes()
    with pytest.raises(DataUnfit, match="0 or less in 2 of 2000 training rows"):
        trainer(ESTIMATORS[0]).train(rows, np.where(np.arange(2000) < 2, 0.0, 1.0))


def test_the_graph_for_single_rows_says_the_same() -> None:
    rows = homes()
    graph = trainer(ESTIMATORS[0]).train(rows, prices(rows)).save()
    short = coded(graph)
    assert short is not None
    asked = homes(300, seed=5).assign(district=lambda table: table.district.where(table.index % 7 > 0, "unheard of"))
    assert score_coded(short, asked, NAMES) == pytest.approx(score(graph, asked, NAMES), rel=1e-12)
