"""The routes put together, with what they say when something is wrong."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from serving import exchange
from serving.answers import ModelInfo, Problem, Refusal
from serving.inputs.decoding import Decoder
from serving.inputs.problems import BodyUnreadable, RequestRefused, TooManyRows, shown
from serving.model.running import PredictionFailed
from serving.routes.answering import Answering
from serving.routes.documents import add_docs
from serving.routes.explain import add_explain
from serving.routes.feedback import add_feedback
from serving.routes.health import add_health, add_metrics
from serving.routes.invocations import add_invocations
from serving.routes.keyed import ask_for_a_key
from serving.routes.open_inference import add_open_inference
from serving.routes.page.routes import add_page
from serving.routes.predict import predict
from serving.routes.refusing import Busy, refusal_of

_COMPONENTS = "#/components/schemas/"
_REFUSED = {
    400: "The body is not JSON",
    401: "No key was sent that is known here",
    408: "The request did not come whole in time",
    413: "The request is too long, or has too many rows",
    415: "The content type is not one that is taken here",
    422: "The body does not fit the model's inputs",
    429: "Too many requests of one key or address",
    503: "More is asked at the moment than is answered at once",
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": description} for status, description in _REFUSED.items()
}


def routes(answering: Answering, *, keyed: bool = False) -> FastAPI:
    """An application with every route; keys, limits and headers are put around it by ``front``.

    Args:
        keyed: whether a key is asked for, which the documents then tell.
    """
    signature = answering.service.bundle.signature
    app = FastAPI(
        title=signature.title,
        version=answering.service.version,
        description=f"Predictions of the model {signature.use_case}. Every field is made from its signature.",
        responses=REFUSALS,
        docs_url=None,
        redoc_url=None,
    )
    _add_predict(app, answering)
    add_invocations(app, answering)
    add_open_inference(app, answering)
    add_explain(app, answering)
    _add_beside(app, answering)
    add_page(app, answering)
    add_docs(app, answering)
    add_feedback(app, answering)
    _add_model_info(app, answering)
    add_health(app, answering)
    add_metrics(app, answering)
    _add_refusals(app, answering)
    _document(app, answering.service.decoder, keyed)
    return app


def management_routes(answering: Answering) -> FastAPI:
    """An application with health and metrics alone."""
    app = FastAPI(title="Health and metrics", docs_url=None, redoc_url=None, openapi_url=None)
    add_health(app, answering)
    add_metrics(app, answering)
    return app


def _add_predict(app: FastAPI, answering: Answering) -> None:
    task = answering.service.task
    body = {"$ref": f"{_COMPONENTS}Row"}, {"$ref": f"{_COMPONENTS}Rows"}
    document = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": body}}}}}

    @app.post("/predict", response_model=task.one | task.many, openapi_extra=document)
    async def predict_route(request: Request) -> Response:
        """Predict one row, or many sent as `{"rows": [...]}`."""
        sent = request.headers.get("content-type", "")
        answer = await predict(await request.body(), sent, exchange.of(request.scope), answering)
        return Response(answer, media_type="application/json")


def _add_beside(app: FastAPI, answering: Answering) -> None:
    """What some bundles hold to be told beside predictions; the others do not pay for it."""
    service = answering.service
    if service.comparables is not None:
        from serving.routes.beside import add_comparables

        add_comparables(app, answering, service.comparables)
    if service.outlooks is not None:
        from serving.routes.beside import add_outlook

        add_outlook(app, answering, service.outlooks)


def _add_model_info(app: FastAPI, answering: Answering) -> None:
    info = to_json(answering.service.info())

    @app.get("/model-info", response_model=ModelInfo)
    async def model_info() -> Response:
        """Which model this is, and the decision record: verdict, metrics, gates, data and code versions."""
        return Response(info, media_type="application/json")


def _add_refusals(app: FastAPI, answering: Answering) -> None:
    async def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, RequestRefused):
            answering.refused(error, exchange.of(request.scope))
        status, refusal, headers = refusal_of(error)
        return _json(status, refusal, headers)

    async def misshapen(_: Request, error: Exception) -> Response:
        return _json(422, _of_framework(error), {})  # type: ignore[arg-type]

    for kind in (RequestRefused, BodyUnreadable, TooManyRows, PredictionFailed, Busy, HTTPException, Exception):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(RequestValidationError, misshapen)


def _of_framework(error: RequestValidationError) -> Refusal:
    """What FastAPI finds wrong with the requests whose documents are fixed, in our words."""
    problems = [
        Problem(
            field=".".join(str(part) for part in found["loc"][1:]) or None,
            row=None,
            problem=found["msg"],
            sent=shown(found.get("input")),
            allowed="what /openapi.json shows",
        )
        for found in error.errors()[:100]
    ]
    return Refusal(error="the request does not fit this route", problems=problems)


def _json(status: int, refusal: Refusal, headers: Mapping[str, str]) -> Response:
    return Response(to_json(refusal), status, dict(headers), media_type="application/json")


def _document(app: FastAPI, decoder: Decoder, keyed: bool) -> None:
    """Let OpenAPI show the very types that requests are held to."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            document["components"]["schemas"] |= _request_schemas(decoder)
            if keyed:
                ask_for_a_key(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _request_schemas(decoder: Decoder) -> dict[str, Any]:
    row = decoder.row.json_schema()
    rows = decoder.rows.json_schema(ref_template=f"{_COMPONENTS}{{model}}")
    rows.pop("$defs", None)
    rows["properties"]["rows"]["items"] = {"$ref": f"{_COMPONENTS}Row"}
    return {"Row": row, "Rows": rows}
