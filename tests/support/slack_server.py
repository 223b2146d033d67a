"""A local server that speaks as much of Slack's Web API as we use, and keeps what it was told."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer to one call: whole, never (``hang``) or a byte at a time (``trickle``)."""

    status: int = 200
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    trickle: bool = False


OK = Reply(body={"ok": True, "channel": "C1", "ts": "1700000000.000100", "user": "slipway", "team": "Test"})
BROKEN = Reply(status=500, body={"ok": False, "error": "internal_error"})
HANG = Reply(hang=True)
TRICKLE = Reply(trickle=True)


def refused(error: str) -> Reply:
    return Reply(body={"ok": False, "error": error})


def slow_down(seconds: str) -> Reply:
    return Reply(status=429, body={"ok": False, "error": "ratelimited"}, headers={"Retry-After": seconds})


@dataclass(frozen=True)
class Call:
    method: str
    authorization: str
    body: dict[str, Any]


class SlackServer:
    """Answers with ``replies`` one after the other; the last is repeated."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = list(replies)
        self._lock = threading.Lock()
        self.stopping = threading.Event()
        self.calls: list[Call] = []
        self.base_url = ""

    def next_reply(self, call: Call) -> Reply:
        with self._lock:
            self.calls.append(call)
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    @property
    def texts(self) -> list[str]:
        return [call.body["text"] for call in self.calls]


@contextmanager
def slack_server(*replies: Reply) -> Iterator[SlackServer]:
    """Run the server on a free port of this machine."""
    state = SlackServer(replies or (OK,))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    state.base_url = f"http://127.0.0.1:{server.server_port}/api/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(content) if content.startswith(b"{") else {}
            method = self.path.removeprefix("/api/")
            reply = state.next_reply(Call(method, self.headers.get("Authorization", ""), body))
            if reply.hang:
                state.stopping.wait(60)
            elif reply.trickle:
                self._trickle()
            else:
                self._answer(reply)

        def _answer(self, reply: Reply) -> None:
            content = json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _trickle(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            until = time.monotonic() + 60
            while time.monotonic() < until and not state.stopping.wait(0.05):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            pass

    return Handler
