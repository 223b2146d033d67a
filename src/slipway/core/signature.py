"""What a model takes and gives: the document ``signature.json`` in every bundle."""

from typing import Any, Literal

from pydantic import Field as Defaulted
from pydantic import SerializerFunctionWrapHandler, model_serializer

from slipway.core.params import ServeParams
from slipway.core.task import Task
from slipway.core.value import Value

Row = dict[str, float | str | None]
"""One complete input: name to number, category or null."""


class Field(Value):
    """One input. Domain and examples are read off the training rows.

    Attributes:
        type: "number" (float32), "category" (string) or "date" (ISO 8601; float32 days since 1970-01-01 to the model).
        nullable: whether null was seen in training; then null is accepted.
        low, high: smallest and largest number, or day as a number, seen in training.
        categories: the strings seen in training, sorted.
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


class Interval(Value):
    """A prediction interval: of all values, a share of ``level`` lies in [prediction - below, prediction + above].

    Attributes:
        relative: whether ``below`` and ``above`` are shares of the prediction, not amounts.
    """

    level: float
    below: float
    above: float
    relative: bool = False


class Signature(Value):
    """The inputs in order, the output, and rows to try.

    Training knows all but what params.yaml says about the endpoint; :meth:`completed` adds that.

    Attributes:
        output: name of the prediction: a probability (classification) or a value (regression).
        threshold: probability from which a row is labelled positive; None for regression.
        interval: how far the truth usually lies from a prediction; None for classification.
        out_of_range: what is done with a number outside the range that training saw.
        examples: real rows, each a complete input.
        refused: fields whose numbers are refused outside that range whatever is done with others.
        beside: what is served beside predictions: SHA-256 by the document's name. Like ``refused`` it is written only
            where there is any, so that the digest of a signature without stays what it was.
    """

    schema_version: int = 1
    use_case: str
    title: str
    task: Task
    inputs: tuple[Field, ...]
    output: str
    output_unit: str = ""
    threshold: float | None = None
    interval: Interval | None = None
    out_of_range: Literal["refuse", "warn"] = "refuse"
    examples: tuple[Row, ...]
    refused: tuple[str, ...] = ()
    beside: dict[str, str] = Defaulted(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_nothing(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = written(self)
        return {name: value for name, value in document.items() if value or name not in _WHERE_ANY}

    def completed(self, threshold: float, serve: ServeParams) -> "Signature":
        """The signature of an endpoint: with its threshold, if the task has one, and how it treats what is sent."""
        return self.model_copy(
            update={
                "threshold": threshold if self.task.has_threshold else None,
                "out_of_range": serve.out_of_range,
                "refused": serve.refused,
                "inputs": tuple(_logged(field, serve) for field in self.inputs),
            }
        )


_WHERE_ANY = frozenset({"refused", "beside"})


def _logged(field: Field, serve: ServeParams) -> Field:
    if field.name in serve.log.left_out:
        return field.model_copy(update={"log": "left_out"})
    return field.model_copy(update={"log": "hashed" if field.name in serve.log.hashed else "plain"})
