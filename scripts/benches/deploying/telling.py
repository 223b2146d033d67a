"""Figures of releases as tables, and the bars."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from scripts.benches.report import Part, bar, part

Figures = dict[str, Any]

TIMES = "How long it takes"
CANARY_SHARE = 1 / 3


def told(found: Figures) -> list[Part]:
    """A table for whatever was measured; how long it took comes last."""
    parts = [tell(found[name]) for name, tell in _TOLD.items() if name in found]
    return [*parts, times(found)] if found else []


def times(found: Figures) -> Part:
    """Seconds of all that was measured; the bars are those of a rollback."""
    rows, bars = [], []
    for name, what, key in _TIMED:
        if name in found:
            seconds = found[name][key]
            rows.append([what, len(seconds), float(median(seconds)), float(max(seconds))])
    if "rollbacks" in found:
        most = max(found["rollbacks"]["everywhere_s"])
        bars.append(bar("rollback, from the command to the old digest answering everywhere, at most", most, 30, "s"))
    busy = found.get("load_average")
    return part(TIMES, ("what", "times", "median, s", "longest, s"), rows, bars=bars, load_average=busy)


def _rollouts(found: Figures) -> Part:
    columns = ("rollouts", "requests", "requests/s", "failed", "wrong answers")
    row = [found["rollouts"], found["requests"], round(found["requests_a_second"]), found["failed"], found["wrong"]]
    bars = [
        bar(f"failed requests in {found['rollouts']} rollouts", found["failed"], 0, ""),
        bar("wrong answers in them", found["wrong"], 0, ""),
    ]
    return part("Rollouts under steady load", columns, [row], bars=bars)


def _bad(found: Figures) -> Part:
    columns = (
        "planted", "stopped by", "after, s", "stable", "requests meanwhile", "affected",
        "share", "share while it stood",
    )  # fmt: skip
    rows = [[fault, *_of_a_fault(figures)] for fault, figures in found.items()]
    shares = [figures["hurt"] / max(1, figures["requests"]) for figures in found.values()]
    touched = sum(not (figures["untouched"] and figures["gone"]) for figures in found.values())
    bars = [
        bar(f"of {len(found)} bad canaries not stopped", sum(not f["stopped"] for f in found.values()), 0, ""),
        bar("bad canaries after which stable was not as before", touched, 0, ""),
        bar("share of requests that a bad canary affected, at most", 100 * max(shares), 100 * CANARY_SHARE, "%"),
    ]
    return part("Bad canaries", columns, rows, bars=bars)


def _of_a_fault(figures: Figures) -> list[Any]:
    hurt, meanwhile, stood = figures["hurt"], figures["requests"], figures["while_it_stood"]
    return [
        figures["signal"] if figures["stopped"] else f"nothing (code {figures['code']})",
        figures["seconds"],
        "untouched" if figures["untouched"] else "touched",
        meanwhile,
        hurt,
        f"{hurt / max(1, meanwhile):.1%}",
        f"{hurt / stood:.1%}" if stood else "-",
    ]


def _healthy(found: Figures) -> Part:
    columns = ("healthy canaries", "stopped", "requests", "failed", "wrong answers")
    row = [found["canaries"], found["stopped"], found["requests"], found["failed"], found["wrong"]]
    bars = [
        bar(f"of {found['canaries']} healthy canaries stopped", found["stopped"], 0, ""),
        bar(
            "releases that went out without their canary", found["canaries"] - found["tried"] - found["stopped"], 0, ""
        ),
        bar(
            "failed requests and wrong answers while healthy canaries were tried",
            found["failed"] + found["wrong"],
            0,
            "",
        ),
    ]
    return part("Healthy canaries", columns, [row], bars=bars)


def _kills(found: Figures) -> Part:
    killed = [each for each in found["kills"] if each["killed"]]
    columns = ("what the next run found", "times", "converged", "history right", "next run, longest, s")
    kinds = sorted({each["found"] for each in killed})
    rows = [_of_a_kind(kind, [each for each in killed if each["found"] == kind]) for kind in kinds]
    bars = [
        bar(f"of {len(killed)} killed releases not converged", sum(bool(k["not_converged"]) for k in killed), 0, ""),
        bar("after which the history is wrong", sum(bool(k["history"]) for k in killed), 0, ""),
        bar("failed requests and wrong answers while releases were killed", found["failed"] + found["wrong"], 0, ""),
    ]
    return part("Killed releases", columns, rows, bars=bars)


def _of_a_kind(kind: str, each: Sequence[Figures]) -> list[Any]:
    converged, right = sum(not k["not_converged"] for k in each), sum(not k["history"] for k in each)
    return [kind, len(each), converged, right, float(max(k["again_s"] for k in each))]


_TOLD = {"rollouts": _rollouts, "bad": _bad, "healthy": _healthy, "kills": _kills}
_TIMED = (
    ("rollouts", "a rollout of two pods", "seconds"),
    ("rollbacks", "a rollback, until the command ends", "command_s"),
    ("rollbacks", "a rollback, until nothing else answers", "everywhere_s"),
    ("healthy", "a release through its canary", "seconds"),
)
