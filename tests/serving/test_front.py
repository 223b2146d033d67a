"""What every request passes, tried on the application in this process."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.bundle.loading import load
from serving.endpoint import create_app, make_endpoint
from serving.front.front import SHORT_BYTES
from serving.settings import read_settings
from tests.support.bundles import CHURN, write_bundle

ROW = dict(CHURN.examples[0])
KEY = {"authorization": "Bearer open-sesame"}


def client(folder: Path, *options: str) -> TestClient:
    return TestClient(create_app(load(folder), *options))


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"team-a:{hashlib.sha256(b'open-sesame').hexdigest()}\n")
    return path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/predict"), ("POST", "/invocations"), ("POST", "/explain"), ("POST", "/feedback"), ("GET", "/"),
        ("GET", "/docs"), ("GET", "/openapi.json"), ("GET", "/model-info"), ("GET", "/metrics"), ("GET", "/nothing"),
        ("POST", "/v2/models/churn/infer"), ("GET", "/v2"),
    ],
)  # fmt: skip
def test_nothing_but_health_is_told_without_a_key(folder: Path, keys: Path, method: str, path: str) -> None:
    asked = client(folder, "--keys", str(keys))
    refused = asked.request(method, path, json=ROW if method == "POST" else None)
    assert refused.status_code == 401
    assert "authorization: Bearer" in refused.json()["error"]
    assert asked.request(method, path, json=ROW if method == "POST" else None, headers=KEY).status_code != 401


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/ping", "/v2/health/live"])
def test_health_is_told_to_everybody(folder: Path, keys: Path, path: str) -> None:
    assert client(folder, "--keys", str(keys)).get(path).status_code == 200


def test_a_key_lets_in_and_another_does_not(folder: Path, keys: Path) -> None:
    asked = client(folder, "--keys", str(keys))
    assert asked.post("/predict", json=ROW, headers=KEY).status_code == 200
    assert asked.post("/predict", json=ROW, headers={"x-api-key": "open-sesame"}).status_code == 200
    assert asked.post("/predict", json=ROW, headers={"authorization": "Bearer guess"}).status_code == 401


def test_too_many_requests_are_told_when_to_come_back(folder: Path) -> None:
    asked = client(folder, "--address-rate", "0.5")
    assert asked.post("/predict", json=ROW).status_code == 200
    refused = asked.post("/predict", json=ROW)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")


def test_too_many_rows_get_413(folder: Path) -> None:
    asked = client(folder, "--max-rows", "2")
    assert asked.post("/predict", json={"rows": [ROW] * 2}).status_code == 200
    refused = asked.post("/predict", json={"rows": [ROW] * 3})
    assert refused.status_code == 413
    assert refused.json()["error"] == "3 rows were sent; at most 2 are answered at once"
    assert asked.post("/invocations", json={"dataframe_records": [ROW] * 3}).status_code == 413


def test_a_request_that_is_too_long_gets_413(folder: Path) -> None:
    asked = client(folder, "--max-body-bytes", "1000")
    assert asked.post("/predict", json={"rows": [ROW] * 50}).status_code == 413


@pytest.mark.parametrize("path", ["/predict", "/health/live", "/model-info", "/nothing", "/openapi.json"])
def test_every_answer_carries_security_headers_and_an_id(folder: Path, path: str) -> None:
    headers = client(folder).get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert len(headers["x-request-id"]) == 32


def test_the_callers_own_id_is_kept_when_it_is_a_plain_word(folder: Path) -> None:
    asked = client(folder)
    answer = asked.post("/predict", json=ROW, headers={"x-request-id": "order-17"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "order-17"
    for odd in ("a b", "x" * 65, "<script>", ""):
        answer = asked.post("/predict", json=ROW, headers={"x-request-id": odd})
        assert answer.headers["x-request-id"] == answer.json()["request_id"] != odd


def test_many_rows_get_the_same_answers_as_each_row_alone(folder: Path) -> None:
    asked = client(folder)
    rows = [ROW | {"tenure": float(t % 70)} for t in range(1000)]
    assert len(json.dumps({"rows": rows})) > SHORT_BYTES
    many = [p["probability"] for p in asked.post("/predict", json={"rows": rows}).json()["predictions"]]
    assert many[:70] == pytest.approx(
        [asked.post("/predict", json=row).json()["probability"] for row in rows[:70]], abs=1e-12
    )
    assert len(many) == 1000


def scope(**changes: Any) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json")]
    return {
        "type": "http",
        "method": "POST",
        "path": "/predict",
        "headers": headers,
        "client": ("192.0.2.1", 1),
    } | changes


def test_the_short_way_answers_as_the_long_way_does(folder: Path) -> None:
    app = create_app(load(folder))
    for document in (ROW, {"rows": [ROW, ROW]}, ROW | {"tenure": "x"}, {"rows": []}, "text"):
        short = app.at_once(scope(), json.dumps(document).encode())
        long = TestClient(app).post("/predict", json=document)
        assert short is not None
        answers = [json.loads(short.body), long.json()]
        assert short.status == long.status_code
        assert answers[0] | {"request_id": ""} == answers[1] | {"request_id": ""}


@pytest.mark.parametrize("other", [{"path": "/explain"}, {"method": "GET"}, {"path": "/predict/"}])
def test_only_a_short_prediction_takes_the_short_way(folder: Path, other: dict[str, str]) -> None:
    app = create_app(load(folder))
    assert app.at_once(scope(**other), json.dumps(ROW).encode()) is None
    assert app.at_once(scope(), b" " * (SHORT_BYTES + 1)) is None


def test_health_and_metrics_can_be_told_elsewhere_only(folder: Path) -> None:
    endpoint = make_endpoint(load(folder), read_settings([str(folder), "--management-port", "0"], {}))
    endpoint.answering.service.ready = True
    public, management = TestClient(endpoint.app), TestClient(endpoint.management)
    for path in ("/health", "/health/live", "/health/ready", "/metrics"):
        assert public.get(path).status_code == 404
        assert management.get(path).status_code == 200
    assert public.post("/predict", json=ROW).status_code == 200
    assert management.post("/predict", json=ROW).status_code == 404


def metrics(asked: TestClient) -> dict[str, float]:
    lines = [line for line in asked.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_prometheus_reads_what_was_answered_refused_and_warned_of(tmp_path: Path) -> None:
    lenient = CHURN.model_copy(update={"out_of_range": "warn"})
    asked = client(write_bundle(tmp_path / "bundle", lenient))
    asked.post("/predict", json=ROW)
    asked.post("/predict", json={"rows": [ROW, ROW | {"tenure": 100}]})
    asked.post("/predict", json=ROW | {"tenure": "x", "more": 1})
    asked.get("/nothing")
    told = metrics(asked)
    assert told['slipway_requests_total{route="predict",status="200"}'] == 2
    assert told['slipway_requests_total{route="predict",status="422"}'] == 1
    assert told['slipway_requests_total{route="other",status="404"}'] == 1
    assert told["slipway_predictions_total"] == 3
    assert told['slipway_refused_inputs_total{field="tenure"}'] == 1
    assert told['slipway_refused_inputs_total{field="(unknown)"}'] == 1
    assert told['slipway_out_of_range_total{field="tenure"}'] == 1
    assert told['slipway_request_seconds_count{route="predict"}'] == 3
    assert told['slipway_request_seconds_bucket{le="+Inf",route="predict"}'] == 3
    assert told['slipway_scores_bucket{le="+Inf"}'] == told["slipway_scores_count"] == 3
    assert any(name.startswith('slipway_model_info{name="churn"') for name in told)


def test_outcomes_are_taken_for_the_log(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    endpoint = make_endpoint(load(folder), read_settings([str(folder), "--log-to", str(log)], {}))
    asked = TestClient(endpoint.app)
    endpoint.answering.log.start()
    request_id = asked.post("/predict", json=ROW).json()["request_id"]
    taken = asked.post("/feedback", json={"request_id": request_id, "outcome": 1})
    assert (taken.status_code, taken.json()) == (202, {"request_id": request_id})
    asked.post("/predict", json=ROW | {"tenure": None})
    endpoint.stop(10)
    entries = [json.loads(line) for path in log.iterdir() for line in gunzipped(path)]
    assert [entry["kind"] for entry in entries] == ["prediction", "feedback", "refused"]
    assert entries[0]["id"] == entries[1]["id"] == request_id
    assert entries[0]["inputs"] == [ROW]
    assert metrics(asked)["slipway_log_written_total"] == 3


@pytest.mark.parametrize(
    "outcome",
    [
        {"request_id": "a", "outcome": None}, {"request_id": "a"}, {"request_id": "a b", "outcome": 1},
        {"request_id": "a", "outcome": 1, "row": -1}, {"request_id": "a", "outcome": 1, "more": 1}, [], None,
    ],
)  # fmt: skip
def test_an_outcome_that_does_not_fit_is_refused_with_its_problems(folder: Path, outcome: Any) -> None:
    refused = client(folder).post("/feedback", json=outcome)
    assert refused.status_code == 422
    assert refused.json()["problems"]


def test_an_outcome_that_is_not_kept_is_not_taken(folder: Path) -> None:
    refused = client(folder).post("/feedback", json={"request_id": "a", "outcome": 1})
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"


def gunzipped(path: Path) -> list[str]:
    import gzip

    return gzip.decompress(path.read_bytes()).decode().splitlines()


def test_the_documents_tell_that_a_key_is_needed_and_where_it_stands(folder: Path, keys: Path) -> None:
    told = client(folder, "--keys", str(keys)).get("/openapi.json", headers=KEY).json()
    assert told["security"] == [{"bearer": []}, {"header": []}, {"password": []}]
    assert set(told["components"]["securitySchemes"]) == {"bearer", "header", "password"}
    assert told["paths"]["/health/ready"]["get"]["security"] == []
    assert "security" not in told["paths"]["/predict"]["post"]
    assert "security" not in client(folder).get("/openapi.json").json()


@pytest.mark.parametrize("path", ["/predict", "/explain", "/invocations"])
def test_a_compressed_body_is_told_to_come_as_it_is(folder: Path, path: str) -> None:
    refused = client(folder).post(path, json=ROW, headers={"content-encoding": "gzip"})
    assert refused.status_code == 415
    assert "without a content-encoding" in refused.json()["error"]
