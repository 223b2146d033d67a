"""Series as Mermaid's xychart, which GitHub draws.

Its lines are spaced evenly over the axis, so every series is read off at an even grid first.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from slipway.core.evaluation import Series
from slipway.report.text import escape, paragraphs, plain, shorten

GRID = 21
LARGEST = 1e12
_UNITS = ((1e9, "billions"), (1e6, "millions"), (1e3, "thousands"))
COLOURS = (("#3b82f6", "blue"), ("#9ca3af", "grey"), ("#f59e0b", "amber"), ("#10b981", "green"))
_UNSAFE = re.compile(r"[^\w .,()/+-]")


@dataclass(frozen=True)
class _Kind:
    title: str
    x: str
    y: str
    unit_axes: bool = False
    diagonal: str = ""


_KINDS = {
    "roc": _Kind("ROC curve", "False positive rate", "True positive rate", unit_axes=True, diagonal="guessing"),
    "precision recall": _Kind("Precision and recall", "Recall", "Precision", unit_axes=True),
    "calibration": _Kind("Calibration", "Predicted", "Observed", diagonal="perfect"),
    "scores of": _Kind("Scores", "Score", "Share of the class"),
    "actual by predicted": _Kind("Actual by predicted", "Predicted", "Actual", diagonal="perfect"),
    "errors of": _Kind("Errors", "Error", "Share of rows"),
}


def charts(series: Sequence[Series], *, limit: int = 6) -> str:
    """Up to ``limit`` charts; series whose names begin with the same kind (``roc``, ``roc champion``) share one."""
    groups: dict[str, list[tuple[str, Series]]] = {}
    for one in series:
        if _drawable(one):
            kind, name = _kind_and_label(one.name)
            groups.setdefault(kind, []).append((name, one))
    return paragraphs(*(_chart(kind, lines[: len(COLOURS) - 1]) for kind, lines in list(groups.items())[:limit]))


def _drawable(series: Series) -> bool:
    small = all(abs(v) <= LARGEST for v in (*series.x, *series.y))
    return len(series.x) == len(series.y) >= 2 and small and _figure(min(series.x)) != _figure(max(series.x))


def _kind_and_label(name: str) -> tuple[str, str]:
    words = name.lower().replace("_", " ").replace(":", " ").strip()
    for kind in _KINDS:
        if words == kind or words.startswith(kind + " "):
            return kind, words.removeprefix(kind).strip() or "candidate"
    return name, "candidate"


def _chart(name: str, lines: Sequence[tuple[str, Series]]) -> str:
    kind = _KINDS.get(name) or _Kind(_words(name), "x", "y")
    low, high = (0.0, 1.0) if kind.unit_axes else (min(lines[0][1].x), max(lines[0][1].x))
    plots = [(label, resample(series, low, high)) for label, series in lines]
    if kind.diagonal:
        plots.append((kind.diagonal, _grid(low, high)))
    values = [0.0, 1.0] if kind.unit_axes else [v for _, line in plots for v in line]
    if max(values) == min(values):
        values.append(values[0] + 1)
    x_axis, _ = _axis("x", kind.x, low, high)
    y_axis, unit = _axis("y", kind.y, min(values), max(values))
    lines_drawn = [[v / unit for v in line] for _, line in plots]
    return paragraphs(_legend(kind.title, plots), _mermaid(x_axis, y_axis, lines_drawn))


def _legend(title: str, plots: Sequence[tuple[str, Sequence[float]]]) -> str:
    lines = ", ".join(
        f"{colour} {escape(_words(label))}" for (label, _), (_, colour) in zip(plots, COLOURS, strict=False)
    )
    return f"**{escape(title)}**: {lines}"


def _axis(letter: str, title: str, low: float, high: float) -> tuple[str, float]:
    """An axis and the unit that its figures are divided by, so that its labels stay short."""
    size = max(abs(low), abs(high))
    unit, word = next(((u, f" ({w})") for u, w in _UNITS if size >= 10 * u), (1.0, ""))
    return f'  {letter}-axis "{title}{word}" {_figure(low / unit)} --> {_figure(high / unit)}', unit


def _mermaid(x_axis: str, y_axis: str, lines: Sequence[Sequence[float]]) -> str:
    palette = ", ".join(code for code, _ in COLOURS)
    return "\n".join(
        [
            "```mermaid",
            "---",
            "config:",
            "  xyChart: {width: 420, height: 320}",
            f'  themeVariables: {{xyChart: {{plotColorPalette: "{palette}"}}}}',
            "---",
            "xychart-beta",
            x_axis,
            y_axis,
            *(f"  line [{', '.join(_figure(v) for v in line)}]" for line in lines),
            "```",
        ]
    )


def resample(series: Series, low: float, high: float, points: int = GRID) -> tuple[float, ...]:
    """The series at ``points`` even steps from ``low`` to ``high``: linear between points, level beyond its ends.

    Where several points share an x (the steps of a ROC curve), the last of them counts.
    """
    pairs = sorted(zip(series.x, series.y, strict=True), key=lambda pair: pair[0])
    return tuple(_read_off(pairs, at) for at in _grid(low, high, points))


def _grid(low: float, high: float, points: int = GRID) -> tuple[float, ...]:
    return tuple(low + (high - low) * i / (points - 1) for i in range(points))


def _read_off(pairs: Sequence[tuple[float, float]], at: float) -> float:
    after = bisect_right(pairs, at, key=lambda pair: pair[0])
    if after in (0, len(pairs)):
        return pairs[max(0, after - 1)][1]
    (x0, y0), (x1, y1) = pairs[after - 1], pairs[after]
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0)


def _figure(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 1000 else f"{value:.0f}"


def _words(name: str) -> str:
    return shorten(_UNSAFE.sub("", plain(name)).replace("_", " ").strip() or "chart", 40)
