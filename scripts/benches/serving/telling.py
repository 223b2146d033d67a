"""Figures of servers as a table with ratios, and the bars."""

from typing import Any

from scripts.benches.report import Part, bar, part
from scripts.benches.serving.servers import BENTOML, EMPTY, LITSERVE, MLFLOW, OURS

Figures = dict[str, Any]
COLUMNS = (
    "server", "requests/s, 1 connection", "8 connections", "ours is faster, times", "p50, ms", "p99, ms",
    "CPU a request, µs", "1,000 rows, ms", "first answer, s", "memory, MB", "processes", "failed",
)  # fmt: skip


def told(servers: dict[str, Figures]) -> Part:
    """The table; the bars are those of our endpoint with everything on."""
    rows = [_row(name, figures, servers) for name, figures in servers.items()]
    return part("One-row requests, side by side", COLUMNS, rows, servers=servers, bars=_bars(servers))


def _row(name: str, figures: Figures, servers: dict[str, Figures]) -> list[Any]:
    ours = servers[OURS]["per_second_8"] / figures["per_second_8"] if OURS in servers else "-"
    return [
        name, round(figures["per_second_1"]), round(figures["per_second_8"]), ours,
        figures["p50_ms"], figures["p99_ms"],
        round(figures["cpu_us"]), "-" if figures["many_rows_ms"] is None else figures["many_rows_ms"],
        figures["first_answer_s"], round(figures["memory_mb"]), figures["processes"], figures["failed"],
    ]  # fmt: skip


def _bars(servers: dict[str, Figures]) -> list[dict[str, Any]]:
    if OURS not in servers:
        return []
    ours = servers[OURS]
    others = {name: figures["per_second_8"] for name, figures in servers.items()}
    best = max((others[name] for name in (LITSERVE, BENTOML) if name in others), default=None)
    ratios = [
        ("requests/s at 8 connections against an empty FastAPI endpoint, at least (aim: 1.3)", others.get(EMPTY), 1.0),
        ("the same against mlflow models serve, at least", others.get(MLFLOW), 60.0),
        ("the same against the best of the others, at least", best, 6.0),
    ]
    most = [
        bar("p99 against p50 at 8 connections", ours["p99_ms"] / ours["p50_ms"], 3.0, "times"),
        bar("start to first correct answer", ours["first_answer_s"], 0.8, "s"),
        bar("memory after the load", ours["memory_mb"], 120, "MB"),
        bar("1,000 rows in one request", ours["many_rows_ms"], 12, "ms"),
        bar("answers that failed", sum(figures["failed"] for figures in servers.values()), 0, ""),
    ]
    growth = ours.get("growth_mb")
    if growth is not None:
        most.append(bar(f"growth over {ours['growth_requests']:,} requests", growth, 5, "MB"))
    return [*(_least(what, ours["per_second_8"] / other, least) for what, other, least in ratios if other), *most]


def _least(what: str, measured: float, least: float) -> dict[str, Any]:
    return {"what": what, "measured": round(measured, 3), "most": least, "unit": "times", "kept": measured >= least}
