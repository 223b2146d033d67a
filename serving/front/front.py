"""What every request passes on its way in and out; and the short way of the route that is asked most.

FastAPI documents all routes and answers most of them. A short POST /predict is answered here at once, for a task,
routing, dependency injection and response models cost more than the model does.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from starlette.exceptions import HTTPException

from serving.access.gate import Gate
from serving.exchange import Exchange
from serving.front.headers import JSON, completed
from serving.front.names import MANAGEMENT, NOWHERE, counted_as
from serving.inputs.problems import RequestRefused
from serving.routes.answering import Answering
from serving.routes.predict import predict, predict_now
from serving.routes.refusing import Busy, refusal_of
from serving.settings import Limits
from serving.telemetry.tracing import Tracing

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SHORT_BYTES = 16 * 1024

_log = logging.getLogger("serving.requests")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON and headers of an answer."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]]


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

    def at_once(self, scope: Scope, body: bytes) -> Answer | None:
        """The answer to a request that has come whole, where that takes no longer than starting a task for it."""
        if scope["path"] != "/predict" or scope["method"] != "POST" or len(body) > SHORT_BYTES:
            return None
        headers: dict[bytes, bytes] = dict(scope["headers"])
        exchange = Exchange(headers, "predict", self._answering.clock)
        try:
            self._admit(exchange, headers, scope)
            answer = Answer(200, predict_now(body, _content_type(headers), exchange, self._answering), [])
        except Exception as error:
            answer = self._refusal(exchange, error)
        answer.headers.append((b"x-request-id", exchange.request_id.encode()))
        self._done(exchange, answer.status)
        return answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        exchange = Exchange(headers, counted_as(scope["path"]), self._answering.clock)
        self._in_flight += 1
        self._answering.metrics.in_flight.add()
        try:
            self._admit(exchange, headers, scope)
            if scope["path"] == "/predict" and scope["method"] == "POST":
                await self._predict(exchange, headers, receive, send)
            else:
                await self._route(exchange, scope, receive, send)
        except Exception as error:
            await self._send(exchange, self._refusal(exchange, error), send)
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
        if headers.get(b"content-encoding", b"identity") != b"identity" and exchange.route != "infer":
            raise HTTPException(415, "send the body as it is, without a content-encoding")

    async def _predict(self, exchange: Exchange, headers: Mapping[bytes, bytes], receive: Receive, send: Send) -> None:
        body = await read_body(receive, self._limits.body_bytes)
        answer = await predict(body, _content_type(headers), exchange, self._answering)
        await self._send(exchange, Answer(200, answer, []), send)

    async def _route(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the routes answer, and put our headers under theirs."""
        scope["slipway.exchange"] = exchange
        if scope["path"] in self._hidden:
            scope["path"] = NOWHERE
        status = 0

        async def complete(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = completed(message.get("headers", ()), exchange.request_id)
            await send(message)

        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._app(scope, receive, complete)
        except Exception:
            if not status:
                raise
            _log.exception("a request failed after its answer had begun")
        self._done(exchange, status)

    def _refusal(self, exchange: Exchange, error: Exception) -> Answer:
        if isinstance(error, RequestRefused):
            self._answering.refused(error, exchange)
        status, refusal, headers = refusal_of(error)
        return Answer(status, to_json(refusal), [(n.lower().encode(), v.encode()) for n, v in headers.items()])

    async def _send(self, exchange: Exchange, answer: Answer, send: Send) -> None:
        length = (b"content-length", b"%d" % len(answer.body))
        headers = completed([JSON, length, *answer.headers], exchange.request_id)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
        self._done(exchange, answer.status)

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
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            raise HTTPException(413, f"the request is longer than {most:,} bytes")
    return body


def _content_type(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(b"content-type", b"").decode("latin-1")
