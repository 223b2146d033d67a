"""What came of a replay, as tables and pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scripts.benches.replaying.drawing import Line, Picture, draw
from scripts.benches.replaying.quality import interval
from scripts.benches.report import Part, bar, part

Runs = Sequence[Mapping[str, Any]]
LOST, HALF = 5.0, 0.5


def told(found: Mapping[str, Runs]) -> list[Part]:
    """A table of gains, one of retrainings, one of what each stream holds, and the bars."""
    drawn = {name: runs for name, runs in found.items() if len(runs[0]["metrics"]) and name != "homes"}
    groups = {name: [runs] for name, runs in found.items()}
    if len(drawn) > 1:
        groups["churn, all streams"] = list(drawn.values())
    return [_gained(found, groups), _retrained(found), _decided(found)]


def pictures(found: Mapping[str, Runs], folder: Path) -> list[Path]:
    """One a stream, of its first seed: replay-NAME.svg."""
    return [_picture(name, runs[0], folder / f"replay-{name}.svg") for name, runs in found.items()]


def _gained(found: Mapping[str, Runs], groups: Mapping[str, Sequence[Runs]]) -> Part:
    rows, bars = [], []
    for name, several in groups.items():
        for metric in _metrics(several):
            rows.append([name, metric, *_gains(several, metric)])
        decided_by = several[0][0]["metric"]
        gain, _ = _gain(several, decided_by)
        always = _mean(several, "monthly")
        if _is_proved(several, decided_by):
            bars.append(bar(f"{name}: share of the gain lost", 100 * (1 - gain[1] / gain[0]), LOST, "%"))
        bars.append(bar(f"{name}: retrainings for each of every month's", _mean(several, "ours") / always, HALF, ""))
    columns = ["stream", "metric", "never", "every month gains", "ours gains", "ours keeps of it"]
    return part("Quality, mean of months", columns, rows, bars=bars, streams=list(found))


def _gains(several: Sequence[Runs], metric: str) -> list[object]:
    gain, resampled = _gain(several, metric)
    never = np.nanmean([_month_mean(run, metric, "never") for runs in several for run in runs])
    low, high = (interval(resampled[:, column]) for column in (0, 1))
    told = [
        f"{value:+.4f} ({a:+.4f} to {b:+.4f})" for value, a, b in zip(gain, *zip(low, high, strict=True), strict=True)
    ]
    return [f"{never:.4f}", *told, _share(several, metric, gain, resampled)]


def _share(several: Sequence[Runs], metric: str, gain: np.ndarray, resampled: np.ndarray) -> str:
    """In words; where always retraining is not proved to gain anything there is nothing to keep."""
    if not _is_proved(several, metric):
        return "nothing to keep"
    low, high = interval(resampled[:, 1] / resampled[:, 0])
    return f"{100 * gain[1] / gain[0]:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def _is_proved(several: Sequence[Runs], metric: str) -> bool:
    """Whether the 95 % interval of what retraining every month gains lies above zero."""
    _, resampled = _gain(several, metric)
    return bool(interval(resampled[:, 0])[0] > 0)


def _gain(several: Sequence[Runs], metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean over streams and seeds of both gains (2,), and of those of resampled rows (m, 2)."""
    of_all = [run["metrics"][metric] for runs in several for run in runs]
    gain = np.mean([[found["gain"]["monthly"], found["gain"]["ours"]] for found in of_all], axis=0)
    return gain, np.mean([found["resampled"] for found in of_all], axis=0)


def _metrics(several: Sequence[Runs]) -> list[str]:
    return list(several[0][0]["metrics"])


def _month_mean(run: Mapping[str, Any], metric: str, policy: str) -> float:
    return float(np.nanmean(np.array(run["metrics"][metric]["months"][policy], float)))


def _mean(several: Sequence[Runs], policy: str) -> float:
    return float(np.mean([run["policies"][policy]["retrainings"] for runs in several for run in runs]))


def _retrained(found: Mapping[str, Runs]) -> Part:
    rows = [
        [name, len(runs), runs[0]["requests"], *(_counted(runs, policy) for policy in ("monthly", "ours"))]
        for name, runs in found.items()
    ]
    columns = ["stream", "seeds", "requests", "every month: retrained (released)", "ours: retrained (released)"]
    return part("Retrainings, mean of seeds", columns, rows)


def _counted(runs: Runs, policy: str) -> str:
    made = np.mean([run["policies"][policy]["retrainings"] for run in runs])
    promoted = np.mean([sum(a["promoted"] for a in run["policies"][policy]["attempts"]) for run in runs])
    return f"{made:.1f} ({promoted:.1f})"


def _decided(found: Mapping[str, Runs]) -> Part:
    rows = [[name, runs[0]["planted"], *_looks(runs)] for name, runs in found.items()]
    columns = ["stream", "planted", "from month", "looks", "with an alarm before it", "and after", "yes for", "refused"]
    return part("What our monitor saw", columns, rows)


def _looks(runs: Runs) -> list[object]:
    month = runs[0]["planted_month"]
    looks = [look for run in runs for look in run["policies"]["ours"]["looks"]]
    before = [look for look in looks if month is None or look["month"] < month]
    after = [look for look in looks if look not in before]
    causes = [look["cause"] for look in looks if look["answer"] == "yes"]
    told = ", ".join(f"{cause} {causes.count(cause)}" for cause in dict.fromkeys(causes)) or "nothing"
    refused = sum(run["policies"]["ours"]["refused"] for run in runs)
    return [month or "", len(looks), _alarmed(before), _alarmed(after) if month else "", told, refused]


def _alarmed(looks: Sequence[Mapping[str, Any]]) -> str:
    return f"{sum(bool(look['alarms']) for look in looks)} of {len(looks)}"


def _picture(name: str, run: Mapping[str, Any], path: Path) -> Path:
    found = run["metrics"][run["metric"]]
    lines = [_line(policy, found, run) for policy in ("never", "monthly", "ours")]
    title, better = f"{name}: {run['title']}", bool(found["higher_is_better"])
    draw(Picture(title, run["metric"], better, run["planted_month"], lines), path)
    return path


def _line(policy: str, found: Mapping[str, Any], run: Mapping[str, Any]) -> Line:
    attempts = run["policies"][policy]["attempts"]
    months = {fine: [a["month"] for a in attempts if a["promoted"] is fine] for fine in (True, False)}
    values = np.array(found["months"][policy], float)
    return Line(policy, list(values), len(attempts), months[True], months[False])
