"""How a call to Slack is tried again: on 429 as Slack asks, on 5xx and broken connections with growing waits."""

import random
import time
from collections.abc import Sequence

from slack_sdk.http_retry import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler, RetryHandler
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import BackoffRetryIntervalCalculator
from slack_sdk.http_retry.jitter import Jitter
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState


def handlers(deadline: float, pause: float) -> Sequence[RetryHandler]:
    """Retry until ``deadline`` of the monotonic clock; the first wait is some ``pause`` seconds, each next twice it."""
    waits = BackoffRetryIntervalCalculator(backoff_factor=pause, jitter=_Jitter())
    kinds: tuple[RetryHandler, ...] = (
        RateLimitErrorRetryHandler(max_retry_count=5),
        _ServerErrors(max_retry_count=3, interval_calculator=waits),
        ConnectionErrorRetryHandler(max_retry_count=3, interval_calculator=waits),
    )
    return [_Until(deadline, pause, kind) for kind in kinds]


class _Jitter(Jitter):
    """Half to one and a half of a wait, so that jobs that failed together do not come back together."""

    def recalculate(self, duration: float) -> float:
        return duration * (0.5 + random.random())  # noqa: S311  # no secret hangs on it


class _ServerErrors(ServerErrorRetryHandler):
    """All of 5xx: a proxy in between answers 502 and 504."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        return response is not None and response.status_code >= 500


class _Until(RetryHandler):
    """Lets another handler retry while the wait that it brings ends before a deadline."""

    def __init__(self, deadline: float, pause: float, kind: RetryHandler) -> None:
        super().__init__(kind.max_retry_count)
        self._deadline = deadline
        self._pause = pause
        self._kind = kind

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        longest = 1.5 * self._pause * 2**state.current_attempt
        in_time = time.monotonic() + max(longest, _asked_wait(response)) < self._deadline
        return in_time and self._kind.can_retry(state=state, request=request, response=response, error=error)

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        self._kind.prepare_for_next_attempt(state=state, request=request, response=response, error=error)


def _asked_wait(response: HttpResponse | None) -> float:
    """Seconds of the header Retry-After; endless where it is not a number."""
    headers = {} if response is None else {k.lower(): v for k, v in response.headers.items()}
    asked = headers.get("retry-after", ["0"])
    value = asked if isinstance(asked, str) else asked[0]
    return float(value) if value.isdigit() else float("inf")
