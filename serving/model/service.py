"""One model at work: a request's rows go in, what it says of them comes out."""

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from serving.answers import Problem
from serving.bundle.loading import BACKGROUND, CODED, MODEL, SIGNATURE, Bundle, BundleInvalid
from serving.inputs.bounds import seen_in_training, warns
from serving.inputs.decoding import Decoder
from serving.inputs.problems import MOST_PROBLEMS, RequestRefused
from serving.inputs.rows import Row, values
from serving.inputs.schema import allowed
from serving.model.running import PredictionFailed
from serving.model.session import Model
from serving.model.tasks import TASKS, Said

if TYPE_CHECKING:
    from serving.model.comparables import Comparables
    from serving.model.outlook import Outlooks, Predict

_SHORT_DIGEST = 12
_AGREEMENT = 1e-9


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
        self.model = Model(bundle.model, bundle.signature, bundle.coded)
        self.name = {"name": bundle.signature.use_case, "version": self.version, "record": bundle.record_digest}
        self.task = TASKS[bundle.signature.task](bundle.signature)
        self._constant = self.task.constant | {"model": self.name}
        self.comparables = _comparables(bundle)
        self.outlooks = _outlooks(bundle, self._predicted)
        self._watched = [
            (position, *seen, field)
            for position, field in enumerate(bundle.signature.inputs)
            if warns(field, bundle.signature) and (seen := seen_in_training(field))
        ]

    def warm_up(self) -> None:
        """Answer the first example once, so that no caller pays for the first run.

        Raises:
            BundleInvalid: it cannot be answered.
        """
        for example in self.bundle.signature.examples[:1]:
            try:
                request = self.decoder.check([example])
                self.predict(request.rows)
                self.predict([*request.rows, *request.rows])
            except RequestRefused as error:
                first = error.problems[0]
                problem = f"its first example does not fit its own inputs: {first.field} {first.problem}"
                raise BundleInvalid(SIGNATURE, problem) from error
            except PredictionFailed as error:
                raise BundleInvalid(MODEL, f"cannot answer the first example: {error}") from error
        self._hold_single_rows_to_many()

    def _hold_single_rows_to_many(self) -> None:
        """One row is answered by another graph than many; on training rows they must agree."""
        rows = self.background()
        try:
            together = self.model.predict(self.model.columns(rows)).tolist()
            alone = [self.model.predict_one(row) for row in rows]
        except PredictionFailed as error:
            raise BundleInvalid(MODEL, f"cannot answer the rows of {BACKGROUND}: {error}") from error
        if not all(map(partial(math.isclose, rel_tol=_AGREEMENT, abs_tol=_AGREEMENT), alone, together)):
            raise BundleInvalid(CODED, f"answers a row otherwise than {MODEL}")

    def background(self) -> list[Row]:
        """Training rows; bundles made before there were explanations have examples alone.

        Raises:
            BundleInvalid: they do not fit the model's inputs.
        """
        known = self.bundle.background or self.bundle.signature.examples
        try:
            return list(self.decoder.check([dict(row) for row in known]).rows)
        except RequestRefused as error:
            first = error.problems[0]
            problem = f"row {first.row} does not fit the signature: {first.field} {first.problem}"
            raise BundleInvalid(BACKGROUND, problem) from error

    def predict(self, rows: Sequence[Row]) -> list[Said]:
        """What the model says of checked rows, in their order.

        Raises:
            PredictionFailed: the model gave something that is not a finite number.
            RequestRefused: it did so because a number lies too far outside what it saw in training.
        """
        try:
            if len(rows) == 1:
                return [self.task.said(self.model.predict_one(rows[0]), self._warnings(rows[0]))]
            predictions = self.model.predict(self.model.columns(rows)).tolist()
        except PredictionFailed as error:
            raise self.blamed(error, rows) from error
        return [self.task.said(value, self._warnings(row)) for value, row in zip(predictions, rows, strict=True)]

    def _predicted(self, row: Row) -> float:
        try:
            return self.model.predict_one(row)
        except PredictionFailed as error:
            raise self.blamed(error, [row]) from error

    def blamed(self, error: PredictionFailed, rows: Sequence[Row]) -> Exception:
        """The error itself, or a refusal of the rows where they hold numbers that the model never saw the like of."""
        said = "is so far outside the range of training that the model gives no finite number"
        far = [
            Problem(
                field=warning["field"], row=position, problem=said, sent=warning["sent"], allowed=warning["allowed"]
            )
            for position, row in enumerate(rows)
            for warning in self._warnings(row)
        ]
        return RequestRefused(far[:MOST_PROBLEMS], len(far[MOST_PROBLEMS:])) if far else error

    def answer(self, said: Sequence[Said], many: bool, request_id: str) -> dict[str, Any]:
        """The document that answers a request."""
        told = {"predictions": said} if many else said[0]
        return {**told, **self._constant, "request_id": request_id}

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

    def _warnings(self, row: Row) -> list[dict[str, Any]]:
        """Numbers outside the training range, where they are answered at all; null is never outside."""
        if not self._watched:
            return []
        cells = values(row)
        return [
            {"field": field.name, "sent": cells[position], "allowed": allowed(field)}
            for position, low, high, field in self._watched
            if cells[position] is not None and not low <= cells[position] <= high
        ]


def _comparables(bundle: Bundle) -> "Comparables | None":
    if bundle.comparables is None:
        return None
    from serving.model.comparables import Comparables

    return Comparables(bundle.comparables, bundle.signature)


def _outlooks(bundle: Bundle, predict: "Predict") -> "Outlooks | None":
    if bundle.outlook is None:
        return None
    from serving.model.outlook import Outlooks

    return Outlooks(bundle.outlook, bundle.signature, predict)
