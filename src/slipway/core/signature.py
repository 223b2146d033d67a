"""What a model takes and gives: the document ``signature.json`` in every bundle."""

from typing import Literal

from slipway.core.task import Task
from slipway.core.value import Value


class Field(Value):
    """One input. Domain and examples are read off the training rows.

    Attributes:
        type: "number" (float32) or "category" (string).
        nullable: whether null was seen in training; then null is accepted.
        low, high: smallest and largest number seen in training.
        categories: the strings seen in training, sorted.
    """

    name: str
    type: Literal["number", "category"]
    nullable: bool
    unit: str = ""
    description: str = ""
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()


class Signature(Value):
    """The inputs in order, the output, and rows to try.

    Attributes:
        output: name of the prediction: a probability (classification) or a value (regression).
        threshold: probability from which a row is labelled positive; None for regression.
        examples: real rows, each a complete input.
    """

    schema_version: int = 1
    use_case: str
    title: str
    task: Task
    inputs: tuple[Field, ...]
    output: str
    output_unit: str = ""
    threshold: float | None = None
    examples: tuple[dict[str, float | str | None], ...]
