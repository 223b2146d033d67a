"""One connection: whole requests are handed on, and what is too long, too slow or too much is turned away here.

uvicorn starts the application as soon as a request's headers have come, and lets headers, bodies and connections grow
without bound. Here the application sees a request when all of it is there, so that a slow sender holds a buffer and a
timer but no task, and every wait has an end.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from serving.front.front import Answer
from serving.front.headers import HEAD_OF_JSON
from serving.settings import Limits
from serving.telemetry.counters import Counter

LINGER_SECONDS = 2.0
RETRY_AFTER = b"retry-after: 1\r\n"


class _InOnePiece:
    """A transport that sends the head of an answer together with its body: one system call less, and one packet."""

    __slots__ = ("_head", "_transport", "is_closing")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = b""
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Keep the head; send everything after it at once."""
        if self._head is None:
            self._transport.write(data)
        elif self._head:
            self._transport.write(self._head + data)
            self._head = None
        else:
            self._head = data

    def close(self) -> None:
        """Close as soon as everything is sent."""
        self._transport.close()


@dataclass
class Traffic:
    """What all connections of a process share.

    Attributes:
        at_once: the application's answer to a whole request, or None where it takes a task to answer it.
        refused: told the status of each request that was turned away here.
        buffered: bytes of requests that have not come whole.
        ending: whether every answer is to be its connection's last.
    """

    limits: Limits
    open: Counter
    at_once: Callable[[Any, bytes], Answer | None]
    refused: Callable[[int], None]
    buffered: int = 0
    ending: bool = False
    connections: set["Connection"] = field(default_factory=set)


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with bounds and an orderly end."""

    traffic: Traffic

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: tuple[RequestResponseCycle, Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._in_headers = 0
        self._held = 0
        self._running = 0
        self._turned_away = False
        self._may_be_long = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        traffic = self.traffic
        traffic.connections.add(self)
        traffic.open.add()
        if len(traffic.connections) > traffic.limits.connections:
            self._turn_away(503, "too many connections are open; try again in a moment", RETRY_AFTER)
        else:
            self._expect_whole_request()

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self.traffic.connections:
            self.traffic.connections.discard(self)
            self.traffic.open.add(-1)
        self._release()
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._turned_away:
            return
        self._in_headers += len(data)
        self._may_be_long = len(data) > self.traffic.limits.header_bytes
        self._feed(data)
        if self._turned_away:
            return
        if self._in_headers > self.traffic.limits.header_bytes:
            self._long_headers()
        elif (self._in_headers or self._waiting) and self._timer is None:
            self._expect_whole_request()

    def _feed(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._feed_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("")

    def _feed_without_upgrade(self, rest: bytes) -> None:
        """Read a request that offers another protocol as one that does not, for the parser skips its body.

        Java's client offers HTTP/2 this way with its first request, and is content with HTTP/1.1.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self.send_400_response("")
            return
        lines = [b"%s %s HTTP/%s" % (method, self.url, self.parser.get_http_version().encode())]
        lines += [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self._feed(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._length = 0

    def on_headers_complete(self) -> None:
        if self._turned_away or self.parser.should_upgrade():
            return
        super().on_headers_complete()
        if self.scope["method"] != "HEAD":
            self.cycle.transport = _InOnePiece(self.transport)  # type: ignore[assignment]
        if self.traffic.ending:
            self.cycle.keep_alive = False
        if self._may_be_long and _size(self.headers) + len(self.url) > self.traffic.limits.header_bytes:
            self._long_headers()
        elif _announced_length(self.headers) > self.traffic.limits.body_bytes:
            self._too_long()
        elif self.expect_100_continue and self._waiting is not None:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.cycle.waiting_for_100_continue = False

    def on_body(self, body: bytes) -> None:
        """Keep what has come; uvicorn's own would stop reading until the application asks for more."""
        self._in_headers = 0
        if self._turned_away or self.cycle.response_complete:
            return
        self._length += len(body)
        self._held += len(body)
        self.traffic.buffered += len(body)
        if self._length > self.traffic.limits.body_bytes:
            self._too_long()
        elif self.traffic.buffered > self.traffic.limits.buffered_bytes:
            self._turn_away(503, "too much is being sent at once; try again in a moment", RETRY_AFTER)
        else:
            self.cycle.body += body

    def on_message_complete(self) -> None:
        self._in_headers = 0
        if self._turned_away or self.parser.should_upgrade():
            return
        self._release()
        self._rest()
        super().on_message_complete()
        if self._waiting is not None:
            cycle, app = self._waiting
            self._waiting = None
            self._start_asgi_task(cycle, app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._turned_away:
            return
        if cycle.more_body:
            self._waiting = (cycle, app)
        elif not self._answered_at_once(cycle):
            self._running += 1
            super()._start_asgi_task(cycle, app)

    def _answered_at_once(self, cycle: RequestResponseCycle) -> bool:
        """Answer without a task, where the application can; the same bytes that uvicorn would send."""
        answer = self.traffic.at_once(cycle.scope, bytes(cycle.body))
        if answer is None:
            return False
        more = b"".join([b"%s: %s\r\n" % header for header in (*cycle.default_headers, *answer.headers)])
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        ends = b"content-length: %d\r\n%s\r\n" % (len(answer.body), close)
        self.transport.write(b"".join((STATUS_LINE[answer.status], HEAD_OF_JSON, more, ends, answer.body)))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        super().on_response_complete()
        return True

    def on_response_complete(self) -> None:
        self._running -= 1
        if self._turned_away:
            self.transport.close()
        else:
            super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        self._turn_away(400, "the request is no HTTP that can be understood")

    def end_with_next_answer(self) -> None:
        """Let what runs, or else what comes next, be answered as the last on this connection."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Close where nothing runs."""
        if self.is_idle and not self._turned_away:
            self.transport.close()

    @property
    def is_idle(self) -> bool:
        """Whether nothing of a request has come that is not answered."""
        return self._waiting is None and not self._in_headers and (self.cycle is None or self.cycle.response_complete)

    def _long_headers(self) -> None:
        self._turn_away(431, f"the headers are longer than {self.traffic.limits.header_bytes:,} bytes")

    def _too_long(self) -> None:
        self._turn_away(413, f"the request is longer than {self.traffic.limits.body_bytes:,} bytes")

    def _turn_away(self, status: int, problem: str, more: bytes = b"") -> None:
        """Answer, and close when the sender has read it: closing with bytes unread would take the answer away."""
        self._turned_away = True
        self._waiting = None
        self.pipeline.clear()
        self._release()
        self._rest()
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        self.traffic.refused(status)
        if self.transport.is_closing() or self._running:  # an answer to an earlier request must not be cut in two
            return
        body = msgspec.json.encode({"error": problem, "problems": [], "problems_not_shown": 0})
        head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + more + b"\r\n" + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _expect_whole_request(self) -> None:
        self._timer = self.loop.call_later(self.traffic.limits.seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._timer = None
        if self.cycle is None and not self._in_headers:
            self.transport.close()
        elif self._waiting is not None or self._in_headers:
            self._turn_away(408, f"the request did not come whole within {self.traffic.limits.seconds:g} seconds")

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _release(self) -> None:
        self.traffic.buffered -= self._held
        self._held = 0


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers)


def _announced_length(headers: list[tuple[bytes, bytes]]) -> int:
    for name, value in headers:
        if name == b"content-length":
            return int(value)
    return 0
