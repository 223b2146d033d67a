"""MLflow's scoring protocol, held to MLflow's own server and client."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import onnx
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from serving.bundle.loading import load
from serving.endpoint import create_app, make_endpoint
from serving.settings import read_settings
from slipway.adapters.mlflow.model import write_mlflow_model
from slipway.core.signature import Signature
from tests.support.bundles import CHURN, HOMES, model_bytes, write_bundle
from tests.support.endpoints import serving

ROW = dict(CHURN.examples[0])
JSON, CSV = "application/json", "text/csv"
Clients = tuple[TestClient, TestClient, Signature]


def as_split(frame: pd.DataFrame) -> dict[str, Any]:
    return {"dataframe_split": frame.to_dict(orient="split")}


def as_columns(frame: pd.DataFrame) -> dict[str, Any]:
    return {name: frame[name].tolist() for name in frame}


SAME = {
    "dataframe_split": as_split,
    "dataframe_records": lambda frame: {"dataframe_records": frame.to_dict(orient="records")},
    "instances as records": lambda frame: {"instances": frame.to_dict(orient="records")},
    "instances as columns": lambda frame: {"instances": as_columns(frame)},
    "inputs as columns": lambda frame: {"inputs": as_columns(frame)},
    "inputs as records": lambda frame: {"inputs": frame.to_dict(orient="records")},
    "inputs as one record": lambda frame: {"inputs": frame.to_dict(orient="records")[0]},
    "no parameters": lambda frame: as_split(frame) | {"params": {}},
}


@pytest.fixture(scope="module", params=[CHURN, HOMES], ids=lambda signature: str(signature.use_case))
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """Our endpoint and MLflow's server, over one bundle and the model folder that is registered of it."""
    import mlflow.pyfunc
    from mlflow.pyfunc import scoring_server

    folder = tmp_path_factory.mktemp("both")
    bundle = write_bundle(folder / "bundle", request.param)
    write_mlflow_model(folder / "model", bundle)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("_MLFLOW_IS_IN_SERVING_ENVIRONMENT", "true")  # as its server sets it, and leaves it
        theirs = scoring_server.init(mlflow.pyfunc.load_model(str(folder / "model")))
        yield TestClient(create_app(load(bundle))), TestClient(theirs), request.param


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return TestClient(create_app(load(write_bundle(tmp_path_factory.mktemp("ours") / "bundle", CHURN))))


def post(client: TestClient, body: Any, kind: str = JSON) -> Any:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post("/invocations", content=content, headers={"content-type": kind})


def frame(signature: Signature) -> pd.DataFrame:
    return pd.DataFrame([dict(example) for example in signature.examples])


@pytest.mark.parametrize("form", list(SAME))
def test_every_format_is_answered_as_mlflow_answers_it(both: Clients, form: str) -> None:
    ours, theirs, signature = both
    body = SAME[form](frame(signature))
    answer, expected = post(ours, body), post(theirs, body)
    assert (answer.status_code, answer.json()) == (expected.status_code, expected.json())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == expected.headers["content-type"]


@pytest.mark.parametrize("index", [False, True], ids=["without index", "with index"])
def test_a_csv_of_pandas_is_answered_as_mlflow_answers_it(both: Clients, index: bool) -> None:
    ours, theirs, signature = both
    body = frame(signature).to_csv(index=index)
    answer, expected = post(ours, body, CSV), post(theirs, body, CSV)
    assert (answer.status_code, answer.json()) == (200, expected.json())


def test_many_rows_are_answered_in_their_order(both: Clients) -> None:
    ours, theirs, signature = both
    rows = pd.concat([frame(signature)] * 300, ignore_index=True)
    assert post(ours, as_split(rows)).json() == post(theirs, as_split(rows)).json()


def test_mlflows_own_client_works_against_a_running_endpoint(tmp_path: Path) -> None:
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    with serving(write_bundle(tmp_path / "bundle"), "--model-version", "7") as address:
        client = ScoringServerClient(*address.split(":"))
        client.wait_server_ready(timeout=10)
        assert client.get_version() == "7"
        answer = client.invoke(frame(CHURN).assign(**{"total charges": float("nan")})).get_predictions()
    assert answer["prediction"].round(6).tolist() == [0.645656, 0.731059]


@pytest.mark.parametrize("cell", ["", "NaN", "NA", "null"])
def test_a_missing_number_in_csv_is_null(ours: TestClient, cell: str) -> None:
    answer = post(ours, f"tenure,total charges,contract\n12,{cell},Month-to-month\n", CSV)
    assert answer.json() == {"predictions": [{"prediction": 0.6456563116804368}]}


@pytest.mark.parametrize("sent", [None, "", float("nan")])
def test_a_missing_category_is_null_where_training_saw_it_missing(tmp_path: Path, sent: Any) -> None:
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle", HOMES))))
    answer = post(client, {"dataframe_records": [{"area": 100, "heating": sent}]})
    assert answer.json() == {"predictions": [{"prediction": 100_000.0}]}


@pytest.mark.parametrize("sent", [None, ""])
def test_a_missing_category_is_refused_where_training_never_saw_it_missing(ours: TestClient, sent: Any) -> None:
    answer = post(ours, {"dataframe_records": [ROW | {"contract": sent}]})
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "contract")


COLUMNS = {name: [cell, cell] for name, cell in ROW.items()}
REFUSED = {
    "a list": ([ROW], None, "is not an object"),
    "no format": ({}, None, "holds no rows"),
    "two formats": ({"inputs": [ROW], "instances": [ROW]}, None, "holds several formats"),
    "an unknown key": ({"inputs": [ROW], "signature_name": "x"}, "signature_name", "is not known to this protocol"),
    "parameters": ({"inputs": [ROW], "params": {"a": 1}}, "params", "are not taken by this model"),
    "parameters that are no object": ({"inputs": [ROW], "params": 0}, "params", "are not taken by this model"),
    "no records": ({"dataframe_records": []}, "dataframe_records", "is empty"),
    "records as an object": ({"dataframe_records": ROW}, "dataframe_records", "is not a list"),
    "a record that is none": ({"dataframe_records": [1]}, None, "is not an object"),
    "a missing field": ({"instances": [{"tenure": 1}]}, "total charges", "is missing"),
    "an unknown field": ({"inputs": [ROW | {"tenur": 1}]}, "tenur", "is not a field of this model"),
    "a text as number": ({"inputs": [ROW | {"tenure": "12"}]}, "tenure", "is not a number"),
    "a boolean as number": ({"inputs": [ROW | {"tenure": True}]}, "tenure", "is not a number"),
    "an infinite number": ({"inputs": [ROW | {"tenure": float("inf")}]}, "tenure", "is not a finite number"),
    "a number of 400 digits": ({"inputs": [ROW | {"tenure": 10**400}]}, "tenure", "is not a number"),
    "inputs as text": ({"inputs": "12"}, "inputs", "is neither a list nor an object"),
    "columns of two lengths": ({"inputs": COLUMNS | {"tenure": [1]}}, "inputs", "has columns of different lengths"),
    "lists beside cells": ({"inputs": COLUMNS | {"tenure": 1}}, "inputs", "has columns of different lengths"),
    "empty columns": ({"inputs": {name: [] for name in ROW}}, "inputs", "is empty"),
    "split without columns": ({"dataframe_split": {"data": [[1]]}}, "dataframe_split", "is not a table"),
    "split with a dtype": (
        {"dataframe_split": {"columns": [], "data": [], "dtypes": []}}, "dataframe_split", "is not a table"
    ),
    "columns that are no texts": ({"dataframe_split": {"columns": [1], "data": [[1]]}}, "columns", "is not a list of"),
    "a column named twice": ({"dataframe_split": {"columns": ["a", "a"], "data": [[1, 2]]}}, "a", "is named twice"),
    "a short row": ({"dataframe_split": {"columns": ["a", "b"], "data": [[1]]}}, None, "is not one cell a column"),
    "a row that is no list": ({"dataframe_split": {"columns": ["a"], "data": [1]}}, None, "is not one cell a column"),
    "data that are no list": ({"dataframe_split": {"columns": ["a"], "data": 1}}, "data", "is not a list"),
    "an index too short": (
        {"dataframe_split": {"columns": list(ROW), "data": [list(ROW.values())], "index": []}}, "index", "is not a list"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_does_not_fit_is_refused_in_words(ours: TestClient, case: str) -> None:
    body, field, problem = REFUSED[case]
    answer = post(ours, body)
    assert answer.status_code == 422
    first = answer.json()["problems"][0]
    assert first["field"] == field
    assert problem in first["problem"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "has no rows"),
        ("tenure,total charges,contract\n", "has no rows"),
        ("tenure,tenure\n1,2\n", "is named twice"),
        ("tenure,total charges,contract\n1,2\n", "is not one cell a column"),
        ("tenure,total charges,contract\n1_0,20,Two year\n", "is not a number"),
        ("tenure,total charges,contract\n١,20,Two year\n", "is not a number"),
        ("tenure,total charges,contract\n1e999,20,Two year\n", "is not a finite number"),
        ("tenure,total charges,contract\n1,20,Three year\n", "is not an allowed value"),
        ("a,tenure,total charges,contract\n0,1,20,Two year\n", "is not a field of this model"),
    ],
)
def test_a_csv_that_does_not_fit_is_refused_in_words(ours: TestClient, body: str, problem: str) -> None:
    answer = post(ours, body, CSV)
    assert (answer.status_code, answer.json()["problems"][0]["problem"]) == (422, problem)


@pytest.mark.parametrize("body", ['{"inputs": [', "", '{"inputs": "\\ud800"}', "[" * 100_000, b'{"inputs": "\xff"}'])
def test_what_is_no_json_is_refused_with_400(ours: TestClient, body: str | bytes) -> None:
    answer = post(ours, body)
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, "the body is not JSON")


@pytest.mark.parametrize("body", [b'a\n"b', b"\xff\xfe", b'a\n"b"c\n', b"a\n" + b"b" * 200_000])
def test_what_is_no_csv_is_refused_with_400(ours: TestClient, body: bytes) -> None:
    answer = post(ours, body, CSV)
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, "the body is not CSV")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/json; charset=latin-1", "text/csv; header=absent", "application/json+x"]
)
def test_another_content_type_is_refused_with_415(ours: TestClient, kind: str) -> None:
    assert post(ours, {"inputs": [ROW]}, kind).status_code == 415


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
def test_utf_8_may_be_told(ours: TestClient, kind: str) -> None:
    assert post(ours, {"inputs": [ROW]}, kind).status_code == 200


def test_more_rows_than_are_answered_at_once_are_refused_with_413(tmp_path: Path) -> None:
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle")), "--max-rows", "2"))
    assert post(client, {"inputs": [ROW] * 2}).status_code == 200
    assert post(client, {"inputs": [ROW] * 3}).status_code == 413


def test_a_number_out_of_range_is_warned_of_where_it_is_not_refused(tmp_path: Path) -> None:
    warning = CHURN.model_copy(update={"out_of_range": "warn"})
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle", warning))))
    answer = post(client, {"inputs": [ROW, ROW | {"tenure": 80}]}).json()
    assert len(answer["predictions"]) == 2
    told = "a number in months (training saw 0 to 72)"
    assert answer["warnings"] == [{"row": 1, "field": "tenure", "sent": 80, "allowed": told}]


def test_a_model_of_one_field_takes_a_bare_list(tmp_path: Path) -> None:
    alone = HOMES.model_copy(update={"inputs": HOMES.inputs[:1], "examples": ({"area": 100.0},)})
    bundle = write_bundle(tmp_path / "bundle", alone, _without_category(model_bytes(HOMES)))
    client = TestClient(create_app(load(bundle)))
    assert post(client, {"inputs": [100, 200]}).json()["predictions"] == [{"prediction": 1e5}, {"prediction": 2e5}]


def _without_category(model: bytes) -> bytes:
    loaded = onnx.load_from_string(model)
    graph = loaded.graph
    del graph.input[1]
    del graph.node[0]
    next(node for node in graph.node if node.op_type == "Add").input[1] = "zero"
    return bytes(loaded.SerializeToString())


def test_ping_answers_200_while_predictions_are_answered(tmp_path: Path) -> None:
    endpoint = make_endpoint(load(write_bundle(tmp_path / "bundle")), read_settings(["bundle"], {}))
    client = TestClient(endpoint.app)
    assert client.get("/ping").status_code == 503
    endpoint.answering.service.ready = True
    answer = client.get("/ping")
    assert (answer.status_code, answer.content) == (200, b"")


def test_every_format_that_is_accepted_is_documented(ours: TestClient) -> None:
    document = ours.get("/openapi.json").json()["paths"]["/invocations"]["post"]["requestBody"]["content"]
    schema = jsonschema.Draft202012Validator(document[JSON]["schema"])
    for form, made in SAME.items():
        body = json.loads(json.dumps(made(frame(CHURN).astype(object).where(frame(CHURN).notna(), None))))
        assert schema.is_valid(body), form
    (example,) = document[JSON]["schema"]["examples"]
    assert post(ours, example).status_code == 200


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_the_document_excludes_is_refused(ours: TestClient, case: str) -> None:
    """The document tells the shape; what a cell may hold, and that lengths agree, is told by the refusal alone."""
    document = ours.get("/openapi.json").json()["paths"]["/invocations"]["post"]["requestBody"]["content"]
    if not jsonschema.Draft202012Validator(document[JSON]["schema"]).is_valid(REFUSED[case][0]):
        assert post(ours, REFUSED[case][0]).status_code == 422
