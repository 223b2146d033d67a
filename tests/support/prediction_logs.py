"""Prediction logs as the endpoint writes them, made by hand."""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from slipway.core.signature import Field, Signature
from slipway.core.task import Task

RECORD = "a" * 64
OTHER = "b" * 64
START = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
DAY = 86_400.0


def signature(**changes: Any) -> Signature:
    """A number, a category and a date."""
    fields: dict[str, Any] = {
        "use_case": "churn",
        "title": "Who leaves",
        "task": Task.CLASSIFICATION,
        "inputs": (
            Field(name="tenure", type="number", nullable=True),
            Field(name="contract", type="category", nullable=True),
            Field(name="day", type="date", nullable=True),
        ),
        "output": "probability",
        "threshold": 0.5,
        "examples": ({},),
    }
    return Signature(**(fields | changes))


def row(tenure: Any = 12.5, contract: Any = "Two year", day: Any = "2026-02-01") -> dict[str, Any]:
    return {"tenure": tenure, "contract": contract, "day": day}


def prediction(
    request: str = "r1",
    at: float = START,
    rows: Sequence[Mapping[str, Any]] | None = None,
    scores: Sequence[float | None] | None = None,
    record: str = RECORD,
    version: str | None = "3",
) -> dict[str, Any]:
    """An answered request, by default of one row with score .25."""
    rows = [row()] if rows is None else rows
    scores = [0.25] * len(rows) if scores is None else scores
    return {
        "kind": "prediction",
        "id": request,
        "time": written(at),
        "model": {"name": "churn", "version": version, "record": record},
        "route": "/predict",
        "inputs": list(rows),
        "outputs": [{"probability": score, "label": 0, "warnings": []} for score in scores],
        "latency_ms": 0.5,
        "trace": None,
    }


def refusal(request: str = "r1", at: float = START, record: str = RECORD) -> dict[str, Any]:
    model = {"name": "churn", "version": "3", "record": record}
    problems = [{"field": "tenure", "row": 0, "problem": "is not a number", "sent": "old", "allowed": "a number"}]
    return {"kind": "refused", "id": request, "time": written(at), "model": model, "route": "/predict",
            "problems": problems, "trace": None}  # fmt: skip


def feedback(request: str = "r1", at: float = START + 60, outcome: Any = 1, position: int = 0) -> dict[str, Any]:
    return {"kind": "feedback", "id": request, "time": written(at), "row": position, "outcome": outcome}


def written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lines(entries: Iterable[Mapping[str, Any] | bytes]) -> list[bytes]:
    return [entry if isinstance(entry, bytes) else json.dumps(entry).encode() for entry in entries]


def packed(*entries: Mapping[str, Any] | bytes, member: int = 2) -> bytes:
    """A file's bytes: gzip members of some lines each."""
    told = lines(entries)
    parts = [told[start : start + member] for start in range(0, len(told), member)]
    return b"".join(gzip.compress(b"\n".join(part) + b"\n", mtime=0) for part in parts)


def name(at: float, process: str = "host-7", number: int = 0, end: str = "") -> str:
    return f"predictions-{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}-{process}-{number}.jsonl.gz{end}"
