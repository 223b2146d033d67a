"""The endpoint that serves: the real application on a real bundle, asked in this process, under a clock that is set."""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serving.bundle.loading import load
from serving.endpoint import Endpoint, make_endpoint
from serving.settings import read_settings

SAID = ("probability", "value")
BUFFER = 64 * 2**20


class Clock:
    """What the endpoint takes for the present; it is set, and stands still."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Asked:
    """A request of one row: ``body`` is its JSON."""

    at: float
    id: str
    body: bytes


@dataclass(frozen=True)
class Told:
    """What came true of a request."""

    at: float
    id: str
    outcome: float


@dataclass
class Live:
    """One bundle at work, its log in ``folder``; opened again for a step, it goes on in new files."""

    clock: Clock
    folder: Path
    refused: int = field(default=0, init=False)
    answered: set[str] = field(default_factory=set, init=False)
    _dated: float = field(default_factory=time.time, init=False)

    def serve(self, bundle: Path, version: int, events: Sequence[Asked | Told]) -> dict[str, float]:
        """Send events in order of time; returns what was predicted, by the request's id. All is in the log on return.

        Outcomes of requests that were never answered are not told: nobody knows them by an id.

        Raises:
            RuntimeError: an answer is neither a prediction nor a refusal, or the log lost something.
        """
        options = ["bundle", "--model-version", str(version), "--log-buffer-bytes", str(BUFFER)]
        endpoint = make_endpoint(
            load(bundle), read_settings([*options, "--log-to", str(self.folder)], {}), clock=self.clock
        )
        endpoint.answering.service.ready = True
        endpoint.answering.log.start()
        try:
            return asyncio.run(self._send_all(endpoint, events))
        finally:
            endpoint.stop(60)
            endpoint.answering.thread.shutdown()
            self._date_files()

    def _date_files(self) -> None:
        """A file was written to last when the clock says so; those of earlier steps are dated already."""
        for path in self.folder.iterdir():
            if path.stat().st_mtime > self._dated:
                os.utime(path, (self.clock.now, self.clock.now))

    async def _send_all(self, endpoint: Endpoint, events: Sequence[Asked | Told]) -> dict[str, float]:
        said: dict[str, float] = {}
        for event in events:
            self.clock.now = event.at
            if isinstance(event, Told):
                if event.id not in self.answered:
                    continue
                body = json.dumps({"request_id": event.id, "outcome": event.outcome}).encode()
                status, answer = await _post(endpoint, "/feedback", body)
                _expect(status == 202, status, answer)
                continue
            status, answer = await _post(endpoint, "/predict", event.body, event.id)
            _expect(status in (200, 422), status, answer)
            if status == 422:
                self.refused += 1
            else:
                found = json.loads(answer)
                self.answered.add(event.id)
                said[event.id] = next(float(found[name]) for name in SAID if name in found)
        return said


def _expect(fine: bool, status: int, answer: bytes) -> None:
    if not fine:
        raise RuntimeError(f"the endpoint answered {status}: {answer[:300]!r}")


async def _post(endpoint: Endpoint, path: str, body: bytes, request_id: str = "") -> tuple[int, bytes]:
    """One request as ASGI has it."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if request_id:
        headers.append((b"x-request-id", request_id.encode()))
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await endpoint.app(scope, receive, send)
    answer = b"".join(message.get("body", b"") for message in sent[1:])
    return int(sent[0]["status"]), answer
