"""The Open Inference Protocol, asked by NVIDIA's client, by requests as MLServer's codecs write them, and by hand."""

import gzip
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import tritonclient.http as triton
from fastapi.testclient import TestClient
from tritonclient.utils import InferenceServerException

from serving.bundle.loading import load
from serving.endpoint import create_app, make_endpoint
from serving.settings import read_settings
from slipway.core.signature import Interval
from tests.support.bundles import CHURN, HOMES, write_bundle
from tests.support.endpoints import serving

INFER = "/v2/models/churn/infer"
HEADER = "Inference-Header-Content-Length"
BINARY = "application/octet-stream"
PROBABILITIES = [0.6456563116804368, 0.7310585786300049]
NAN = float("nan")
COLUMNS: dict[str, list[Any]] = {
    "tenure": [12.0, 0.0],
    "total charges": [500.5, NAN],
    "contract": ["Month-to-month", "Two year"],
}
# What PandasCodec.encode_request of MLServer 1.7.1 writes for the two rows above.
OF_MLSERVER = (
    '{"parameters":{"content_type":"pd"},"inputs":['
    '{"name":"tenure","shape":[2,1],"datatype":"FP64","data":[12.0,0.0]},'
    '{"name":"total charges","shape":[2,1],"datatype":"FP64","data":[500.5,null]},'
    '{"name":"contract","shape":[2,1],"datatype":"BYTES","parameters":{"content_type":"str"},'
    '"data":["Month-to-month","Two year"]}]}'
)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return TestClient(create_app(load(write_bundle(tmp_path_factory.mktemp("ours") / "bundle", CHURN)), version="7"))


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[triton.InferenceServerClient]:
    """NVIDIA's client and a process of ours."""
    bundle = write_bundle(tmp_path_factory.mktemp("stock") / "bundle")
    with serving(bundle, "--model-version", "7") as address:
        client = triton.InferenceServerClient(address)
        yield client
        client.close()


def tensors(columns: dict[str, list[Any]], *, binary: bool = True, number: str = "FP32") -> list[triton.InferInput]:
    made = []
    for name, cells in columns.items():
        kind = "BYTES" if name == "contract" else number
        tensor = triton.InferInput(name, [len(cells), 1], kind)
        dtype = object if kind == "BYTES" else triton.triton_to_np_dtype(kind)
        tensor.set_data_from_numpy(np.array(cells, dtype=dtype).reshape(-1, 1), binary_data=binary)
        made.append(tensor)
    return made


def inputs(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """A valid request's inputs as JSON; ``changes`` replace parts of one, by the first word of its name."""
    made = []
    for name, cells in COLUMNS.items():
        kind = "BYTES" if name == "contract" else "FP32"
        data = [None if cell is NAN else cell for cell in cells]
        made.append({"name": name, "shape": [2], "datatype": kind, "data": data} | changes.get(name.split()[0], {}))
    return made


def in_bytes(**changes: dict[str, Any]) -> tuple[list[dict[str, Any]], bytes]:
    """The same request with its tensors behind the JSON."""
    texts = b"".join(struct.pack("<I", len(text)) + text.encode() for text in COLUMNS["contract"])
    contents = [*(np.array(COLUMNS[name], "<f4").tobytes() for name in ("tenure", "total charges")), texts]
    made = inputs(**changes)
    for tensor, content in zip(made, contents, strict=True):
        tensor.setdefault("parameters", {"binary_data_size": len(content)})
        if tensor["data"] != "keep":
            del tensor["data"]
    return made, b"".join(contents)


def post(client: TestClient, document: Any, tail: bytes = b"", headers: dict[str, str] | None = None) -> Any:
    head = document if isinstance(document, bytes) else json.dumps(document).encode()
    sent = {"content-type": BINARY, HEADER: str(len(head))} if tail else {"content-type": "application/json"}
    return client.post(INFER, content=head + tail, headers=sent | (headers or {}))


def test_the_stock_client_learns_what_is_served(stock: triton.InferenceServerClient) -> None:
    assert stock.is_server_live()
    assert stock.is_server_ready()
    assert stock.is_model_ready("churn")
    assert stock.is_model_ready("churn", "7")
    assert not stock.is_model_ready("homes")
    assert not stock.is_model_ready("churn", "8")
    assert stock.get_server_metadata() == {"name": "slipway", "version": "7", "extensions": ["binary_tensor_data"]}
    described = stock.get_model_metadata("churn", "7")
    assert (described["name"], described["versions"], described["platform"]) == ("churn", ["7"], "onnxruntime_onnx")
    assert [(each["name"], each["datatype"], each["shape"]) for each in described["inputs"]] == [
        ("tenure", "FP32", [-1, 1]),
        ("total charges", "FP32", [-1, 1]),
        ("contract", "BYTES", [-1, 1]),
    ]
    assert [(each["name"], each["datatype"]) for each in described["outputs"]] == [
        ("probability", "FP64"),
        ("label", "INT64"),
    ]


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
@pytest.mark.parametrize("binary", [True, False], ids=["bytes", "json"])
def test_the_stock_client_gets_predictions(
    stock: triton.InferenceServerClient, binary: bool, compression: str | None
) -> None:
    answer = stock.infer(
        "churn",
        tensors(COLUMNS, binary=binary),
        request_id="mine",
        request_compression_algorithm=compression,
        response_compression_algorithm=compression,
    )
    assert answer.as_numpy("probability").tolist() == [[value] for value in PROBABILITIES]
    assert answer.as_numpy("label").tolist() == [[1], [1]]
    said = answer.get_response()
    assert (said["id"], said["model_name"], said["model_version"]) == ("mine", "churn", "7")


def test_the_stock_client_chooses_outputs_and_their_form(stock: triton.InferenceServerClient) -> None:
    wanted = [triton.InferRequestedOutput("label", binary_data=False)]
    answer = stock.infer("churn", tensors(COLUMNS), model_version="7", outputs=wanted)
    assert answer.get_response()["outputs"] == [{"name": "label", "datatype": "INT64", "shape": [2, 1], "data": [1, 1]}]
    mixed = [triton.InferRequestedOutput("label", binary_data=True), triton.InferRequestedOutput("probability", False)]
    answer = stock.infer("churn", tensors(COLUMNS), outputs=mixed)
    assert answer.as_numpy("label").tolist() == [[1], [1]]
    assert answer.as_numpy("probability").tolist() == [[value] for value in PROBABILITIES]


def test_the_stock_client_sends_many_rows_and_keeps_their_order(stock: triton.InferenceServerClient) -> None:
    many = {
        "tenure": [step % 73 for step in range(5000)],
        "total charges": [20.0] * 5000,
        "contract": ["Two year"] * 5000,
    }
    answer = stock.infer("churn", tensors(many)).as_numpy("probability")
    assert answer.shape == (5000, 1)
    expected = 1 / (1 + np.exp(-(0.05 * np.array(many["tenure"]) + 1)))
    assert np.abs(answer[:, 0] - expected).max() < 1e-6


def test_the_stock_client_is_told_what_is_wrong(stock: triton.InferenceServerClient) -> None:
    with pytest.raises(
        InferenceServerException, match=r"\[422\].*row 1, tenure is outside the range that training saw"
    ):
        stock.infer("churn", tensors(COLUMNS | {"tenure": [1, 73]}))
    with pytest.raises(InferenceServerException, match=r"\[400\] inputs are missing: contract, total charges"):
        stock.infer("churn", tensors({"tenure": [1]}))
    with pytest.raises(InferenceServerException, match=r"\[404\] another model is served here: churn"):
        stock.infer("homes", tensors(COLUMNS))


INTEGERS = [f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)]


@pytest.mark.parametrize(
    ("number", "binary"),
    [("FP16", True), *((number, binary) for number in ("FP32", "FP64", *INTEGERS) for binary in (True, False))],
)
def test_every_type_of_number_is_taken(stock: triton.InferenceServerClient, number: str, binary: bool) -> None:
    columns = {"tenure": [12, 0], "total charges": [100, 100], "contract": ["Month-to-month", "Two year"]}
    answer = stock.infer("churn", tensors(columns, number=number, binary=binary))
    assert answer.as_numpy("probability").ravel().tolist() == PROBABILITIES


def test_a_request_as_mlserver_writes_it_is_answered(ours: TestClient) -> None:
    answer = post(ours, OF_MLSERVER.encode())
    assert answer.status_code == 200
    assert answer.json()["outputs"] == [
        {"name": "probability", "datatype": "FP64", "shape": [2, 1], "data": PROBABILITIES},
        {"name": "label", "datatype": "INT64", "shape": [2, 1], "data": [1, 1]},
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"tenure": {"shape": [2, 1], "data": [[12], [0]]}},
        {"tenure": {"shape": [2, 1], "data": [12, 0]}},
        {"total": {"data": [500.5, float("nan")]}},
        {"contract": {"parameters": {"content_type": "str"}}},
    ],
)
def test_data_may_be_flat_or_nested_and_missing_in_either_spelling(ours: TestClient, changes: Any) -> None:
    answer = post(ours, {"id": "a", "inputs": inputs(**changes)})
    assert answer.json()["outputs"][0]["data"] == PROBABILITIES
    assert answer.json()["id"] == "a"


def test_tensors_in_bytes_may_stand_beside_tensors_in_json(ours: TestClient) -> None:
    document = inputs(tenure={"parameters": {"binary_data_size": 8}})
    del document[0]["data"]
    answer = post(ours, {"inputs": document}, np.array([12, 0], "<f4").tobytes())
    assert answer.json()["outputs"][0]["data"] == PROBABILITIES


def test_an_empty_text_is_a_missing_category(tmp_path: Path) -> None:
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle", HOMES))))
    sent = [
        {"name": "area", "shape": [2], "datatype": "INT64", "data": [100, 200]},
        {"name": "heating", "shape": [2], "datatype": "BYTES", "data": ["", None]},
    ]
    answer = client.post("/v2/models/homes/infer", json={"inputs": sent})
    assert answer.json()["outputs"] == [{"name": "value", "datatype": "FP64", "shape": [2, 1], "data": [1e5, 2e5]}]


def test_the_ends_of_an_interval_are_outputs(tmp_path: Path) -> None:
    sure = HOMES.model_copy(update={"interval": Interval(level=0.9, below=10.0, above=20.0)})
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle", sure))))
    sent = [
        {"name": "area", "shape": [1], "datatype": "INT64", "data": [100]},
        {"name": "heating", "shape": [1], "datatype": "BYTES", "data": ["gas"]},
    ]
    answer = client.post("/v2/models/homes/infer", json={"inputs": sent}).json()
    assert {each["name"]: each["data"] for each in answer["outputs"]} == {
        "value": [100_000.0],
        "low": [99_990.0],
        "high": [100_020.0],
    }
    assert [each["name"] for each in client.get("/v2/models/homes").json()["outputs"]] == ["value", "low", "high"]


def test_warnings_are_an_output_where_numbers_out_of_range_are_answered(tmp_path: Path) -> None:
    warning = CHURN.model_copy(update={"out_of_range": "warn"})
    with serving(write_bundle(tmp_path / "bundle", warning)) as address:
        client = triton.InferenceServerClient(address)
        answer = client.infer("churn", tensors(COLUMNS | {"tenure": [80, 0]})).as_numpy("warnings").ravel()
        client.close()
    assert json.loads(answer[0])[0]["field"] == "tenure"
    assert answer[1] == b""


def test_the_request_id_is_told_for_feedback(ours: TestClient) -> None:
    answer = post(ours, {"inputs": inputs()}, headers={"x-request-id": "mine"})
    assert answer.json()["parameters"] == {"request_id": "mine"}


def test_outputs_in_bytes_stand_behind_the_json_in_their_order(ours: TestClient) -> None:
    answer = post(ours, {"inputs": inputs(), "parameters": {"binary_data_output": True}})
    length = int(answer.headers[HEADER])
    head, tail = json.loads(answer.content[:length]), answer.content[length:]
    assert answer.headers["content-type"] == BINARY
    assert [each["parameters"] for each in head["outputs"]] == [{"binary_data_size": 16}, {"binary_data_size": 16}]
    assert np.frombuffer(tail[:16], "<f8").tolist() == PROBABILITIES
    assert np.frombuffer(tail[16:], "<i8").tolist() == [1, 1]


def test_before_it_is_ready_it_lives_and_says_that_it_is_not(tmp_path: Path) -> None:
    endpoint = make_endpoint(load(write_bundle(tmp_path / "bundle")), read_settings(["bundle"], {}))
    client = TestClient(endpoint.app)
    assert client.get("/v2/health/live").json() == {"live": True}
    for path in ("/v2/health/ready", "/v2/models/churn/ready"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["ready"]) == (503, False)


@pytest.mark.parametrize("path", ["/v2/models/x", "/v2/models/churn/versions/8", "/v2/models/churn/versions/8/ready"])
def test_another_model_or_version_is_answered_with_404_in_the_protocols_words(ours: TestClient, path: str) -> None:
    answer = ours.get(path)
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


TEXTS = {"parameters": {"binary_data_size": 30}}
MALFORMED_JSON: dict[str, tuple[Any, str]] = {
    "no object": ([], "Expected `object`"),
    "no inputs": ({}, "missing required field `inputs`"),
    "inputs that are no list": ({"inputs": {}}, "Expected `array`"),
    "an empty list of inputs": ({"inputs": []}, "inputs are missing: contract, tenure, total charges"),
    "an unknown key": ({"inputs": inputs(), "input": 1}, "unknown field `input`"),
    "an unknown key of a tensor": ({"inputs": inputs(tenure={"content": "x"})}, "unknown field `content`"),
    "an unknown input": ({"inputs": inputs(tenure={"name": "tenur"})}, "the model has no input 'tenur'"),
    "an input sent twice": ({"inputs": [*inputs(), inputs()[0]]}, "the input 'tenure' is sent twice"),
    "a missing input": ({"inputs": inputs()[1:]}, "inputs are missing: tenure"),
    "a number as text": ({"inputs": inputs(tenure={"datatype": "BYTES"})}, "has the datatype BYTES; it takes FP16"),
    "a category as number": ({"inputs": inputs(contract={"datatype": "FP32"})}, "it takes BYTES"),
    "booleans": ({"inputs": inputs(tenure={"datatype": "BOOL"})}, "has the datatype BOOL"),
    "an unknown datatype": ({"inputs": inputs(tenure={"datatype": "fp32" * 999})}, "has the datatype fp32"),
    "no data": ({"inputs": inputs(tenure={"data": None})}, "has no list of `data`"),
    "data that are no list": ({"inputs": inputs(tenure={"data": 12})}, "has no list of `data`"),
    "too little data": ({"inputs": inputs(tenure={"data": [1]})}, "has 1 elements; its shape asks for 2"),
    "other numbers of rows": ({"inputs": inputs(tenure={"shape": [1], "data": [1]})}, "different numbers of rows"),
    "no shape": ({"inputs": inputs(tenure={"shape": []})}, "has the shape []; it takes [n] or [n, 1]"),
    "no rows": ({"inputs": inputs(tenure={"shape": [0], "data": []})}, "has the shape [0]"),
    "a negative shape": ({"inputs": inputs(tenure={"shape": [-2]})}, "has the shape [-2]"),
    "a shape of two columns": ({"inputs": inputs(tenure={"shape": [1, 2]})}, "has the shape [1, 2]"),
    "a shape of three figures": ({"inputs": inputs(tenure={"shape": [2, 1, 1]})}, "has the shape [2, 1, 1]"),
    "a huge shape": ({"inputs": inputs(tenure={"shape": [2**62, 1]})}, "its shape asks for 4,611,686,018,427,387,904"),
    "a shape beyond 64 bits": ({"inputs": inputs(tenure={"shape": [2**80, 2**80]})}, "has the shape"),
    "a shape in fractions": ({"inputs": inputs(tenure={"shape": [1.5]})}, "Expected `int`, got `float`"),
    "data nested too deep": ({"inputs": inputs(tenure={"data": [[[12]], [[0]]]})}, "has '[[12]]', which is no FP32"),
    "text in numbers": ({"inputs": inputs(tenure={"data": ["12", 0]})}, "has '12', which is no FP32"),
    "truth in numbers": ({"inputs": inputs(tenure={"data": [True, 0]})}, "has True, which is no FP32"),
    "fractions in integers": ({"inputs": inputs(tenure={"datatype": "INT8", "data": [1.5, 0]})}, "is no INT8"),
    "too much for the type": ({"inputs": inputs(tenure={"datatype": "INT8", "data": [128, 0]})}, "is no INT8"),
    "below zero without sign": ({"inputs": inputs(tenure={"datatype": "UINT8", "data": [-1, 0]})}, "is no UINT8"),
    "numbers in texts": ({"inputs": inputs(contract={"data": [1, "Two year"]})}, "has 1, which is no BYTES"),
    "bytes that are not there": ({"inputs": inputs(tenure=TEXTS)}, "is not a number of bytes that the body has left"),
    "shared memory": (
        {"inputs": inputs(tenure={"parameters": {"shared_memory_region": "x"}})}, "lies in shared memory, which is not"
    ),
    "an unknown output": ({"inputs": inputs(), "outputs": [{"name": "x"}]}, "the model has no output 'x'"),
    "an output twice": ({"inputs": inputs(), "outputs": [{"name": "label"}] * 2}, "an output is asked for twice"),
    "a flag that is none": ({"inputs": inputs(), "parameters": {"binary_data_output": 1}}, "neither true nor false"),
    "a flag of an output": (
        {"inputs": inputs(), "outputs": [{"name": "label", "parameters": {"binary_data": "yes"}}]},
        "binary_data is neither true nor false",
    ),
    "an id that is no text": ({"id": 1, "inputs": inputs()}, "Expected `str | null`, got `int`"),
    "no JSON": (b"{", "the request is not JSON"),
    "nothing": (b"", "the request is not JSON"),
    "half a surrogate": (b'{"id": "\\ud800"}', "the request is not JSON"),
    "a deep nest": (b"[" * 100_000, "the request is not JSON"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(MALFORMED_JSON))
def test_a_request_that_the_protocol_does_not_allow_gets_400_in_words(ours: TestClient, case: str) -> None:
    document, words = MALFORMED_JSON[case]
    answer = post(ours, document)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert words in answer.json()["error"]
    assert len(answer.json()["error"]) < 1000


WHOLE = in_bytes()[1]
MALFORMED_BYTES: dict[str, tuple[dict[str, Any], bytes, str]] = {
    "cut off": ({}, WHOLE[:-1], "is not a number of bytes that the body has left"),
    "too much": ({}, WHOLE + b"x", "the body has 1 bytes more than its tensors announce"),
    "a negative size": ({"tenure": {"parameters": {"binary_data_size": -8}}}, WHOLE, "is not a number of bytes"),
    "a size past the end": ({"tenure": {"parameters": {"binary_data_size": 2**63}}}, WHOLE, "is not a number of bytes"),
    "a size in fractions": ({"tenure": {"parameters": {"binary_data_size": 8.5}}}, WHOLE, "is not a number of bytes"),
    "a true size": ({"tenure": {"parameters": {"binary_data_size": True}}}, WHOLE, "is not a number of bytes"),
    "a size as text": ({"tenure": {"parameters": {"binary_data_size": "8"}}}, WHOLE, "is not a number of bytes"),
    "a size of another shape": ({"tenure": {"shape": [3]}}, WHOLE, "has 8 bytes; its shape asks for 12"),
    "a size of another type": ({"tenure": {"datatype": "FP64"}}, WHOLE, "has 8 bytes; its shape asks for 16"),
    "a huge shape": ({"tenure": {"shape": [2**62, 1]}}, WHOLE, "its shape asks for 18,446,744,073,709,551,616"),
    "a product that overflows": ({"tenure": {"shape": [2**63 + 1, 2**63 + 1]}}, WHOLE, "has the shape"),
    "sizes that overlap": ({"tenure": {"parameters": {"binary_data_size": len(WHOLE)}}}, WHOLE, "is not a number"),
    "data beside bytes": ({"tenure": {"data": "keep"}}, WHOLE, "has both `data` and bytes"),
    "too many strings": ({"contract": {"shape": [1]}}, WHOLE, "has 2 elements; its shape asks for 1"),
    "a string past the end": ({}, WHOLE.replace(struct.pack("<I", 8), b"\xff" * 4), "ends in the middle of a string"),
    "a string one byte too long": ({}, WHOLE.replace(struct.pack("<I", 8), b"\x09\0\0\0"), "ends in the middle"),
    "a string one byte too short": ({}, WHOLE.replace(struct.pack("<I", 8), b"\x07\0\0\0"), "ends in the middle"),
    "a string that is not UTF-8": ({}, WHOLE.replace(b"Two", b"\xff\xfe\xfd"), "has a string that is not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(MALFORMED_BYTES))
def test_bytes_that_are_not_what_is_announced_get_400_in_words(ours: TestClient, case: str) -> None:
    changes, tail, words = MALFORMED_BYTES[case]
    document, _ = in_bytes(**changes)
    answer = post(ours, {"inputs": document}, tail)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 3))
def test_a_body_cut_off_anywhere_gets_400(ours: TestClient, cut: int) -> None:
    document, _ = in_bytes()
    head = json.dumps({"inputs": document}).encode()
    headers = {"content-type": BINARY, HEADER: str(len(head))}
    assert ours.post(INFER, content=head + WHOLE[:cut], headers=headers).status_code == 400


@pytest.mark.parametrize("length", ["-1", "0", "1", "99999999", "9" * 400, "1e3", "abc", "²", "1.0", " ", ""])
def test_a_length_of_the_json_that_is_wrong_gets_400(ours: TestClient, length: str) -> None:
    answer = post(ours, {"inputs": inputs()}, headers={HEADER: length.encode()})  # type: ignore[dict-item]
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"tenure": {"data": [None, 0]}}, "tenure"),
        ({"tenure": {"datatype": "FP64", "data": [1e39, 0]}}, "tenure"),
        ({"tenure": {"data": [float("inf"), 0]}}, "tenure"),
        ({"tenure": {"data": [10**400, 0]}}, "tenure"),
        ({"contract": {"data": ["Three year", "Two year"]}}, "contract"),
        ({"contract": {"data": ["", "Two year"]}}, "contract"),
    ],
)
def test_values_outside_the_domain_get_422_with_every_problem(ours: TestClient, sent: Any, field: str) -> None:
    answer = post(ours, {"inputs": inputs(**sent)})
    assert answer.status_code == 422
    first = answer.json()["problems"][0]
    assert (first["field"], first["row"]) == (field, 0)
    assert field in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(json.dumps({"inputs": inputs()}).encode()), "gzip", 200),
        (gzip.compress(json.dumps({"inputs": inputs()}).encode()), "GZIP", 200),
        (zlib.compress(json.dumps({"inputs": inputs()}).encode()), "deflate", 200),
        (json.dumps({"inputs": inputs()}).encode(), "identity", 200),
        (json.dumps({"inputs": inputs()}).encode(), "gzip", 400),
        (gzip.compress(json.dumps({"inputs": inputs()}).encode())[:-9], "gzip", 400),
        (gzip.compress(json.dumps({"inputs": inputs()}).encode()) + b"more", "gzip", 400),
        (b"", "gzip", 400),
        (gzip.compress(b" " * 200_000_000, 9), "gzip", 413),
        (json.dumps({"inputs": inputs()}).encode(), "br", 415),
        (json.dumps({"inputs": inputs()}).encode(), "gzip, gzip", 415),
    ],
)
def test_a_compressed_body_is_inflated_within_bounds(ours: TestClient, body: bytes, encoding: str, status: int) -> None:
    headers = {"content-type": "application/json", "content-encoding": encoding}
    assert ours.post(INFER, content=body, headers=headers).status_code == status


def test_another_content_type_gets_415(ours: TestClient) -> None:
    assert post(ours, {"inputs": inputs()}, headers={"content-type": "text/plain"}).status_code == 415


def test_more_rows_than_are_answered_at_once_get_413(tmp_path: Path) -> None:
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle")), "--max-rows", "1"))
    assert post(client, {"inputs": inputs()}).status_code == 413


def test_what_the_document_excludes_is_refused_and_what_is_answered_is_documented(ours: TestClient) -> None:
    api = ours.get("/openapi.json").json()
    content = api["paths"]["/v2/models/{name}/infer"]["post"]["requestBody"]["content"]
    request = jsonschema.Draft202012Validator(content["application/json"]["schema"])
    assert request.is_valid(json.loads(OF_MLSERVER))
    assert request.is_valid({"inputs": inputs(), "outputs": [{"name": "label"}]})
    assert not request.is_valid({"inputs": inputs(), "input": 1})
    (example,) = content["application/json"]["schema"]["examples"]
    assert post(ours, example).status_code == 200
    answered = api["components"]["schemas"]["InferenceResponse"] | {"components": api["components"]}
    jsonschema.validate(post(ours, {"inputs": inputs(), "id": "a"}).json(), answered)
