"""POST /comparables and POST /outlook: a prediction, and what the bundle holds to be told beside it."""

from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from serving import exchange
from serving.answers import Problem, RegressionAnswer
from serving.exchange import Exchange
from serving.inputs import decoding
from serving.inputs.problems import RequestRefused
from serving.inputs.rows import Row, values
from serving.inputs.schema import allowed
from serving.model.comparables import Comparables
from serving.model.outlook import Outlooks
from serving.routes.answering import Answering
from serving.routes.explain import only
from serving.routes.predict import require_json

_BODY = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Row"}}},
                         "required": True}}  # fmt: skip


class Comparable(BaseModel):
    """An earlier row of the training data, and what it came to."""

    day: str = Field(description="When it was, ISO 8601.")
    value: float = Field(description="What it came to, in the unit of the prediction.")
    km: float | None = Field(description="How far away it lies; null where the request tells no place.")
    row: dict[str, float | str | None] = Field(description="Some of its fields.")


class ComparablesAnswer(RegressionAnswer):
    """Answer to one row, with earlier rows like it."""

    comparables: list[Comparable] = Field(description="The most like first: near in place, size and time.")


class Group(BaseModel):
    """Whose level is told."""

    field: str
    value: str


class Month(BaseModel):
    """The level of a month that has been."""

    month: str = Field(description="Such as 2015-12.")
    level: float | None = Field(description="null where there were too few rows.")
    rows: int


class MonthAhead(BaseModel):
    """One month to come."""

    month: str
    level: float = Field(description="Forecast of the group's level.")
    level_low: float
    level_high: float = Field(description="Ends of its band.")
    value: float = Field(description="What the row is worth if it goes the way of its group.")
    low: float
    high: float = Field(description="The level's band, in terms of the row's value.")


class Spread(BaseModel):
    """A figure with its 95 % interval."""

    name: str
    value: float | None
    low: float | None
    high: float | None


class Backtested(BaseModel):
    """What forecasts like these were worth in the past."""

    first: str
    last: str = Field(description="First and last month that was forecast from.")
    forecasts: int
    errors: list[Spread] = Field(
        description="Mean absolute error as a share of the level: over all, then by months ahead."
    )
    noise: float = Field(description="What the error would be if levels were known, as months are of few rows.")
    coverage: Spread = Field(description="Share of what came that lay in its band.")
    beaten: list[str] = Field(description="Methods that are proved to be further off.")
    not_beaten: list[str] = Field(description="Methods that are not proved to be further off.")


class Path(BaseModel):
    """Where the level of the row's group has been, and where it may go."""

    group: Group
    unit: str = Field(description="Of levels.")
    day: str = Field(description="The last day that is known of; forecasts go on from there.")
    value: float = Field(description="What the model says that the row was worth on that day.")
    level: float = Field(description="What the method takes the level of that month to be.")
    history: list[Month]
    ahead: list[MonthAhead]
    band: float = Field(description="The share of forecasts that bands are made to hold.")
    method: str
    backtest: Backtested


class OutlookAnswer(RegressionAnswer):
    """Answer to one row, with what may become of its value."""

    outlook: Path


def add_comparables(app: FastAPI, answering: Answering, comparables: Comparables) -> None:
    """Add /comparables."""

    @app.post("/comparables", response_model=ComparablesAnswer, openapi_extra=_BODY)
    async def comparables_route(request: Request) -> Response:
        """Predict one row and tell the earlier rows that are most like it, with what they came to."""
        decoded = await _decoded(request, answering)
        found = comparables.near(only(decoded))
        told = await _told(decoded, answering, exchange.of(request.scope))
        return Response(to_json(told | {"comparables": found}), media_type="application/json")


def add_outlook(app: FastAPI, answering: Answering, outlooks: Outlooks) -> None:
    """Add /outlook."""

    @app.post("/outlook", response_model=OutlookAnswer, openapi_extra=_BODY)
    async def outlook_route(request: Request) -> Response:
        """Predict one row and tell where the level of its group, and the row's value with it, may go."""
        decoded = await _decoded(request, answering)
        row = only(decoded)
        found = outlooks.of(row)
        if found is None:
            raise _of_no_group(row, outlooks, answering)
        told = await _told(decoded, answering, exchange.of(request.scope))
        return Response(to_json(told | {"outlook": found}), media_type="application/json")


async def _decoded(request: Request, answering: Answering) -> decoding.Request:
    require_json(request.headers.get("content-type", ""))
    return answering.service.decoder.decode(await request.body())


async def _told(decoded: decoding.Request, answering: Answering, current: Exchange) -> dict[str, Any]:
    said = await answering.predict(decoded, current)
    return answering.service.answer(said, many=False, request_id=current.request_id)


def _of_no_group(row: Row, outlooks: Outlooks, answering: Answering) -> RequestRefused:
    fields = answering.service.bundle.signature.inputs
    at, field = next((at, field) for at, field in enumerate(fields) if field.name == outlooks.document.by)
    problem = Problem(
        field=field.name,
        row=None,
        problem="has no outlook: its level is not known",
        sent=values(row)[at],
        allowed=allowed(field.model_copy(update={"categories": tuple(outlooks.document.groups), "nullable": False})),
    )
    return RequestRefused([problem])
