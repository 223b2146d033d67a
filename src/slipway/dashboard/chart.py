"""Values over time with their intervals, drawn as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slipway.dashboard.markup import Html, tag

WIDTH, HEIGHT = 380, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 30
_STEPS = (1, 2, 2.5, 5, 10)
_BESIDE = {"ring": 5.0}  # pixels, so that intervals of the same moment do not cover each other


@dataclass(frozen=True)
class Point:
    """A value at a moment; ``low`` and ``high`` are its interval, where there is one; ``told`` is shown on pointing."""

    at: datetime
    value: float
    low: float | None
    high: float | None
    told: str


@dataclass(frozen=True)
class Curve:
    """Points of one kind, oldest first: a diamond, a dot or a ring each, joined by a line where ``line`` says so."""

    name: str
    shape: str
    points: tuple[Point, ...]
    line: bool = True


@dataclass(frozen=True)
class _Scale:
    first: datetime
    last: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def chart(title: str, curves: Sequence[Curve]) -> Html | None:
    """A figure with its caption and a legend; None where no curve has a point."""
    curves = [curve for curve in curves if curve.points]
    points = [point for curve in curves for point in curve.points]
    if not points:
        return None
    scale = _scale(points)
    drawn = tag(
        "svg",
        tag("title", f"{title}: {_words(curves)}"),
        _frame(scale),
        [_curve(curve, scale) for curve in curves],
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
    )
    legend = tag("ul", [tag("li", _sample(curve.shape), curve.name) for curve in curves], class_="legend")
    return tag("figure", tag("figcaption", title), drawn, legend, class_="chart")


def _words(curves: Sequence[Curve]) -> str:
    """What a screen reader says instead of the picture."""
    return "; ".join(f"{curve.name}, {len(curve.points)} points, the last {curve.points[-1].told}" for curve in curves)


def _scale(points: Sequence[Point]) -> _Scale:
    moments = [point.at for point in points]
    first, last = min(moments), max(moments)
    margin = (last - first) * 0.04 if last > first else timedelta(days=1)
    ends = [end for p in points for end in (p.value, p.low, p.high) if end is not None]
    low, high = min(ends), max(ends)
    room = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    return _Scale(first - margin, last + margin, low - room, high + room)


def _frame(scale: _Scale) -> list[Html]:
    parts = []
    for value in _ticks(scale.low, scale.high):
        y = scale.y(value)
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        parts.append(tag("text", _tick(value, scale), x=LEFT - 6, y=y + 4, text_anchor="end"))
    form = "%Y-%m-%d" if scale.last - scale.first > timedelta(days=2) else "%m-%d %H:%M"
    for anchor, at in (("start", scale.first), ("end", scale.last)):
        x = LEFT if anchor == "start" else WIDTH - RIGHT
        text = at.astimezone(UTC).strftime(form)
        parts.append(tag("text", text, x=x, y=HEIGHT - 8, text_anchor=anchor))
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round values between the two."""
    power = 10.0 ** math.floor(math.log10((high - low) / 4))
    step = next(factor * power for factor in _STEPS if (high - low) / (factor * power) <= 5)
    first = math.ceil(low / step)
    return [round((first + n) * step, 12) for n in range(int((high - first * step) / step) + 1)]


def _tick(value: float, scale: _Scale) -> str:
    if abs(value) >= 10_000:
        return f"{value / 1000:,.0f}k".replace("-", "\u2212")
    decimals = max(0, 2 - math.floor(math.log10(scale.high - scale.low)))
    return f"{value:,.{min(decimals, 4)}f}".replace("-", "\u2212")


def _curve(curve: Curve, scale: _Scale) -> Html:
    beside = _BESIDE.get(curve.shape, 0.0)
    line = " ".join(f"{scale.x(p.at) + beside},{scale.y(p.value)}" for p in curve.points)
    joined = tag("polyline", points=line, class_="run") if curve.line and len(curve.points) > 1 else None
    marks = [
        tag("g", tag("title", p.told), _whisker(p, scale, beside), _mark(curve.shape, p, scale, beside))
        for p in curve.points
    ]
    return tag("g", joined, marks, class_=curve.shape)


def _whisker(point: Point, scale: _Scale, beside: float) -> Html | None:
    if point.low is None or point.high is None:
        return None
    x = scale.x(point.at) + beside
    return tag("line", x1=x, x2=x, y1=scale.y(point.low), y2=scale.y(point.high), class_="whisker")


def _mark(shape: str, point: Point, scale: _Scale, beside: float) -> Html:
    return _shape(shape, scale.x(point.at) + beside, scale.y(point.value))


def _shape(shape: str, x: float, y: float) -> Html:
    if shape == "diamond":
        return tag("path", d=f"M{x} {y - 5}l5 5l-5 5l-5 -5z", class_="mark")
    return tag("circle", cx=x, cy=y, r=3.5, class_="mark")


def _sample(shape: str) -> Html:
    return tag("svg", tag("g", _shape(shape, 7, 7), class_=shape), viewBox="0 0 14 14", aria_hidden="true")
