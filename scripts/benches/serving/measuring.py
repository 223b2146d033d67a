"""All servers in one run: one after the other in each round, the others halted, medians over the rounds."""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from scripts.benches.machine import load_average
from scripts.benches.serving.load import Load, put_load
from scripts.benches.serving.peers.scoring import Scoring
from scripts.benches.serving.running import NotServed, Running, check, running
from scripts.benches.serving.servers import EMPTY, OURS, Peer, Row

ONE, EIGHT = 1, 8
MANY_ROWS = 1_000


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    starts: int
    seconds: int
    many: int
    growth_requests: int


@dataclass
class Measured:
    """What one server did in all rounds; milliseconds, seconds and MB."""

    loads: dict[int, list[Load]] = field(default_factory=lambda: {ONE: [], EIGHT: []})
    first_answers: list[float] = field(default_factory=list)
    many_rows: list[float] = field(default_factory=list)
    memory_mb: float = 0.0
    processes: int = 0
    growth: dict[str, float] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """Medians."""
        eight = self.loads[EIGHT]
        return {
            "per_second_1": _median(load.per_second for load in self.loads[ONE]),
            "per_second_8": _median(load.per_second for load in eight),
            "p50_ms": _median(load.p50 for load in eight),
            "p99_ms": _median(load.p99 for load in eight),
            "cpu_us": _median(load.cpu_us for load in eight),
            "failed": sum(load.failed for loads in self.loads.values() for load in loads),
            "many_rows_ms": median(self.many_rows) if self.many_rows else None,
            "first_answer_s": _median(self.first_answers),
            "memory_mb": self.memory_mb,
            "processes": self.processes,
            **self.growth,
        }


def measure(peers: Sequence[Peer], bundle: Path, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Figures of each server, by its name; raises NotServed for one that answers wrongly."""
    rows, expected = _rows(bundle)
    measured = {peer.name: Measured() for peer in peers}
    with ExitStack() as stack:
        say("starting")
        servers = [stack.enter_context(running(peer, rows[0], expected[0])) for peer in peers]
        for server in servers:
            measured[server.peer.name].first_answers.append(server.first_answer)
            server.halt()
        for number in range(plan.rounds):
            for server in servers:
                say(f"round {number + 1} of {plan.rounds}: {server.peer.name} (load {load_average()})")
                with _alone(server):
                    _round(server, measured[server.peer.name], rows, expected, plan)
        _growth(servers, measured, rows[0], plan, say)
    for peer in peers:
        say(f"starts: {peer.name}")
        for _ in range(plan.starts - 1):
            with running(peer, rows[0], expected[0]) as fresh:
                measured[peer.name].first_answers.append(fresh.first_answer)
    return {name: each.figures() for name, each in measured.items()}


def _round(server: Running, measured: Measured, rows: Sequence[Row], expected: Sequence[float], plan: Plan) -> None:
    body = server.peer.body(rows[:1])
    put_load(server, body, EIGHT, 1)  # not counted: the first of a round finds cold caches
    for connections in (ONE, EIGHT):
        measured.loads[connections].append(put_load(server, body, connections, plan.seconds))
    if server.peer.name != EMPTY:
        measured.many_rows += _many(server, rows, expected, plan.many)
    measured.memory_mb, measured.processes = server.memory_mb(), len(server.family())


def _many(server: Running, rows: Sequence[Row], expected: Sequence[float], times: int) -> list[float]:
    """Milliseconds for each of some requests of many rows, as the caller sees them."""
    body, connection = server.peer.body(rows), server.connect()
    check(server.peer, server.ask(connection, body), expected)
    return [_milliseconds(server, connection, body) for _ in range(times)]


def _milliseconds(server: Running, connection: http.client.HTTPConnection, body: str) -> float:
    started = time.perf_counter()
    server.ask(connection, body)
    return (time.perf_counter() - started) * 1e3


def _growth(
    servers: Sequence[Running], measured: dict[str, Measured], row: Row, plan: Plan, say: Callable[[str], None]
) -> None:
    """What our memory grows by over many requests, after the rounds have settled it."""
    ours = next((server for server in servers if server.peer.name == OURS), None)
    if ours is None or not plan.growth_requests:
        return
    say(f"{plan.growth_requests:,} requests: {OURS}")
    with _alone(ours):
        before, answered = ours.memory_mb(), 0
        while answered < plan.growth_requests:
            answered += put_load(ours, ours.peer.body([row]), EIGHT, plan.seconds).requests
        measured[OURS].growth = {"growth_mb": ours.memory_mb() - before, "growth_requests": answered}


@contextmanager
def _alone(server: Running) -> Iterator[None]:
    server.go_on()
    try:
        yield
    finally:
        server.halt()


def _rows(bundle: Path) -> tuple[list[Row], list[float]]:
    """Rows of the training data, and what the model says of them when nothing is between."""
    signature = json.loads((bundle / "signature.json").read_text())
    background = bundle / "background.json"
    known = json.loads(background.read_text())["rows"] if background.exists() else signature["examples"]
    rows = [known[position % len(known)] for position in range(MANY_ROWS)]
    expected = Scoring(bundle).probabilities(rows)
    if len(set(expected[: len(known)])) < 2:
        raise NotServed("the model says the same of every row")
    return rows, expected


def _median(numbers: Any) -> float | None:
    found = list(numbers)
    return median(found) if found else None
