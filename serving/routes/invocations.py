"""MLflow's scoring protocol: whoever asked ``mlflow models serve`` changes the address and nothing else."""

from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from serving import exchange
from serving.answers import Refusal
from serving.bundle.signature import Field as Input
from serving.bundle.signature import Signature
from serving.inputs import scoring
from serving.model.running import OUTPUT
from serving.model.tasks import Said
from serving.routes.answering import Answering

_JSON, _CSV = "application/json", "text/csv"
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The body is neither JSON nor CSV"},
    413: {"model": Refusal, "description": "More rows than are answered at once"},
    415: {"model": Refusal, "description": f"The content type is neither {_JSON} nor {_CSV}, or not in UTF-8"},
    422: {"model": Refusal, "description": "The body does not fit the model's inputs"},
}
_EMPTY: dict[str, Any] = {"description": "An empty body"}
_CELL: dict[str, Any] = {"type": ["number", "string", "null"]}


class Prediction(BaseModel):
    """The model's output for one row: a probability for a classifier, a value for a regressor."""

    prediction: float


class RowWarning(BaseModel):
    """A number outside what the model saw in training: answered, but not to be relied on."""

    row: int
    field: str
    sent: float
    allowed: str


class Predictions(BaseModel):
    """Answer to many rows, in their order."""

    predictions: list[Prediction]
    warnings: list[RowWarning] = Field(default=[], description="Absent when there are none.")


def add_invocations(app: FastAPI, answering: Answering) -> None:
    """Add ``/invocations``, ``/ping`` and ``/version``."""
    signature = answering.service.bundle.signature
    headline = answering.service.task.headline

    @app.post(
        "/invocations", response_model=Predictions, responses=_REFUSALS, openapi_extra={"requestBody": _body(signature)}
    )
    async def invocations(request: Request) -> Response:
        """Predict rows sent in any format of MLflow's scoring protocol."""
        rows = _rows(
            request.headers.get("content-type", ""), await request.body(), signature.inputs, answering.most_rows
        )
        said = await answering.predict(answering.service.decoder.check(rows), exchange.of(request.scope))
        return Response(to_json(_answer(said, headline)), media_type=_JSON)

    @app.get("/ping", response_class=Response, responses={200: _EMPTY, 503: _EMPTY})
    async def ping() -> Response:
        """Whether predictions are answered, for MLflow's client."""
        return Response(status_code=200 if answering.service.ready else 503)

    @app.get("/version", response_class=Response, responses={200: {"content": {"text/plain": _text("The version")}}})
    async def version() -> Response:
        """The model's version; `mlflow models serve` tells MLflow's, which is not here."""
        return Response(answering.service.version, media_type="text/plain")


def _rows(content_type: str, body: bytes, fields: tuple[Input, ...], most_rows: int) -> list[Any]:
    kind = _kind(content_type)
    if kind == _JSON:
        return scoring.of_json(body, fields)
    try:
        return scoring.of_csv(body, fields, most_rows)
    except scoring.CsvUnreadable as error:
        raise HTTPException(400, f"the body is not CSV: {error}") from error


def _kind(content_type: str) -> str:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if kind not in (_JSON, _CSV):
        raise HTTPException(415, f"send the content type {_JSON} or {_CSV}, not {content_type or 'none'}")
    for parameter in filter(None, parameters):
        if parameter.replace('"', "") not in ("charset=utf-8", "charset=utf8"):
            raise HTTPException(415, f"send UTF-8 and no other parameter of the content type, not {parameter}")
    return kind


def _answer(said: list[Said], headline: str) -> dict[str, Any]:
    predictions = [{OUTPUT: row[headline]} for row in said]
    warnings = [{"row": position} | warning for position, row in enumerate(said) for warning in row["warnings"]]
    return {"predictions": predictions} | ({"warnings": warnings} if warnings else {})


def _body(signature: Signature) -> dict[str, Any]:
    columns = [field.name for field in signature.inputs]
    examples = [dict(example) for example in signature.examples if None not in example.values()][:2]
    formats = _formats(columns, bare=len(columns) == 1)
    schema = {
        "type": "object",
        "properties": formats | {scoring.PARAMS: {"type": ["object", "null"], "maxProperties": 0}},
        "additionalProperties": False,
        "oneOf": [{"required": [name]} for name in formats],
        "examples": [{"dataframe_records": examples}] if examples else [],  # FastAPI would drop a null from one
    }
    return {"required": True, "content": {_JSON: {"schema": schema}, _CSV: {"schema": _text(_CSV_WORDS)}}}


def _formats(columns: list[str], bare: bool) -> dict[str, Any]:
    """The shape of each format. What a cell may hold is told by ``Row``; all columns of a request are of one length."""
    record = _object(columns, _CELL)
    records = _list(record)
    names = _list({"enum": columns}) | {"maxItems": len(columns), "uniqueItems": True}
    split = _object(["columns", "data"], {}) | {
        "properties": {"columns": names, "data": _list(_list(_CELL)), "index": {"type": ["array", "null"]}}
    }
    either = {"anyOf": [records, record, _object(columns, _list(_CELL)), *([_list(_CELL)] if bare else [])]}
    return {"dataframe_split": split, "dataframe_records": records, "instances": either, "inputs": either}


def _object(names: list[str], value: dict[str, Any]) -> dict[str, Any]:
    properties = dict.fromkeys(names, value)
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


_CSV_WORDS = "One line with the names of the fields, then one line a row; an empty cell is null."
