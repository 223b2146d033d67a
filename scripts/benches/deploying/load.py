"""Steady load on a Service whose every answer is held to the model of the version that it names."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isclose
from typing import Any

TOLERANCE = 1e-6
CONNECTIONS = 8

_SECONDS = 20.0
_LOST = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Asking:
    """What is asked, and what is right.

    Attributes:
        address: host and port.
        right: version, as answers name it, to the probability of each row.
        per_second: requests, over all connections.
        renewed_after: requests after which a connection is made anew; None: when the server ends it.
    """

    address: str
    key: str
    rows: Sequence[Mapping[str, Any]]
    right: Mapping[str, Sequence[float]]
    per_second: float = 100.0
    renewed_after: int | None = None


@dataclass(frozen=True)
class Seen:
    """One answer: when it came (monotonic seconds), which version it names ("" for none), and what it is.

    Attributes:
        kind: "right", "wrong" (not what that version's model says), "refused" (4xx), "failed" (5xx) or "lost".
    """

    at: float
    version: str
    kind: str
    milliseconds: float


@dataclass
class Load:
    """What steady callers saw."""

    answers: list[Seen] = field(default_factory=list)

    def since(self, moment: float) -> "Load":
        """What came after a moment."""
        return Load([seen for seen in list(self.answers) if seen.at >= moment])

    def between(self, first: float, last: float) -> "Load":
        """What came from one moment to another, both included."""
        return Load([seen for seen in self.answers if first <= seen.at <= last])

    def count(self, *kinds: str) -> int:
        """How many were of these kinds."""
        return sum(seen.kind in kinds for seen in self.answers)

    @property
    def failed(self) -> int:
        """Requests without an answer of the model."""
        return self.count("failed", "refused", "lost")

    def last(self, version: str) -> float:
        """When a version answered for the last time; minus infinity when it never did."""
        return max((seen.at for seen in self.answers if seen.version == version), default=float("-inf"))

    @property
    def versions(self) -> set[str]:
        """Those that were named."""
        return {seen.version for seen in self.answers} - {""}


@contextmanager
def steady_load(asking: Asking, connections: int = CONNECTIONS) -> Iterator[Load]:
    """Ask until the block is left; no request is sent twice."""
    load, over = Load(), threading.Event()
    threads = [threading.Thread(target=_call, args=(asking, n, connections, load, over)) for n in range(connections)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _call(asking: Asking, number: int, of: int, load: Load, over: threading.Event) -> None:
    """One connection's requests, each at its time; one that is late is sent at once."""
    host = asking.address
    connection = http.client.HTTPConnection(host, timeout=_SECONDS)
    every, started, turn = of / asking.per_second, time.monotonic() + number / asking.per_second, 0
    while not over.wait(max(0.0, started + turn * every - time.monotonic())):
        row = (number + turn * of) % len(asking.rows)
        load.answers.append(_ask(connection, asking, row))
        turn += 1
        if asking.renewed_after and turn % asking.renewed_after == 0:
            connection.close()
    connection.close()


def _ask(connection: http.client.HTTPConnection, asking: Asking, row: int) -> Seen:
    headers = {"content-type": "application/json", "authorization": f"Bearer {asking.key}"}
    began = time.monotonic()
    try:
        connection.request("POST", "/predict", json.dumps(dict(asking.rows[row])), headers)
        response = connection.getresponse()
        status, body = response.status, response.read()
    except _LOST:
        connection.close()
        return Seen(time.monotonic(), "", "lost", 0.0)
    took = (time.monotonic() - began) * 1000
    if status != 200:
        return Seen(time.monotonic(), "", "failed" if status >= 500 else "refused", took)
    return _judged(json.loads(body), asking, row, took)


def _judged(answer: Mapping[str, Any], asking: Asking, row: int, took: float) -> Seen:
    version = str(answer["model"]["version"])
    known = asking.right.get(version)
    right = known is not None and isclose(answer["probability"], known[row], rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return Seen(time.monotonic(), version, "right" if right else "wrong", took)
