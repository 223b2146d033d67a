"""Errors as answers: one place decides the status and the words."""

import logging
from collections.abc import Mapping

from starlette.exceptions import HTTPException

from serving.access.gate import Denied
from serving.answers import Refusal
from serving.inputs.problems import BodyUnreadable, RequestRefused, TooManyRows
from serving.model.running import PredictionFailed

_log = logging.getLogger("serving")
Headers = Mapping[str, str]


class Busy(Exception):
    """More is asked at the moment than is answered at once."""


def refusal_of(error: Exception) -> tuple[int, Refusal, Headers]:  # noqa: PLR0911 - one line a kind
    """Status, document and headers that answer a request which ended in ``error``."""
    match error:
        case RequestRefused():
            said = "the request does not fit the model's inputs"
            return 422, Refusal(error=said, problems=list(error.problems), problems_not_shown=error.not_shown), {}
        case BodyUnreadable():
            return 400, Refusal(error=f"the body is not JSON: {error}"), {}
        case TooManyRows():
            return 413, Refusal(error=str(error)), {}
        case Denied():
            return error.status, Refusal(error=str(error)), error.headers
        case Busy():
            return 503, Refusal(error=str(error)), {"retry-after": "1"}
        case TimeoutError():
            return 503, Refusal(error="the answer took too long; try again with less"), {"retry-after": "1"}
        case HTTPException():
            return error.status_code, Refusal(error=error.detail), error.headers or {}
        case PredictionFailed():
            _log.error("%s", error, exc_info=error)
            return 500, Refusal(error=str(error)), {}
        case _:
            _log.error("a request failed", exc_info=error)
            return 500, Refusal(error="the endpoint failed; its log tells why"), {}
