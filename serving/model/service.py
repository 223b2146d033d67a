"""One model at work: a request's rows go in, the document to answer with comes out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from serving.answers import (
    ClassificationAnswer,
    ClassificationAnswers,
    RegressionAnswer,
    RegressionAnswers,
)
from serving.bundle.loading import MODEL, SIGNATURE, Bundle, BundleInvalid
from serving.bundle.signature import Field, Signature
from serving.inputs.decoding import Decoder, Request
from serving.inputs.schema import Row, allowed
from serving.model.session import Columns, Model, PredictionFailed

_SHORT_DIGEST = 12


class Service:
    """Decoder, model and the words of the answer, made from one bundle.

    Raises:
        BundleInvalid: the model cannot be loaded, or does not take the signature's inputs.
    """

    def __init__(self, bundle: Bundle, version: str | None = None) -> None:
        self.bundle = bundle
        self.version = version or bundle.record_digest[:_SHORT_DIGEST]
        self.decoder = Decoder(bundle.signature)
        self.ready = False
        self._model = Model(bundle.model, bundle.signature)
        self._numbers = [field for field in bundle.signature.inputs if field.low is not None and field.high is not None]
        self._constant = _constant(bundle.signature) | {"model": self._name()}

    def warm_up(self) -> None:
        """Answer the first example once, so that no caller pays for the first run.

        Raises:
            BundleInvalid: it cannot be answered.
        """
        for example in self.bundle.signature.examples[:1]:
            try:
                self.answer(Request([self.decoder.row.validate_python(example)], many=False))
            except ValidationError as error:
                raise BundleInvalid(SIGNATURE, f"its first example does not fit its own inputs: {error}") from error
            except PredictionFailed as error:
                raise BundleInvalid(MODEL, f"cannot answer the first example: {error}") from error

    def answer(self, request: Request) -> dict[str, Any]:
        """The answer to checked rows.

        Raises:
            PredictionFailed: the model gave something that is not a finite number.
        """
        columns = self._model.columns(request.rows)
        predictions = self._said(self._model.predict(columns), self._warnings(columns, request.rows))
        if request.many:
            return {"predictions": predictions} | self._constant
        return predictions[0] | self._constant

    def answer_types(self) -> tuple[Any, Any]:
        """The documents that answer one row, and many."""
        if self.bundle.signature.task == "classification":
            return ClassificationAnswer, ClassificationAnswers
        return RegressionAnswer, RegressionAnswers

    def info(self) -> dict[str, Any]:
        """The model and the decision record it travels with."""
        signature = self.bundle.signature
        return {
            "name": signature.use_case,
            "version": self.version,
            "title": signature.title,
            "task": signature.task,
            "bundle_digest": self.bundle.digest,
            "record_digest": self.bundle.record_digest,
            "record": dict(self.bundle.record),
        }

    def _name(self) -> dict[str, str]:
        name = self.bundle.signature.use_case
        return {"name": name, "version": self.version, "record": self.bundle.record_digest}

    def _said(self, predictions: NDArray[np.float64], warnings: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
        pairs = zip(predictions.tolist(), warnings, strict=True)
        threshold = self.bundle.signature.threshold
        if threshold is None:
            return [{"value": value, "warnings": told} for value, told in pairs]
        return [{"probability": p, "label": int(p >= threshold), "warnings": told} for p, told in pairs]

    def _warnings(self, columns: Columns, rows: Sequence[Row]) -> list[list[dict[str, Any]]]:
        warnings: list[list[dict[str, Any]]] = [[] for _ in rows]
        for field in self._numbers:
            for row in _outside(columns[field.name][:, 0], field):
                sent = rows[row][field.name]
                warnings[row].append({"field": field.name, "sent": sent, "allowed": allowed(field)})
        return warnings


def _outside(column: NDArray[np.float32], field: Field) -> list[int]:
    """Positions of numbers outside the training range, compared as the model sees them; null is never outside."""
    low, high = np.float32(field.low), np.float32(field.high)
    return np.flatnonzero((column < low) | (column > high)).tolist()


def _constant(signature: Signature) -> dict[str, Any]:
    if signature.task == "classification":
        return {"threshold": signature.threshold}
    return {"unit": signature.output_unit}
