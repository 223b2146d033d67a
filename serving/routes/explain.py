"""POST /explain: a prediction, and what each field adds to it."""

import asyncio
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from serving import exchange
from serving.answers import ClassificationAnswer, Problem, RegressionAnswer
from serving.exchange import Exchange
from serving.inputs import decoding
from serving.inputs.problems import RequestRefused
from serving.inputs.rows import Row, values
from serving.inputs.schema import ROWS
from serving.model.explaining import METHOD, Explainer, Explanation
from serving.model.running import PredictionFailed
from serving.routes.answering import Answering
from serving.routes.predict import require_json


class Contribution(BaseModel):
    """What one field adds to the prediction, in the prediction's unit."""

    field: str
    value: float | str | None = Field(description="As it was sent.")
    contribution: float = Field(description="Above 0 it raises the prediction, below 0 it lowers it.")
    error: float | None = Field(
        description="Standard error: how far the contribution would typically move with other training rows as the "
        "background. It tells nothing of the model's own error. null when there is a single background row."
    )


class Explained(BaseModel):
    """``base`` and all contributions add up to ``prediction``, up to rounding."""

    prediction: float = Field(description="The probability or the value, as /predict answers it.")
    base: float = Field(description="Mean prediction over the background: real rows of the training data.")
    background_rows: int = Field(description="How many these are.")
    contributions: list[Contribution] = Field(description="One a field, the largest first.")
    method: str


class ClassificationExplanation(Explained, ClassificationAnswer):
    """Answer to one row, explained."""


class RegressionExplanation(Explained, RegressionAnswer):
    """Answer to one row, explained."""


DOCUMENTS: dict[str, type[BaseModel]] = {
    "classification": ClassificationExplanation,
    "regression": RegressionExplanation,
}


class Explaining:
    """Answers rows with their explanation."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        service = answering.service
        self._fields = [field.name for field in service.bundle.signature.inputs]
        self._explainer = Explainer(service.model, service.background())

    async def answer(self, request: decoding.Request, exchange: Exchange) -> dict[str, Any]:
        """The document that answers one row.

        Raises:
            RequestRefused: there are many rows, or numbers too far outside the range of training.
            TimeoutError: it took too long.
            PredictionFailed: the model gives no finite number.
        """
        row = only(request)
        async with asyncio.timeout(self._answering.seconds):
            explanation = await asyncio.get_running_loop().run_in_executor(self._answering.thread, self._explain, row)
        said = await self._answering.predict(request, exchange)
        told = self._answering.service.answer(said, many=False, request_id=exchange.request_id)
        return told | self._explained(row, explanation)

    def _explain(self, row: Row) -> Explanation:
        try:
            return self._explainer.explain(row)
        except PredictionFailed as error:
            raise self._answering.service.blamed(error, [row]) from error

    def _explained(self, row: Row, explanation: Explanation) -> dict[str, Any]:
        errors = [None] * len(self._fields) if explanation.errors is None else explanation.errors.tolist()
        cells = zip(self._fields, values(row), explanation.contributions.tolist(), errors, strict=True)
        told = [{"field": f, "value": v, "contribution": c, "error": e} for f, v, c, e in cells]
        return {
            "prediction": explanation.prediction,
            "base": explanation.base,
            "background_rows": explanation.background_rows,
            "contributions": sorted(told, key=lambda one: -abs(one["contribution"])),
            "method": METHOD,
        }


def add_explain(app: FastAPI, answering: Answering) -> None:
    """Add /explain.

    Raises:
        BundleInvalid: the bundle's background rows do not fit its own inputs.
    """
    explaining = Explaining(answering)
    document = DOCUMENTS[answering.service.bundle.signature.task]
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Row"}}}, "required": True}

    @app.post("/explain", response_model=document, openapi_extra={"requestBody": body})
    async def explain(request: Request) -> Response:
        """Predict one row and tell what each field adds to the prediction."""
        require_json(request.headers.get("content-type", ""))
        decoded = answering.service.decoder.decode(await request.body())
        told = await explaining.answer(decoded, exchange.of(request.scope))
        return Response(to_json(told), media_type="application/json")


def only(request: decoding.Request) -> Row:
    """The one row of a request; raises RequestRefused where there are many."""
    if request.many:
        problem = "is a list, and one row is explained at a time"
        raise RequestRefused([Problem(field=ROWS, row=None, problem=problem, allowed="nothing; send the row itself")])
    return request.rows[0]
