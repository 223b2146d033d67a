"""A local server that speaks as much of Slack's Web API as we use, and keeps what it was told.

Either it answers from a script (``slack_server``), or it is a workspace that remembers (``slack_workspace``), with
faults where a test wants them. As a process of its own::

    python -m tests.support.slack_server --port 0 --state slack.json

prints one line of JSON with its addresses; ``GET /state`` (or the file) tells all messages and calls, ``POST /faults``
takes ``{"method": "chat.update", "replies": [{"status": 500}]}``, ``POST /reset`` forgets everything.
"""

import argparse
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.slack_workspace import ALL_SCOPES, Refusal, Workspace

WEBHOOK = "/services/T0/B0/a-secret-nobody-may-see"


@dataclass(frozen=True)
class Reply:
    """One answer to one call: whole, never (``hang``) or a byte at a time (``trickle``).

    With ``done``, the workspace does what it is asked for first; without a body it then also answers itself, unless
    the status is an error: then the deed is done and its answer lost.
    """

    status: int = 200
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    trickle: bool = False
    done: bool = False


OK = Reply(body={"ok": True, "channel": "C1", "ts": "1700000000.000100", "user": "slipway", "team": "Test"})
BROKEN = Reply(status=500, body={"ok": False, "error": "internal_error"})
HANG = Reply(hang=True)
TRICKLE = Reply(trickle=True)
THROUGH = Reply(done=True)
ANSWER_LOST = Reply(status=502, body={}, done=True)


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
    """Answers with ``replies`` one after the other; the last is repeated. ``fail`` goes before them.

    ``before`` is called ahead of each call, for what is to happen between two calls of somebody.
    """

    def __init__(self, replies: Sequence[Reply], workspace: Workspace | None = None, state: Path | None = None) -> None:
        self._replies = list(replies)
        self._faults: dict[str, list[Reply]] = defaultdict(list)
        self._lock = threading.Lock()
        self._state = state
        self.workspace = workspace or Workspace()
        self.stopping = threading.Event()
        self.calls: list[Call] = []
        self.before: Callable[[Call], None] = lambda _: None
        self.base_url = ""
        self.webhook_url = ""

    def answer(self, call: Call) -> Reply:
        """The reply to a call, after the workspace has done what it asks for where the reply wants that."""
        self.before(call)
        reply = self._next(call)
        if reply.done:
            told = self._from_workspace(call)
            reply = told if reply.body is None else replace(reply, done=False)
        self.keep()
        return reply

    def script(self, *replies: Reply) -> None:
        """Answer with these from now on."""
        with self._lock:
            self._replies = list(replies)

    def fail(self, method: str, *replies: Reply) -> None:
        """Answer the next calls of one method with these."""
        with self._lock:
            self._faults[method].extend(replies)

    def reset(self) -> None:
        """Forget messages, calls and faults."""
        with self._lock:
            self.workspace = Workspace(self.workspace.scopes, self.workspace.page)
            self.calls.clear()
            self._faults.clear()
        self.keep()

    def dump(self) -> dict[str, Any]:
        calls = [{"method": call.method, "body": call.body} for call in list(self.calls)]
        return {**self.workspace.dump(), "calls": calls}

    def keep(self) -> None:
        """Write the state to the file, whole."""
        if self._state is not None:
            with self._lock:
                part = self._state.with_suffix(".part")
                part.write_text(json.dumps(self.dump(), indent=1, ensure_ascii=False))
                part.replace(self._state)

    @property
    def texts(self) -> list[str]:
        return [call.body["text"] for call in self.calls]

    def _next(self, call: Call) -> Reply:
        with self._lock:
            self.calls.append(call)
            if self._faults[call.method]:
                return self._faults[call.method].pop(0)
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def _from_workspace(self, call: Call) -> Reply:
        if call.method == "webhook":
            return self._from_webhook(call)
        scopes = {"x-oauth-scopes": ",".join(self.workspace.scopes)}
        return Reply(body=self.workspace.answer(call.method, call.body), headers=scopes)

    def _from_webhook(self, call: Call) -> Reply:
        try:
            self.workspace.take_webhook(call.body)
        except Refusal as refusal:
            return Reply(status=400, body={"text": refusal.args[0]})
        return Reply(body={"text": "ok"})


@contextmanager
def slack_server(*replies: Reply) -> Iterator[SlackServer]:
    """Run a scripted server on a free port of this machine."""
    with _running(SlackServer(replies or (OK,)), 0) as state:
        yield state


@contextmanager
def slack_workspace(
    *faults: Reply, scopes: tuple[str, ...] = ALL_SCOPES, page: int = 100, port: int = 0, state: Path | None = None
) -> Iterator[SlackServer]:
    """Run a server that remembers; ``faults`` answer the first calls."""
    with _running(SlackServer((*faults, THROUGH), Workspace(scopes, page), state), port) as server:
        yield server


@contextmanager
def _running(state: SlackServer, port: int) -> Iterator[SlackServer]:
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(state))
    server.daemon_threads = True
    address = f"http://127.0.0.1:{server.server_port}"
    state.base_url, state.webhook_url = f"{address}/api/", f"{address}{WEBHOOK}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    state.keep()
    try:
        yield state
    finally:
        state.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/state":
                self._answer(Reply(body=state.dump()))
            else:
                self._call(dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(content) if content.startswith(b"{") else dict(parse_qsl(content.decode()))
            if self.path == "/faults":
                state.fail(body["method"], *(Reply(**reply) for reply in body["replies"]))
                self._answer(Reply(body={"ok": True}))
            elif self.path == "/reset":
                state.reset()
                self._answer(Reply(body={"ok": True}))
            else:
                self._call(body)

        def _call(self, body: dict[str, Any]) -> None:
            path = urlsplit(self.path).path
            if path.startswith("/services/") and path != WEBHOOK:
                self._answer(Reply(status=404, body={"text": "no_service"}))
                return
            method = "webhook" if path == WEBHOOK else path.removeprefix("/api/")
            reply = state.answer(Call(method, self.headers.get("Authorization", ""), body))
            if reply.hang:
                state.stopping.wait(60)
            elif reply.trickle:
                self._trickle()
            else:
                self._answer(reply)

        def _answer(self, reply: Reply) -> None:
            plain = set(reply.body or ()) == {"text"}
            content = (reply.body or {})["text"].encode() if plain else json.dumps(reply.body).encode()
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


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A workspace of Slack on this machine.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, help="a file that always holds the state, as JSON")
    parser.add_argument("--scopes", default=",".join(ALL_SCOPES))
    options = parser.parse_args()
    scopes = tuple(options.scopes.split(","))
    with slack_workspace(scopes=scopes, port=options.port, state=options.state) as server:
        addresses = {"api": server.base_url, "webhook": server.webhook_url}
        print(json.dumps(addresses), flush=True)  # noqa: T201  # whoever started us reads it
        server.stopping.wait()


if __name__ == "__main__":
    main()
