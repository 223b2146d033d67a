"""What every request passes on its way in and out; and the short way of the route that is asked most.

FastAPI documents all routes and answers most of them. POST /predict is answered here, for routing, dependency
injection and response models cost more than the model does.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from pydantic_core import to_json
from starlette.exceptions import HTTPException

from serving.access.gate import Gate
from serving.exchange import Exchange
from serving.inputs.problems import RequestRefused
from serving.routes.answering import Answering
from serving.routes.predict import predict
from serving.routes.refusing import Busy, refusal_of
from serving.settings import Limits
from serving.telemetry.tracing import Tracing

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

_log = logging.getLogger("serving.requests")

_SECURITY = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
}
_SECURE = list(_SECURITY.items())
_JSON = (b"content-type", b"application/json")

_COUNTED_AS = {
    "/predict": "predict",
    "/invocations": "invocations",
    "/explain": "explain",
    "/feedback": "feedback",
    "/model-info": "info",
    "/metrics": "info",
    "/health": "health",
    "/health/live": "health",
    "/health/ready": "health",
    "/ping": "health",
    "/v2/health/live": "health",
    "/v2/health/ready": "health",
}
MANAGEMENT = frozenset({"/metrics", "/health", "/health/live", "/health/ready"})


class Front:
    """An ASGI application around the routes.

    Args:
        app: the routes.
        management_apart: health and metrics are answered on a port of their own, and not here.
    """

    def __init__(
        self, app: Application, answering: Answering, gate: Gate, limits: Limits, tracing: Tracing,
        *, management_apart: bool = False,
    ) -> None:  # fmt: skip
        self._app = app
        self._answering = answering
        self._gate = gate
        self._limits = limits
        self._tracing = tracing
        self._hidden = MANAGEMENT if management_apart else frozenset()
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        path: str = scope["path"]
        exchange = Exchange(headers, _COUNTED_AS.get(path) or ("infer" if path.startswith("/v2/") else "other"))
        self._in_flight += 1
        self._answering.metrics.in_flight.add()
        try:
            self._admit(exchange, headers, scope)
            if path == "/predict" and scope["method"] == "POST":
                await self._predict(exchange, headers, receive, send)
            else:
                await self._route(exchange, scope, receive, send)
        except Exception as error:
            await self._refuse(exchange, error, send)
        finally:
            self._in_flight -= 1
            self._answering.metrics.in_flight.add(-1)

    def _admit(self, exchange: Exchange, headers: Mapping[bytes, bytes], scope: Scope) -> None:
        if exchange.route == "health":
            return
        if self._in_flight > self._limits.concurrency:
            raise Busy("too many requests are being answered; try again in a moment")
        client = scope.get("client")
        exchange.caller = self._gate.admit(headers, client[0] if client else "")

    async def _predict(self, exchange: Exchange, headers: Mapping[bytes, bytes], receive: Receive, send: Send) -> None:
        body = await read_body(receive, self._limits.body_bytes)
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        answer = await predict(body, content_type, exchange, self._answering)
        await self._send(exchange, 200, answer, [], send)

    async def _route(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the routes answer, and put our headers under theirs."""
        scope["slipway.exchange"] = exchange
        status = 0
        if scope["path"] in self._hidden:
            scope = {**scope, "path": "/health-and-metrics-are-on-the-management-port", "raw_path": b"/"}

        async def complete(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message.get("headers", ()), exchange)
            await send(message)

        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._app(scope, receive, complete)
        except Exception:
            if not status:
                raise
            _log.exception("a request failed after its answer had begun")
        self._done(exchange, status)

    async def _refuse(self, exchange: Exchange, error: Exception, send: Send) -> None:
        if isinstance(error, RequestRefused):
            self._answering.refused(error, exchange)
        status, refusal, headers = refusal_of(error)
        more = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self._send(exchange, status, to_json(refusal), more, send)

    async def _send(self, exchange: Exchange, status: int, body: bytes, more: list[Header], send: Send) -> None:
        headers = [
            _JSON,
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", exchange.request_id.encode()),
            *_SECURE,
            *more,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self._done(exchange, status)

    def _done(self, exchange: Exchange, status: int) -> None:
        self._answering.metrics.answered(exchange.route, status, exchange.seconds)
        self._tracing.answered(exchange, status)
        if status >= 500:
            told = {"request_id": exchange.request_id, "traceparent": exchange.trace, "route": exchange.route}
            _log.warning("answered %d", status, extra={"told": told | {"status": status}})


async def read_body(receive: Receive, most: int) -> bytes:
    """The whole body; from our own server it comes as one message.

    Raises:
        HTTPException: 413, it is longer than ``most`` bytes.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            raise HTTPException(413, f"the request is longer than {most:,} bytes")
    return body


def _completed(headers: Any, exchange: Exchange) -> list[Header]:
    given = list(headers)
    names = {name for name, _ in given}
    given += [header for header in _SECURE if header[0] not in names]
    given.append((b"x-request-id", exchange.request_id.encode()))
    return given
