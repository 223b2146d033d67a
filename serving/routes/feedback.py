"""POST /feedback: what came true, told by the id of the answer that foretold it."""

from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from serving.answers import Refusal
from serving.routes.answering import Answering
from serving.routes.refusing import Busy


def _whole(number: object) -> object:
    """JSON knows one kind of number: 2.0 is the integer 2."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


class Outcome(BaseModel):
    """What came true of one row of an answered request."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    request_id: str = Field(pattern="^[A-Za-z0-9._-]{1,64}$", description="As the answer told it.")
    row: Annotated[int, BeforeValidator(_whole)] = Field(
        default=0, ge=0, le=1_000_000, description="Position of the row in the request, from 0."
    )
    outcome: float | bool | Annotated[str, Field(max_length=1000)] = Field(
        description="The truth, such as 1 for a customer who left."
    )


class Noted(BaseModel):
    """That an outcome was taken."""

    request_id: str


def add_feedback(app: FastAPI, answering: Answering) -> None:
    """Add /feedback."""

    @app.post("/feedback", status_code=202, responses={503: {"model": Refusal, "description": "Send it again later"}})
    async def feedback(outcome: Outcome) -> Noted:
        """Take note of a true outcome, for the log from which the model is watched."""
        if not answering.log.feedback(outcome.request_id, answering.clock(), outcome.row, outcome.outcome):
            raise Busy("the outcome could not be noted; no prediction log is kept here, or it has no room")
        return Noted(request_id=outcome.request_id)
