"""The protocol's routes."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Path, Request, Response
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from serving import exchange
from serving.answers import Refusal
from serving.inputs.problems import RequestRefused
from serving.model.service import Service
from serving.model.tasks import Said
from serving.routes.answering import Answering
from serving.routes.open_inference import documents, tensors
from serving.routes.open_inference.documents import BINARY, HEADER_LENGTH, JSON
from serving.routes.open_inference.request import (
    EncodingUnknown,
    InferenceRequest,
    Malformed,
    TooLarge,
    inflated,
    read,
)
from serving.routes.refusing import refusal_of

WARNINGS = "warnings"
_EXTENSIONS = ["binary_tensor_data"]
_PLATFORM = "onnxruntime_onnx"
_NO_SUCH_MODEL: dict[int | str, dict[str, Any]] = {
    404: {"model": documents.InferenceError, "description": "Another model, or another version, is served here"}
}
_REFUSALS: dict[int | str, dict[str, Any]] = _NO_SUCH_MODEL | {
    200: {"content": {BINARY: {"schema": {"type": "string", "format": "binary"}}}},
    400: {"model": documents.InferenceError, "description": "The body is no request of this protocol"},
    413: {"model": Refusal, "description": "More rows or bytes than are accepted at once"},
    415: {"model": Refusal, "description": "The content type or encoding is not understood"},
    422: {"model": Refusal, "description": "The rows do not fit the model's inputs"},
}


def add_open_inference(app: FastAPI, answering: Answering) -> None:
    """Add ``/v2`` and everything under it."""
    _add_server(app, answering.service)
    _add_model(app, answering.service)
    _add_infer(app, answering)


def _add_server(app: FastAPI, service: Service) -> None:
    metadata = {"name": "slipway", "version": service.version, "extensions": _EXTENSIONS}

    @app.get("/v2", response_model=documents.ServerMetadata)
    async def server_metadata() -> Response:
        """What answers here, and which extensions of the protocol it knows."""
        return _json(metadata)

    @app.get("/v2/health/live", response_model=documents.Live)
    async def server_live() -> Response:
        """Whether the process answers at all."""
        return _json({"live": True})

    @app.get("/v2/health/ready", response_model=documents.Ready, responses={503: {"model": documents.Ready}})
    async def server_ready() -> Response:
        """Whether predictions are answered: from the warm-up until the stop begins."""
        return _json({"ready": service.ready}, 200 if service.ready else 503)


def _add_model(app: FastAPI, service: Service) -> None:
    known, of_it = _documented(service)
    metadata = _metadata(service)
    described: dict[str, Any] = {"response_model": documents.ModelMetadata, "responses": _NO_SUCH_MODEL}
    not_ready: dict[int | str, dict[str, Any]] = {503: {"model": documents.ModelReady | Refusal}}
    readiness: dict[str, Any] = {"response_model": documents.ModelReady, "responses": _NO_SUCH_MODEL | not_ready}

    @app.get("/v2/models/{name}", **described)
    async def model_metadata(name: str = known) -> Response:
        """The tensors that the model takes and gives."""
        return _unknown(service, name) or _json(metadata)

    @app.get("/v2/models/{name}/versions/{version}", **described)
    async def version_metadata(name: str = known, version: str = of_it) -> Response:
        """The tensors that this version takes and gives."""
        return _unknown(service, name, version) or _json(metadata)

    @app.get("/v2/models/{name}/ready", **readiness)
    async def model_ready(name: str = known) -> Response:
        """Whether the model answers predictions."""
        return _unknown(service, name) or _ready(service)

    @app.get("/v2/models/{name}/versions/{version}/ready", **readiness)
    async def version_ready(name: str = known, version: str = of_it) -> Response:
        """Whether this version answers predictions."""
        return _unknown(service, name, version) or _ready(service)


def _add_infer(app: FastAPI, answering: Answering) -> None:
    service, given = answering.service, _given(answering.service)
    known, of_it = _documented(service)
    document = documents.infer_document(_taken(service), given, service.bundle.signature.examples[0])
    answers: dict[str, Any] = {
        "response_model": documents.InferenceResponse,
        "responses": _REFUSALS,
        "openapi_extra": document,
    }

    @app.post("/v2/models/{name}/infer", **answers)
    async def infer(request: Request, name: str = known) -> Response:
        """Predict rows sent as one tensor a field."""
        return _unknown(service, name) or await _infer(answering, request, given)

    @app.post("/v2/models/{name}/versions/{version}/infer", **answers)
    async def version_infer(request: Request, name: str = known, version: str = of_it) -> Response:
        """Predict rows sent as one tensor a field, by this version."""
        return _unknown(service, name, version) or await _infer(answering, request, given)


async def _infer(answering: Answering, request: Request, given: Mapping[str, str]) -> Response:
    service, taken = answering.service, exchange.of(request.scope)
    try:
        asked = await _asked(request)
        wanted = _wanted(asked, given)
        rows = tensors.rows(asked.inputs, service.bundle.signature.inputs)
    except Malformed as error:
        return _json({"error": str(error)}, 400)
    try:
        said = await answering.predict(service.decoder.check(rows), taken)
    except RequestRefused as error:
        answering.refused(error, taken)
        return _json(_refusal(error), 422)
    answer = {"model_name": service.name["name"], "model_version": service.version}
    named = {} if asked.id is None else {"id": asked.id}
    return _answer(answer | named | {"parameters": {"request_id": taken.request_id}}, said, wanted, given)


def _refusal(error: RequestRefused) -> Refusal:
    """Clients of this protocol show ``error`` alone, so that it tells the first problem."""
    _, refusal, _ = refusal_of(error)
    first = error.problems[0]
    return refusal.model_copy(update={"error": f"{refusal.error}: row {first.row}, {first.field} {first.problem}"})


async def _asked(request: Request) -> InferenceRequest:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("", JSON, BINARY):
        raise HTTPException(415, f"send the content type {JSON} or {BINARY}, not {kind}")
    try:
        body = inflated(await request.body(), request.headers.get("content-encoding", ""))
    except EncodingUnknown as error:
        raise HTTPException(415, str(error)) from error
    except TooLarge as error:
        raise HTTPException(413, str(error)) from error
    return read(body, request.headers.get(HEADER_LENGTH))


def _unknown(service: Service, name: str, version: str | None = None) -> Response | None:
    known: dict[str, str] = service.name
    if name != known["name"]:
        return _json({"error": f"another model is served here: {known['name']}"}, 404)
    if version not in (None, known["version"]):
        return _json({"error": f"another version of {name} is served here: {known['version']}"}, 404)
    return None


def _documented(service: Service) -> tuple[Any, Any]:
    """The path's parameters, with the one model and the one version that there are."""
    name, version = ({"enum": [service.name[part]]} for part in ("name", "version"))
    return Path(json_schema_extra=name), Path(json_schema_extra=version)


def _ready(service: Service) -> Response:
    return _json({"name": service.name["name"], "ready": service.ready}, 200 if service.ready else 503)


def _metadata(service: Service) -> dict[str, Any]:
    described = {
        side: [{"name": name, "datatype": datatype, "shape": [-1, 1]} for name, datatype in known.items()]
        for side, known in (("inputs", _taken(service)), ("outputs", _given(service)))
    }
    return {"name": service.name["name"], "versions": [service.version], "platform": _PLATFORM} | described


def _taken(service: Service) -> dict[str, str]:
    fields = service.bundle.signature.inputs
    return {field.name: "FP32" if field.type == "number" else tensors.BYTES for field in fields}


def _given(service: Service) -> dict[str, str]:
    """The outputs with their datatypes; warnings are text, for a row may have several."""
    warns = service.bundle.signature.out_of_range == "warn"
    numbers: dict[str, str] = service.task.tensors
    return numbers | ({WARNINGS: tensors.BYTES} if warns else {})


def _wanted(asked: InferenceRequest, given: Mapping[str, str]) -> dict[str, bool]:
    outputs = dict.fromkeys(given, asked.all_binary) if asked.outputs is None else asked.outputs
    unknown = sorted(set(outputs) - set(given))
    if unknown:
        raise Malformed(f"the model has no output {unknown[0][:100]!r}; it gives {', '.join(given)}")
    return outputs


def _answer(answer: dict[str, Any], said: list[Said], wanted: Mapping[str, bool], given: Mapping[str, str]) -> Response:
    made = [
        tensors.output(name, given[name], [_cell(row, name) for row in said], binary=binary)
        for name, binary in wanted.items()
    ]
    head = to_json(answer | {"outputs": [tensor for tensor, _ in made]})
    if not any(wanted.values()):
        return Response(head, media_type=JSON)
    body = b"".join([head, *(content for _, content in made)])
    return Response(body, media_type=BINARY, headers={HEADER_LENGTH: str(len(head))})


def _cell(said: Said, name: str) -> Any:
    if name == WARNINGS:
        return to_json(said[WARNINGS]).decode() if said[WARNINGS] else ""
    return said[name] if name in said else said["interval"][name]


def _json(document: Any, status: int = 200) -> Response:
    return Response(to_json(document), status, media_type=JSON)
