"""The routes. What a request may hold is the decoder's business, for documents and checks alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from serving.answers import Health, ModelInfo, Refusal
from serving.bundle.loading import Bundle
from serving.inputs.decoding import Decoder
from serving.inputs.problems import BodyUnreadable, RequestRefused
from serving.model.service import Service
from serving.model.session import PredictionFailed

_COMPONENTS = "#/components/schemas/"
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The body is not JSON"},
    415: {"model": Refusal, "description": "The content type is not application/json"},
    422: {"model": Refusal, "description": "The body does not fit the model's inputs"},
}


def create_app(bundle: Bundle, *, version: str | None = None) -> FastAPI:
    """An application that answers for one bundle.

    Args:
        version: what to call the model in answers; by default the first digits of its record's digest.

    Raises:
        BundleInvalid: the model cannot be loaded or does not fit the signature.
    """
    service = Service(bundle, version)
    service.warm_up()
    app = FastAPI(
        title=bundle.signature.title,
        version=service.version,
        description=f"Predictions of the model {bundle.signature.use_case}. Every field is made from its signature.",
        lifespan=_readiness(service),
        redoc_url=None,
    )
    _add_predict(app, service)
    _add_health(app, service)
    _add_model_info(app, service)
    _add_refusals(app)
    _document(app, service.decoder)
    return app


def _readiness(service: Service) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.ready = True
        yield
        service.ready = False

    return lifespan


def _add_predict(app: FastAPI, service: Service) -> None:
    one, many = service.answer_types()
    body = {"$ref": f"{_COMPONENTS}Row"}, {"$ref": f"{_COMPONENTS}Rows"}
    document = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": body}}}}}

    @app.post("/predict", response_model=one | many, responses=_REFUSALS, openapi_extra=document)
    async def predict(request: Request) -> Response:
        """Predict one row, or many sent as `{"rows": [...]}`."""
        _require_json(request)
        return _json(service.answer(service.decoder.decode(await request.body())))


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/health/live", response_model=Health)
    async def live() -> Response:
        """Whether the process answers at all."""
        return _json({"status": "live"})

    @app.get("/health", response_model=Health, responses={503: {"model": Health}})
    @app.get("/health/ready", response_model=Health, responses={503: {"model": Health}})
    async def ready() -> Response:
        """Whether predictions are answered: from the warm-up until the stop begins."""
        return _json({"status": "ready"}) if service.ready else _json({"status": "not ready"}, 503)


def _add_model_info(app: FastAPI, service: Service) -> None:
    info = to_json(service.info())

    @app.get("/model-info", response_model=ModelInfo)
    async def model_info() -> Response:
        """Which model this is, and the decision record: verdict, metrics, gates, data and code versions."""
        return Response(info, media_type="application/json")


def _add_refusals(app: FastAPI) -> None:
    @app.exception_handler(RequestRefused)
    async def refused(_: Request, error: RequestRefused) -> Response:
        refusal = Refusal(
            error="the request does not fit the model's inputs",
            problems=list(error.problems),
            problems_not_shown=error.not_shown,
        )
        return _json(refusal, 422)

    @app.exception_handler(BodyUnreadable)
    async def unreadable(_: Request, error: BodyUnreadable) -> Response:
        return _json(Refusal(error=f"the body is not JSON: {error}"), 400)

    @app.exception_handler(HTTPException)
    async def told_by_the_framework(_: Request, error: HTTPException) -> Response:
        answer = _json(Refusal(error=error.detail), error.status_code)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(PredictionFailed)
    async def failed(_: Request, error: PredictionFailed) -> Response:
        return _json(Refusal(error=str(error)), 500)

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, __: Exception) -> Response:
        return _json(Refusal(error="the endpoint failed; its log tells why"), 500)


def _require_json(request: Request) -> None:
    sent = request.headers.get("content-type", "")
    if sent.partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, f"send the content type application/json, not {sent or 'none'}")


def _json(document: Any, status: int = 200) -> Response:
    return Response(to_json(document), status, media_type="application/json")


def _document(app: FastAPI, decoder: Decoder) -> None:
    """Let OpenAPI show the very types that the decoder checks with."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            document["components"]["schemas"] |= _request_schemas(decoder)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _request_schemas(decoder: Decoder) -> dict[str, Any]:
    row = decoder.row.json_schema()
    rows = decoder.rows.json_schema(ref_template=f"{_COMPONENTS}{{model}}")
    rows.pop("$defs", None)
    rows["properties"]["rows"]["items"] = {"$ref": f"{_COMPONENTS}Row"}
    return {"Row": row, "Rows": rows}
