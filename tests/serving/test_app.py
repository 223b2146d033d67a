import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from fastapi.testclient import TestClient

from serving.answers import ClassificationAnswer, ClassificationAnswers, ModelInfo, RegressionAnswer, RegressionAnswers
from serving.bundle.loading import BundleInvalid, load
from serving.endpoint import create_app, make_endpoint
from serving.settings import read_settings
from slipway.core.signature import Field
from tests.support.bundles import CHURN, HOMES, PLACES, model_bytes, seal, write_bundle

ODD_NAMES = ("rows", "model_config", "_x", "class", "größe (m²)", "", 'size 12"', "back\\slash", "tab\t")
LENIENT = CHURN.model_copy(update={"out_of_range": "warn"})

JSON = {"content-type": "application/json"}
ABSENT = object()


def row(**changes: Any) -> dict[str, Any]:
    """A valid row of CHURN; a field changed to ABSENT is left out."""
    cells = {"tenure": 10, "total charges": 100.0, "contract": "Month-to-month"} | changes
    return {name: value for name, value in cells.items() if value is not ABSENT}


def problems(client: TestClient, document: Any) -> list[dict[str, Any]]:
    response = client.post("/predict", json=document)
    assert response.status_code == 422, response.text
    found: list[dict[str, Any]] = response.json()["problems"]
    return found


def test_a_classifier_answers_probability_label_and_threshold(churn: TestClient) -> None:
    response = churn.post("/predict", json=row())
    assert response.status_code == 200
    answer = ClassificationAnswer.model_validate(response.json(), strict=True)
    assert answer.probability == pytest.approx(1 / (1 + math.exp(-0.5)), abs=1e-7)
    assert (answer.label, answer.threshold, answer.warnings) == (1, 0.6, [])


def test_a_label_is_0_below_the_threshold_and_1_from_it_on(churn: TestClient) -> None:
    answers = churn.post("/predict", json={"rows": [row(tenure=0), row(tenure=40)]}).json()
    assert [a["label"] for a in answers["predictions"]] == [0, 1]


def test_a_regressor_answers_value_and_unit(homes: TestClient) -> None:
    answer = RegressionAnswer.model_validate(homes.post("/predict", json={"area": 100, "heating": "oil"}).json())
    assert answer.value == pytest.approx(100_001.0)
    assert answer.unit == "USD"


def test_many_rows_are_answered_in_their_order(churn: TestClient, homes: TestClient) -> None:
    classified = churn.post("/predict", json={"rows": [row(tenure=t) for t in (0, 20, 40)]}).json()
    probabilities = [p.probability for p in ClassificationAnswers.model_validate(classified).predictions]
    assert probabilities == pytest.approx([1 / (1 + math.exp(-0.05 * t)) for t in (0, 20, 40)], abs=1e-7)
    estimated = homes.post("/predict", json={"rows": [{"area": a, "heating": "gas"} for a in (30, 20)]}).json()
    assert [p.value for p in RegressionAnswers.model_validate(estimated).predictions] == [30_000.0, 20_000.0]


def test_an_answer_names_the_model_and_its_record(folder: Path) -> None:
    bundle = load(folder)
    client = TestClient(create_app(bundle, version="17"))
    model = client.post("/predict", json=row()).json()["model"]
    assert model == {"name": "churn", "version": "17", "record": bundle.record_digest}


def test_without_a_version_the_record_stands_for_it(churn: TestClient) -> None:
    model = churn.post("/predict", json=row()).json()["model"]
    assert model["version"] == model["record"][:12]


def test_null_is_accepted_where_training_saw_it(churn: TestClient, homes: TestClient) -> None:
    assert churn.post("/predict", json=row(**{"total charges": None})).status_code == 200
    assert homes.post("/predict", json={"area": 50, "heating": None}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field", "problem", "sent", "allowed"),
    [
        ({"tenure": ABSENT}, "tenure", "is missing", None, "a number in months (training saw 0 to 72)"),
        ({"tenure": None}, "tenure", "must not be null", None, "a number in months (training saw 0 to 72)"),
        ({"tenure": "12"}, "tenure", "is not a number", "12", "a number in months (training saw 0 to 72)"),
        ({"tenure": True}, "tenure", "is not a number", True, "a number in months (training saw 0 to 72)"),
        ({"tenure": [1]}, "tenure", "is not a number", "[1]", "a number in months (training saw 0 to 72)"),
        (
            {"total charges": 1e39},
            "total charges",
            "is too large for a 32-bit number",
            1e39,
            "a number in USD (training saw 18.8 to 8684.8), or null",
        ),
        (
            {"contract": "Weekly"},
            "contract",
            "is not an allowed value",
            "Weekly",
            "one of 'Month-to-month', 'Two year'",
        ),
        ({"contract": 2}, "contract", "is not an allowed value", 2, "one of 'Month-to-month', 'Two year'"),
        ({"contract": None}, "contract", "must not be null", None, "one of 'Month-to-month', 'Two year'"),
        ({"tenur": 1}, "tenur", "is not a field of this model", 1, "nothing; did you mean 'tenure'?"),
        ({"zzz": 1}, "zzz", "is not a field of this model", 1, "only tenure, total charges, contract"),
    ],
)
def test_a_refusal_names_the_field_what_was_sent_and_what_is_allowed(
    churn: TestClient, changes: dict[str, Any], field: str, problem: str, sent: Any, allowed: str
) -> None:
    expected = {"field": field, "row": None, "problem": problem, "sent": sent, "allowed": allowed}
    assert problems(churn, row(**changes)) == [expected]


def test_every_problem_has_its_own_entry(churn: TestClient) -> None:
    found = problems(churn, {"tenure": "x", "contract": "Weekly", "zzz": 1})
    assert [p["field"] for p in found] == ["tenure", "total charges", "contract", "zzz"]


def test_a_problem_among_many_rows_names_its_row(churn: TestClient) -> None:
    found = problems(churn, {"rows": [row(), row(tenure="x"), 5]})
    assert [(p["row"], p["field"]) for p in found] == [(1, "tenure"), (2, None)]


@pytest.mark.parametrize(
    ("document", "field", "problem"),
    [
        ({"rows": []}, "rows", "is empty"),
        ({"rows": 3}, "rows", "is not a list"),
        ({"rows": [row()], "more": 1}, "more", "is not a field of this model"),
        ([row()], None, "is not an object"),
        (None, None, "is not an object"),
    ],
)
def test_a_body_of_another_shape_is_refused(churn: TestClient, document: Any, field: str | None, problem: str) -> None:
    body = json.dumps(document)
    found = churn.post("/predict", content=body, headers=JSON).json()["problems"]
    assert [(p["field"], p["problem"]) for p in found] == [(field, problem)]


def test_a_refusal_stays_small_however_much_is_wrong(churn: TestClient) -> None:
    refusal = churn.post("/predict", json=row(contract="x" * 100_000, **{f"f{i}": i for i in range(5000)})).json()
    assert len(refusal["problems"]) == 100
    assert refusal["problems_not_shown"] == 4901
    assert len(refusal["problems"][0]["sent"]) == 201


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """The churn model, told to answer numbers out of range with a warning."""
    return TestClient(create_app(load(write_bundle(tmp_path_factory.mktemp("lenient") / "bundle", LENIENT))))


def test_a_number_outside_the_training_range_is_refused(churn: TestClient) -> None:
    found = problems(churn, {"rows": [row(), row(tenure=72.5)]})
    allowed = "a number in months (training saw 0 to 72)"
    problem = "is outside the range that training saw"
    assert found == [{"field": "tenure", "row": 1, "problem": problem, "sent": 72.5, "allowed": allowed}]


def test_it_is_answered_with_a_warning_where_the_signature_says_so(lenient: TestClient) -> None:
    answers = lenient.post("/predict", json={"rows": [row(), row(tenure=72.5)]}).json()["predictions"]
    warning = {"field": "tenure", "sent": 72.5, "allowed": "a number in months (training saw 0 to 72)"}
    assert [a["warnings"] for a in answers] == [[], [warning]]
    assert lenient.post("/predict", json=row(tenure=-1)).json()["warnings"][0]["sent"] == -1


def test_the_ends_of_the_training_range_are_inside_it(churn: TestClient, lenient: TestClient) -> None:
    ends = (18.8, 8684.8, None, float(np.float32(8684.8)), float(np.float32(18.8)))
    answers = lenient.post("/predict", json={"rows": [row(**{"total charges": c}) for c in ends]}).json()
    assert [a["warnings"] for a in answers["predictions"]] == [[]] * 5
    assert churn.post("/predict", json={"rows": [row(**{"total charges": c}) for c in ends]}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{} x", b"\xff", b'{"tenure": NaN}', b'{"tenure": Infinity}', b"[" * 100_000, b'"\\ud800"'],
)
def test_a_body_that_is_no_json_gets_400(churn: TestClient, body: bytes) -> None:
    response = churn.post("/predict", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"].startswith("the body is not JSON")


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"1" * 400])
def test_a_number_beyond_every_float_is_refused(churn: TestClient, number: bytes) -> None:
    body = json.dumps(row(tenure=0)).encode().replace(b'"tenure": 0', b'"tenure": ' + number)
    response = churn.post("/predict", content=body, headers=JSON)
    assert response.status_code == 422
    assert [p["field"] for p in response.json()["problems"]] == ["tenure"]


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_gets_415(churn: TestClient, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = churn.post("/predict", content=json.dumps(row()).encode(), headers=headers)
    assert response.status_code == 415
    assert "application/json" in response.json()["error"]


def test_a_charset_beside_the_content_type_is_fine(churn: TestClient) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    assert churn.post("/predict", content=json.dumps(row()), headers=headers).status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/predict", 405), ("GET", "/nothing", 404)])
def test_other_routes_and_methods_are_refused_in_the_same_form(
    churn: TestClient, method: str, path: str, status: int
) -> None:
    response = churn.request(method, path)
    assert response.status_code == status
    assert response.json()["problems"] == []


def test_a_failing_endpoint_tells_no_stack_trace(folder: Path) -> None:
    endpoint = make_endpoint(load(folder), read_settings([str(folder)], {}))
    endpoint.answering.service.decoder = None  # type: ignore[assignment]  # whatever needs it now fails
    response = TestClient(endpoint.app, raise_server_exceptions=False).post("/predict", json=row())
    assert response.status_code == 500
    assert response.json()["error"] == "the endpoint failed; its log tells why"


def test_a_model_without_a_finite_answer_gets_500_in_words(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle", HOMES, model_bytes(HOMES, weight=1e36))
    response = TestClient(create_app(load(folder))).post("/predict", json={"area": 900, "heating": "gas"})
    assert response.status_code == 500
    assert "no finite number" in response.json()["error"]


@pytest.mark.parametrize("path", ["/predict", "/explain"])
def test_a_number_so_large_that_the_model_has_no_answer_is_the_callers_to_mend(tmp_path: Path, path: str) -> None:
    warns = HOMES.model_copy(update={"out_of_range": "warn"})
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle", warns))))
    response = client.post(path, json={"area": 3.4e38, "heating": "gas"})
    assert response.status_code == 422
    (problem,) = response.json()["problems"]
    assert (problem["field"], problem["sent"]) == ("area", 3.4e38)
    assert "so far outside the range of training" in problem["problem"]


def test_a_field_may_be_refused_out_of_range_where_others_are_warned_of(tmp_path: Path) -> None:
    strict = PLACES.model_copy(update={"refused": ("latitude",)})
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle", strict))))
    beyond = PLACES.examples[0] | {"latitude": 10.0, "area": 900.0}
    (problem,) = client.post("/predict", json=beyond).json()["problems"]
    assert (problem["field"], problem["problem"]) == ("latitude", "is outside the range that training saw")
    answer = client.post("/predict", json=beyond | {"latitude": 47.6}).json()
    assert [warning["field"] for warning in answer["warnings"]] == ["area"]
    row = client.get("/openapi.json").json()["components"]["schemas"]["Row"]["properties"]
    assert "47.5" in str(row["latitude"]["anyOf"])
    assert "47.5" not in str(row["longitude"]["anyOf"])


def test_a_first_example_that_cannot_be_answered_keeps_the_endpoint_from_starting(tmp_path: Path) -> None:
    impossible = HOMES.model_copy(update={"examples": ({"area": "large", "heating": "gas"},)})
    folder = write_bundle(tmp_path / "example", impossible)
    (folder / "background.json").unlink()
    seal(folder)
    with pytest.raises(BundleInvalid, match=r"signature\.json: its first example"):
        create_app(load(folder))
    with pytest.raises(BundleInvalid, match=r"model\.onnx: cannot answer the first example"):
        create_app(load(write_bundle(tmp_path / "model", HOMES, model_bytes(HOMES, weight=1e38))))


def test_it_is_not_ready_before_it_serves(folder: Path) -> None:
    endpoint = make_endpoint(load(folder), read_settings([str(folder)], {}))
    client = TestClient(endpoint.app)
    assert client.get("/health/ready").status_code == client.get("/health").status_code == 503
    endpoint.answering.service.ready = True
    assert client.get("/health/ready").json() == client.get("/health").json() == {"status": "ready"}
    assert client.get("/health/live").json() == {"status": "live"}


def test_model_info_is_the_decision_record(folder: Path) -> None:
    bundle = load(folder)
    info = ModelInfo.model_validate(TestClient(create_app(bundle)).get("/model-info").json())
    assert info.record == json.loads((folder / "record.json").read_text())
    assert (info.record_digest, info.bundle_digest, info.name) == (bundle.record_digest, bundle.digest, "churn")


def test_openapi_shows_the_models_own_fields(churn: TestClient) -> None:
    schema = churn.get("/openapi.json").json()["components"]["schemas"]["Row"]
    assert schema["required"] == ["tenure", "total charges", "contract"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["contract"]["enum"] == ["Month-to-month", "Two year"]
    assert "How long the customer is bound" in schema["properties"]["contract"]["description"]
    assert "months" in schema["properties"]["tenure"]["description"]
    assert {"type": "null"} in schema["properties"]["total charges"]["anyOf"]
    assert schema["examples"] == [CHURN.examples[0]]


CORPUS = [
    row(),
    row(tenure=5.5),
    row(tenure=None),
    row(tenure="1"),
    row(tenure=True),
    row(tenure=1e39),
    row(tenure=3.4e38),
    row(contract="Two year"),
    row(contract="two year"),
    row(contract=None),
    row(more=1),
    row(contract=ABSENT),
    row(**{"total charges": None}),
    {"rows": [row()]},
    {"rows": [row(), row(tenure="1")]},
    {"rows": []},
    {"rows": None},
    {"rows": [row()], "tenure": 1},
    {},
    [],
    None,
    "text",
]


@pytest.mark.parametrize("document", CORPUS, ids=range(len(CORPUS)))
def test_what_openapi_allows_is_what_is_answered(churn: TestClient, document: Any) -> None:
    openapi = churn.get("/openapi.json").json()
    body = openapi["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = jsonschema.Draft202012Validator(body | {"components": openapi["components"]})
    response = churn.post("/predict", content=json.dumps(document), headers=JSON)
    assert (response.status_code == 200) == validator.is_valid(document)


def test_field_names_may_be_anything_a_column_can_be_called(tmp_path: Path) -> None:
    odd = HOMES.model_copy(
        update={
            "inputs": (
                HOMES.inputs[0],
                HOMES.inputs[1],
                *(
                    Field(name=name, type="number", nullable=True)
                    for name in (
                        "rows",
                        "model_config",
                        "_x",
                        "class",
                        "größe (m²)",
                        "",
                        'size 12"',
                        "back\\slash",
                        "tab\t",
                    )
                ),
            ),
        }
    )
    example = {field.name: None for field in odd.inputs} | {"area": 30.0}
    odd = odd.model_copy(update={"examples": (example,)})
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle", odd))))
    assert client.post("/predict", json=example).json()["value"] == 30_000.0
    assert len(client.post("/predict", json={"rows": [example, example]}).json()["predictions"]) == 2
    assert client.get("/openapi.json").status_code == 200
