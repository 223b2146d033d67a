"""The lines of the log: one JSON object a request, without its line end."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from serving.bundle.signature import Signature
from serving.inputs.rows import Row
from serving.prediction_log.privacy import keeper, plain_fields, without_secrets

Outcome = float | str | int | bool

_FRAME_BYTES = 300
_OUTPUT_BYTES = 100
_PROBLEM_BYTES = 400


class _Prediction(msgspec.Struct, tag_field="kind", tag="prediction", gc=False):
    id: str
    time: str
    model: msgspec.Raw
    route: str
    inputs: Any
    outputs: Any
    latency_ms: float
    trace: str | None


class _Refused(msgspec.Struct, tag_field="kind", tag="refused", gc=False):
    id: str
    time: str
    model: msgspec.Raw
    route: str
    problems: Any
    trace: str | None


class _Feedback(msgspec.Struct, tag_field="kind", tag="feedback", gc=False):
    id: str
    time: str
    row: int
    outcome: Outcome


class Entries:
    """Encodes what is logged of one model's requests.

    Args:
        model: the name, version and record digest that answered.
        salt: the key of hashed fields.
    """

    def __init__(self, signature: Signature, model: Mapping[str, Any], salt: bytes) -> None:
        self._model = msgspec.Raw(msgspec.json.encode(dict(model)))
        self._keep = keeper(signature, salt)
        self._plain = plain_fields(signature)
        self._encode = msgspec.json.Encoder().encode
        self._time = _Clock()

    def prediction(
        self,
        request_id: str,
        at: float,
        rows: Sequence[Row],
        outputs: Sequence[Any],
        *,
        seconds: float,
        route: str,
        trace: str | None,
    ) -> bytes:
        """An answered request; ``seconds`` becomes milliseconds rounded to the microsecond."""
        milliseconds = round(seconds * 1000, 3)
        return self._encode(
            _Prediction(request_id, self._time(at), self._model, route, self._keep(rows), outputs, milliseconds, trace)
        )

    def refused(
        self, request_id: str, at: float, problems: Sequence[Mapping[str, Any]], *, route: str, trace: str | None
    ) -> bytes:
        """A request that did not fit the model's inputs."""
        told = [without_secrets(problem, self._plain) for problem in problems]
        return self._encode(_Refused(request_id, self._time(at), self._model, route, told, trace))

    def feedback(self, request_id: str, at: float, row: int, outcome: Outcome) -> bytes:
        """What came true of one row of an earlier request."""
        return self._encode(_Feedback(request_id, self._time(at), row, outcome))


class Sizes:
    """About how many bytes a line will have, told before it is made."""

    def __init__(self, signature: Signature) -> None:
        self._row = max(len(msgspec.json.encode(example)) for example in signature.examples) + _OUTPUT_BYTES

    def prediction(self, rows: int) -> int:
        """Of an answered request."""
        return _FRAME_BYTES + rows * self._row

    def refused(self, problems: int) -> int:
        """Of a request that did not fit."""
        return _FRAME_BYTES + problems * _PROBLEM_BYTES


class _Clock:
    """RFC 3339 in UTC to the millisecond; the part down to the second is made once a second."""

    def __init__(self) -> None:
        self._made = (-1, "")

    def __call__(self, at: float) -> str:
        second, milliseconds = divmod(int(at * 1000), 1000)
        known, text = self._made
        if known != second:
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._made = (second, text)
        return f"{text}.{milliseconds:03d}Z"
