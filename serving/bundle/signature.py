"""What the model takes and gives, as the bundle's ``signature.json`` tells it.

The training side declares the same document for itself; a test holds the two together.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, model_validator
from pydantic import Field as Bounded


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Field(_Document):
    """One input of the model.

    Attributes:
        type: "number" (float32), "category" (string) or "date" (ISO 8601; float32 days since 1970-01-01 to the model).
        nullable: whether null was seen in training; then null is accepted.
        low, high: smallest and largest number, or day as a number, seen in training.
        categories: the strings seen in training.
        log: how the prediction log keeps this field.
    """

    name: str
    type: Literal["number", "category", "date"]
    nullable: bool
    unit: str = ""
    description: str = ""
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()
    log: Literal["plain", "hashed", "left_out"] = "plain"


class Interval(_Document):
    """A prediction interval: of all values, a share of ``level`` lies in [prediction - below, prediction + above].

    Attributes:
        relative: whether ``below`` and ``above`` are shares of the prediction, not amounts.
    """

    level: Annotated[float, Bounded(gt=0, lt=1)]
    below: NonNegativeFloat
    above: NonNegativeFloat
    relative: bool = False


class Signature(_Document):
    """The inputs in order, the output, and real rows to try.

    Attributes:
        threshold: probability from which a row is labelled 1; None for regression.
        interval: how far the truth usually lies from a prediction; None for classification.
        out_of_range: what is done with a number outside the range that training saw.
        refused: fields whose numbers are refused outside that range whatever is done with others.
        beside: what is served beside predictions, by the document's name.
    """

    schema_version: int = 1
    use_case: str
    title: str
    task: Literal["classification", "regression"]
    inputs: tuple[Field, ...]
    output: str
    output_unit: str = ""
    threshold: float | None = None
    interval: Interval | None = None
    out_of_range: Literal["refuse", "warn"] = "refuse"
    examples: tuple[dict[str, float | str | None], ...]
    refused: tuple[str, ...] = ()
    beside: dict[str, str] = {}

    @model_validator(mode="after")
    def _has_an_example(self) -> "Signature":
        if not self.examples:
            raise ValueError("at least one example is needed to warm up with")
        return self

    @model_validator(mode="after")
    def _labels_when_it_classifies(self) -> "Signature":
        if (self.task == "classification") != (self.threshold is not None):
            raise ValueError("a classifier has a threshold, and nothing else has one")
        return self

    @model_validator(mode="after")
    def _gives_an_interval_of_values_alone(self) -> "Signature":
        if self.task == "classification" and self.interval is not None:
            raise ValueError("a classifier has no interval")
        return self
