"""What differs between kinds of model: how a prediction is told, and the documents that tell it."""

from typing import Any, Protocol

from serving.answers import (
    ClassificationAnswer,
    ClassificationAnswers,
    RegressionAnswer,
    RegressionAnswers,
)
from serving.bundle.signature import Signature

Said = dict[str, Any]
"""What is said of one row, as JSON shows it."""

Warnings = list[dict[str, Any]]


class Task(Protocol):
    """One kind of model.

    Attributes:
        constant: the part of every answer that no row changes.
        one, many: the documents that answer one row, and many.
        headline: the key of ``said`` that people look at first.
        tensors: keys of ``said``, or of its interval, that are numbers, with their datatypes in the Open Inference
            Protocol.
    """

    constant: dict[str, Any]
    one: type
    many: type
    headline: str
    tensors: dict[str, str]

    def said(self, prediction: float, warnings: Warnings) -> Said:
        """What is said of a row for which the model gives ``prediction``."""
        ...


class Classification:
    """A probability, and the label that a threshold makes of it."""

    one, many, headline = ClassificationAnswer, ClassificationAnswers, "probability"
    tensors = {"probability": "FP64", "label": "INT64"}  # noqa: RUF012

    def __init__(self, signature: Signature) -> None:
        self._threshold = signature.threshold
        self.constant = {"threshold": signature.threshold}

    def said(self, prediction: float, warnings: Warnings) -> Said:
        label = 1 if prediction >= self._threshold else 0  # type: ignore[operator]
        return {"probability": prediction, "label": label, "warnings": warnings}


class Regression:
    """A value, and the interval in which the truth usually lies."""

    one, many, headline = RegressionAnswer, RegressionAnswers, "value"

    def __init__(self, signature: Signature) -> None:
        self._interval = signature.interval
        ends = () if signature.interval is None else ("low", "high")
        self.tensors = dict.fromkeys(("value", *ends), "FP64")
        self.constant = {"unit": signature.output_unit}

    def said(self, prediction: float, warnings: Warnings) -> Said:
        return {"value": prediction, "interval": self._around(prediction), "warnings": warnings}

    def _around(self, prediction: float) -> dict[str, float] | None:
        known = self._interval
        if known is None:
            return None
        unit = abs(prediction) if known.relative else 1.0
        return {"low": prediction - known.below * unit, "high": prediction + known.above * unit, "level": known.level}


TASKS: dict[str, Any] = {"classification": Classification, "regression": Regression}
