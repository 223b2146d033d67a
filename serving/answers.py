"""The documents the endpoint answers with, as OpenAPI shows them."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """One thing wrong with one field of a request."""

    field: str | None = Field(description="The field; null when the row or the body as a whole is meant.")
    row: int | None = Field(description="Position of the row in the request, from 0; null for a single row.")
    problem: str = Field(description="What is wrong, in words.")
    sent: Any = Field(default=None, description="What was sent; long values are cut.")
    allowed: str = Field(description="What the field takes.")


class Refusal(BaseModel):
    """Why a request was not answered."""

    error: str
    problems: list[Problem] = []
    problems_not_shown: int = 0


class OutOfRange(BaseModel):
    """A number outside what the model saw in training: answered, but not to be relied on."""

    field: str
    sent: float
    allowed: str


class ModelName(BaseModel):
    """Which model answered."""

    name: str
    version: str = Field(description="As given at start; otherwise the first 12 digits of the record's digest.")
    record: str = Field(description="SHA-256 of the evidence on which the model was judged.")


class Classified(BaseModel):
    """What the model says of one row."""

    probability: float = Field(ge=0, le=1)
    label: Literal[0, 1] = Field(description="1 when the probability reaches the threshold.")
    warnings: list[OutOfRange]


class PredictionInterval(BaseModel):
    """Between which values the truth lies for a share ``level`` of all rows."""

    low: float
    high: float
    level: float = Field(gt=0, lt=1)


class Estimated(BaseModel):
    """What the model says of one row."""

    value: float
    interval: PredictionInterval | None = Field(description="null when the model was made without intervals.")
    warnings: list[OutOfRange]


class ClassificationAnswer(Classified):
    """Answer to one row."""

    threshold: float
    model: ModelName
    request_id: str = Field(description="Names this answer, in the log and for /feedback.")


class ClassificationAnswers(BaseModel):
    """Answer to many rows, in their order."""

    predictions: list[Classified]
    threshold: float
    model: ModelName
    request_id: str = Field(description="Names this answer, in the log and for /feedback.")


class RegressionAnswer(Estimated):
    """Answer to one row."""

    unit: str
    model: ModelName
    request_id: str = Field(description="Names this answer, in the log and for /feedback.")


class RegressionAnswers(BaseModel):
    """Answer to many rows, in their order."""

    predictions: list[Estimated]
    unit: str
    model: ModelName
    request_id: str = Field(description="Names this answer, in the log and for /feedback.")


class Health(BaseModel):
    """Whether the process lives, and whether it answers."""

    status: Literal["live", "ready", "not ready"]


class ModelInfo(BaseModel):
    """The model, the digest of its bundle, and the decision record that it travels with."""

    name: str
    version: str
    title: str
    task: str
    bundle_digest: str
    record_digest: str
    record: dict[str, Any]
