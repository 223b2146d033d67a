import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving.bundle.loading import BundleInvalid, load
from serving.bundle.signature import Signature
from serving.inputs.rows import Row, row_type
from serving.model.running import PredictionFailed
from serving.model.service import Service
from serving.model.session import Model
from slipway.training.onnx_codes import coded
from tests.support.bundles import CHURN, HOMES, model_bytes, seal


def served(signature: Any) -> Signature:
    return Signature.model_validate_json(signature.model_dump_json())


def rows_of(signature: Any, *rows: dict[str, Any]) -> list[Row]:
    return [row_type(served(signature))(*row.values()) for row in rows]


def churn_row(**changes: Any) -> dict[str, Any]:
    return {"tenure": 10.0, "total charges": None, "contract": "Month-to-month"} | changes


def test_predictions_are_the_models_own_in_the_order_of_the_rows() -> None:
    model = Model(model_bytes(CHURN), served(CHURN))
    rows = rows_of(CHURN, churn_row(), churn_row(contract="Two year", tenure=0))
    expected = pytest.approx([1 / (1 + math.exp(-0.5)), 1 / (1 + math.exp(-1.0))], abs=1e-7)
    assert model.predict(model.columns(rows)) == expected
    assert [model.predict_one(row) for row in rows] == expected


def test_a_row_alone_is_told_the_same_as_among_others() -> None:
    model = Model(model_bytes(HOMES), served(HOMES))
    rows = rows_of(HOMES, {"area": None, "heating": "oil"}, {"area": 50.0, "heating": None})
    assert [model.predict_one(row) for row in rows] == model.predict(model.columns(rows)).tolist() == [1.0, 50_000.0]


def test_null_is_nan_for_a_number_and_empty_for_a_category() -> None:
    columns = Model(model_bytes(HOMES), served(HOMES)).columns(rows_of(HOMES, {"area": None, "heating": None}))
    assert columns["area"].dtype == np.float32
    assert math.isnan(columns["area"][0, 0])
    assert columns["heating"].tolist() == [[""]]


def test_a_prediction_that_is_not_finite_is_not_given_out() -> None:
    model = Model(model_bytes(HOMES), served(HOMES))
    columns = model.columns(rows_of(HOMES, {"area": 1.0, "heating": "gas"}, {"area": math.inf, "heating": "gas"}))
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


def spoilt(folder: Path, graph: bytes) -> Path:
    """The bundle with another graph for single rows, and a manifest that fits."""
    (folder / "coded.onnx").write_bytes(graph)
    seal(folder)
    return folder


def shortcut(signature: Any, weight: float | None = None) -> bytes:
    graph = coded(model_bytes(signature, weight))
    assert graph is not None
    return graph


def test_a_row_alone_goes_through_the_graph_that_takes_codes_where_there_is_one() -> None:
    other = Model(model_bytes(HOMES), served(HOMES), shortcut(HOMES, weight=2000.0))
    rows = rows_of(HOMES, {"area": 50.0, "heating": None}, {"area": 50.0, "heating": "oil"})
    assert [other.predict_one(row) for row in rows] == [100_000.0, 100_001.0]
    assert other.predict(other.columns(rows)).tolist() == [50_000.0, 50_001.0]


def test_a_null_number_is_missing_to_it_too() -> None:
    model = Model(model_bytes(HOMES), served(HOMES), shortcut(HOMES))
    assert model.predict_one(rows_of(HOMES, {"area": None, "heating": "oil"})[0]) == 1.0


def test_a_bundle_without_it_answers_the_same(folder: Path) -> None:
    (folder / "coded.onnx").unlink()
    seal(folder)
    service = Service(load(folder))
    service.warm_up()
    row = service.decoder.check([churn_row()]).rows
    assert service.predict(row)[0]["probability"] == pytest.approx(1 / (1 + math.exp(-0.5)), abs=1e-7)


def test_a_graph_for_single_rows_that_answers_otherwise_keeps_the_endpoint_from_starting(folder: Path) -> None:
    service = Service(load(spoilt(folder, shortcut(CHURN, weight=0.06))))
    with pytest.raises(BundleInvalid, match=r"coded\.onnx: answers a row otherwise than model\.onnx"):
        service.warm_up()


@pytest.mark.parametrize(
    ("graph", "told"),
    [
        (lambda: b"not a graph", "cannot load it"),
        (lambda: model_bytes(CHURN), "no codes"),
        (lambda: shortcut(HOMES), "no codes"),
        (lambda: shortcut(CHURN).replace(b"prediction", b"estimation"), "no output"),
    ],
    ids=["no graph", "the model itself", "another model's", "no output"],
)
def test_what_is_no_such_graph_is_refused(folder: Path, graph: Any, told: str) -> None:
    bundle = load(spoilt(folder, graph()))
    with pytest.raises(BundleInvalid, match=rf"coded\.onnx: .*{told}"):
        Service(bundle)
