import numpy as np
import onnx
import pandas as pd
import pytest

from slipway.core.errors import ParityBroken
from slipway.core.params import AnyTrainParams, CatBoostParams, LightGBMParams, LinearParams
from slipway.core.task import Task
from slipway.features.encoders import ENCODERS
from slipway.training.catalog import make_trainer
from slipway.training.interface import FittedModel
from slipway.training.onnx_scoring import score
from slipway.training.parity import prove_parity
from slipway.workspace.files import written

NAMES = ["age", "fee", "plan"]
ESTIMATORS = (
    LightGBMParams(estimator="lightgbm", n_estimators=300, min_child_samples=3),
    LinearParams(estimator="linear"),
    CatBoostParams(estimator="catboost", iterations=60),
)


def rows(count: int = 1500, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": random.integers(0, 90, count).astype("float32"),
            "fee": np.where(random.random(count) < 0.1, np.nan, random.normal(1000, 400, count)).astype("float32"),
            "plan": random.choice(["basic", "plus", "", "pro"], count),
        }
    )


def target(inputs: pd.DataFrame, task: Task) -> np.ndarray:
    signal = (
        inputs.age / 30 + inputs.plan.map({"basic": 0, "plus": 1, "": 0.5, "pro": -1}) + inputs.fee.fillna(0) / 2000
    )
    noisy = signal.to_numpy() + np.random.default_rng(2).normal(0, 0.5, len(inputs))
    return (noisy > np.median(noisy)).astype("float64") if task is Task.CLASSIFICATION else noisy * 1e5


def fitted(params: AnyTrainParams, task: Task) -> FittedModel:
    inputs = rows()
    encoder = ENCODERS[params.estimator](["age", "fee"], ["plan"])
    return make_trainer(params, task, encoder, written).train(inputs, target(inputs, task))


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("params", ESTIMATORS, ids=lambda p: p.estimator)
def test_the_exported_model_is_the_fitted_one(params: AnyTrainParams, task: Task) -> None:
    model, unseen = fitted(params, task), rows(4000, seed=9)
    parity = prove_parity(model.evaluate(unseen), score(model.save(), unseen, NAMES))
    assert parity.rows == 4000


@pytest.mark.parametrize("params", ESTIMATORS, ids=lambda p: p.estimator)
def test_a_category_never_seen_scores_alike_in_both(params: AnyTrainParams) -> None:
    model, unseen = fitted(params, Task.CLASSIFICATION), rows(50).assign(plan="unheard of")
    prove_parity(model.evaluate(unseen), score(model.save(), unseen, NAMES))


@pytest.mark.parametrize("params", ESTIMATORS, ids=lambda p: p.estimator)
def test_features_may_be_called_like_the_graphs_own_tensors(params: AnyTrainParams) -> None:
    ours = ["encoded_double", "raw_double", "trees", "weights", "intercept", "product"]
    names = [*ours, "variable", "merged_columns", "transformed_column", "feature_0", "été (m²)"]
    inputs = pd.DataFrame({name: rows()["age"] + number for number, name in enumerate(names)})
    encoder = ENCODERS[params.estimator](names, [])
    model = make_trainer(params, Task.REGRESSION, encoder, written).train(inputs, rows()["age"].to_numpy("float64"))
    prove_parity(model.evaluate(inputs), score(model.save(), inputs, names))


def test_a_value_on_a_split_threshold_goes_the_same_way_in_both() -> None:
    """Thresholds rounded to float32, as converters store them, send some of these rows the other way."""
    neighbours = np.nextafter(np.float32(1259.0), np.float32(0), dtype="float32")
    inputs = pd.DataFrame({"age": np.tile(np.array([neighbours, 1259.0], "float32"), 200), "fee": 0.0, "plan": "a"})
    inputs["fee"] = inputs.fee.astype("float32")
    y = (inputs.age == np.float32(1259.0)).to_numpy().astype("float64")
    params = LightGBMParams(estimator="lightgbm", n_estimators=5, min_child_samples=1)
    model = make_trainer(params, Task.REGRESSION, ENCODERS["lightgbm"](["age", "fee"], ["plan"]), written).train(
        inputs, y
    )
    prove_parity(model.evaluate(inputs), score(model.save(), inputs, NAMES))


@pytest.mark.parametrize("params", ESTIMATORS, ids=lambda p: p.estimator)
def test_the_same_rows_give_the_same_bytes(params: AnyTrainParams) -> None:
    assert fitted(params, Task.CLASSIFICATION).save() == fitted(params, Task.CLASSIFICATION).save()


def test_a_model_that_differs_is_refused_by_row() -> None:
    right = np.linspace(0.1, 0.9, 9)
    wrong = right.copy()
    wrong[4] *= 1.0001
    with pytest.raises(ParityBroken, match=r"1 of 9 holdout rows: 4 \(0.5 became 0.50005\)"):
        prove_parity(right, wrong)


def test_a_score_that_is_not_a_number_is_no_parity() -> None:
    with pytest.raises(ParityBroken):
        prove_parity(np.array([0.5]), np.array([np.nan]))


def test_no_step_of_the_exported_graph_reshapes_a_column_that_is_one_already() -> None:
    graph = onnx.load_from_string(fitted(ESTIMATORS[0], Task.CLASSIFICATION).save()).graph
    steps = [node.op_type for node in graph.node]
    assert "LabelEncoder" in steps
    assert "Reshape" not in steps
