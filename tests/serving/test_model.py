import math
from typing import Any

import numpy as np
import pytest

from serving.bundle.loading import BundleInvalid
from serving.bundle.signature import Signature
from serving.model.session import Model, PredictionFailed
from tests.support.bundles import CHURN, HOMES, model_bytes


def served(signature: Any) -> Signature:
    return Signature.model_validate_json(signature.model_dump_json())


def churn_row(**changes: Any) -> dict[str, Any]:
    return {"tenure": 10.0, "total charges": None, "contract": "Month-to-month"} | changes


def test_predictions_are_the_models_own_in_the_order_of_the_rows() -> None:
    model = Model(model_bytes(CHURN), served(CHURN))
    predicted = model.predict(model.columns([churn_row(), churn_row(contract="Two year", tenure=0)]))
    assert predicted == pytest.approx([1 / (1 + math.exp(-0.5)), 1 / (1 + math.exp(-1.0))], abs=1e-7)


def test_null_is_nan_for_a_number_and_empty_for_a_category() -> None:
    columns = Model(model_bytes(HOMES), served(HOMES)).columns([{"area": None, "heating": None}])
    assert columns["area"].dtype == np.float32
    assert math.isnan(columns["area"][0, 0])
    assert columns["heating"].tolist() == [[""]]


def test_a_prediction_that_is_not_finite_is_not_given_out() -> None:
    model = Model(model_bytes(HOMES), served(HOMES))
    columns = model.columns([{"area": 1.0, "heating": "gas"}, {"area": math.inf, "heating": "gas"}])
    with pytest.raises(PredictionFailed, match="row 1"):
        model.predict(columns)


def test_a_graph_that_cannot_run_is_told_as_such() -> None:
    model = Model(model_bytes(HOMES), served(HOMES))
    with pytest.raises(PredictionFailed, match="cannot be run"):
        model.predict({"area": np.zeros((1, 1), np.float32)})


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(BundleInvalid, match=r"model\.onnx: onnxruntime cannot load it"):
        Model(b"not a model", served(CHURN))


def test_a_model_with_other_inputs_than_the_signature_is_refused_and_they_are_named() -> None:
    with pytest.raises(BundleInvalid, match=r"other inputs than signature\.json says: area, contract, heating, tenure"):
        Model(model_bytes(HOMES), served(CHURN))


def test_a_model_without_the_output_is_refused() -> None:
    renamed = model_bytes(HOMES).replace(b"prediction", b"estimation")
    with pytest.raises(BundleInvalid, match='no output "prediction"'):
        Model(renamed, served(HOMES))
