"""One request and what is known of it beside its body."""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_ID_BYTES = 16
_OWN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Exchange:
    """A request from its first line to the end of its answer.

    Attributes:
        request_id: the caller's X-Request-ID where it is a plain word, else 32 hex digits of our own.
        trace: the caller's W3C traceparent, or None where there is none that is valid.
        at: when it came, seconds since 1970 in UTC; ``started`` is the same moment on the monotonic clock.
        route: the name under which it is counted.
        caller: the name of the key it came with.
    """

    __slots__ = ("at", "caller", "request_id", "route", "started", "trace")

    def __init__(self, headers: Mapping[bytes, bytes], route: str, clock: Callable[[], float] = time.time) -> None:
        self.at = clock()
        self.started = time.perf_counter()
        self.route = route
        self.caller: str | None = None
        self.request_id = _request_id(headers.get(b"x-request-id"))
        self.trace = _trace(headers.get(b"traceparent"))

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self.started


def of(scope: Mapping[str, Any]) -> Exchange:
    """The exchange of an ASGI scope; a new one where the application runs without our front."""
    found: Exchange | None = scope.get("slipway.exchange")
    return found if found is not None else Exchange(dict(scope["headers"]), "other")


def _request_id(sent: bytes | None) -> str:
    if sent is not None and _OWN_ID.fullmatch(sent):
        return sent.decode()
    return next(_ids)


def _random_ids() -> Iterator[str]:
    """32 hex digits each; the system is asked for many at a time."""
    while True:
        drawn = os.urandom(256 * _ID_BYTES)
        for start in range(0, len(drawn), _ID_BYTES):
            yield drawn[start : start + _ID_BYTES].hex()


_ids = _random_ids()  # begun by the first request, so that no two workers draw the same


def _trace(sent: bytes | None) -> str | None:
    return sent.decode() if sent is not None and _TRACEPARENT.fullmatch(sent) else None
