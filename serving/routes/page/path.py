"""Where the level of the row's group has been and may go, and the row's own value with it: a chart and a table."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

from serving.bundle.signature import Signature
from serving.routes.page.figures import MINUS, THIN, figure, label
from serving.routes.page.markup import Html, tag

_WIDE, _HIGH = 320.0, 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 312.0, 10.0, 128.0


class _Scale:
    """From months and levels to the drawing."""

    def __init__(self, months: int, levels: Sequence[float]) -> None:
        low, high = min(levels), max(levels)
        room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
        self.low, self.high, self._months = low - room, high + room, max(1, months - 1)

    def x(self, month: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * month / self._months

    def y(self, level: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (level - self.low) / (self.high - self.low)

    def at(self, month: float, level: float) -> str:
        return f"{self.x(month):.1f} {self.y(level):.1f}"


def path(outlook: Mapping[str, Any], signature: Signature) -> Html:
    """The outlook for people."""
    last = outlook["ahead"][-1]
    unit = f" {signature.output_unit}" if signature.output_unit else ""
    months = len(outlook["ahead"])
    group = f"{label(outlook['group']['field']).lower()} {outlook['group']['value']}"
    lead = tag(
        "p",
        f"If it goes the way of {group}, from {figure(_round(outlook['value']))}{unit} on {outlook['day']} to ",
        tag("strong", f"{figure(_round(last['value']))}{unit}"),
        f" in {months} month{'s' if months > 1 else ''}; {_ends(last)} with that level's band.",
    )
    return tag(
        "section",
        tag("h2", f"The next {months} month{'s' if months > 1 else ''}"),
        lead,
        _chart(outlook),
        _table(outlook, signature),
        tag("p", _worth(outlook), class_="intro"),
        class_="path",
        aria_label="Outlook",
    )


def _ends(ahead: Mapping[str, Any]) -> str:
    return f"{figure(_round(ahead['low']))} to {figure(_round(ahead['high']))}"


def _worth(outlook: Mapping[str, Any]) -> str:
    """What such forecasts were worth, and what they could not beat."""
    found = outlook["backtest"]
    error, covered = found["errors"][0]["value"], found["coverage"]["value"]
    told = f"Of {found['forecasts']:,} forecasts of the past, {found['first']} to {found['last']}"
    if error is not None:
        told += f", levels were off by {_percent(error)} on average"
    if covered is not None:
        told += f" and bands held {_percent(covered)} (made to hold {_percent(outlook['band'])})"
    beaten, others = found["beaten"], found["not_beaten"]
    told += f". Proved closer than {_listed(beaten)}" if beaten else ". Not proved closer than any other way"
    if beaten and others:
        told += f"; not than {_listed(others)}"
    return f"{told}. The band is that of the level alone: how far the value itself may be off, its interval tells."


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _chart(outlook: Mapping[str, Any]) -> Html:
    history, ahead = outlook["history"], outlook["ahead"]
    known = [month["level"] for month in history if month["level"] is not None]
    ends = [month[name] for month in ahead for name in ("level_low", "level_high")]
    scale = _Scale(len(history) + len(ahead), [*known, *ends, outlook["level"]])
    now = len(history) - 1
    said = (
        f"Level of {outlook['group']['value']} by month, in {outlook['unit']}: {figure(outlook['level'])} now, "
        f"{figure(ahead[-1]['level'])} in {ahead[-1]['month']}"
    )
    return tag(
        "figure",
        tag(
            "svg",
            tag("title", said),
            _axis(scale, history, ahead),
            tag("path", d=_band(scale, now, outlook["level"], ahead), class_="band"),
            tag("path", d=_history(scale, history), class_="past"),
            tag("path", d=_ahead(scale, now, outlook["level"], ahead), class_="future"),
            viewBox=f"0 0 {_WIDE:g} {_HIGH:g}",
            class_="chart",
            role="img",
            aria_label=said,
        ),
        tag("figcaption", f"{outlook['unit']}: months that were, with the forecast and its band"),
    )


def _history(scale: _Scale, history: Sequence[Mapping[str, Any]]) -> str:
    """A line that is broken where a month is not known; a month alone is a dot."""
    drawn, pen = "", "M"
    for position, month in enumerate(history):
        if month["level"] is None:
            pen = "M"
            continue
        drawn += f"{pen}{scale.at(position, month['level'])}" + ("h0" if pen == "M" else "")
        pen = "L"
    return drawn


def _ahead(scale: _Scale, now: int, level: float, ahead: Sequence[Mapping[str, Any]]) -> str:
    points = [scale.at(now, level), *(scale.at(now + n, month["level"]) for n, month in enumerate(ahead, 1))]
    return f"M{'L'.join(points)}"


def _band(scale: _Scale, now: int, level: float, ahead: Sequence[Mapping[str, Any]]) -> str:
    each = list(enumerate(ahead, 1))
    upper = [scale.at(now + n, month["level_high"]) for n, month in each]
    lower = [scale.at(now + n, month["level_low"]) for n, month in reversed(each)]
    return f"M{'L'.join([scale.at(now, level), *upper, *lower])}Z"


def _axis(scale: _Scale, history: Sequence[Mapping[str, Any]], ahead: Sequence[Mapping[str, Any]]) -> list[Html]:
    drawn: list[Html] = []
    for level in _round_levels(scale.low, scale.high):
        y = f"{scale.y(level):.1f}"
        drawn += [
            tag("line", x1=f"{_LEFT:g}", x2=f"{_RIGHT:g}", y1=y, y2=y, class_="grid"),
            tag("text", figure(level), x=f"{_LEFT - 5:g}", y=f"{scale.y(level) + 3.5:.1f}", class_="tick high"),
        ]
    for position, month in enumerate([*history, *ahead]):
        if month["month"].endswith("-01"):
            x = f"{scale.x(position):.1f}"
            drawn.append(tag("line", x1=x, x2=x, y1=f"{_TOP:g}", y2=f"{_BOTTOM:g}", class_="grid"))
            drawn.append(tag("text", month["month"][:4], x=x, y=f"{_BOTTOM + 15:g}", class_="tick wide"))
    return drawn


def _round_levels(low: float, high: float) -> list[float]:
    """Two to six round numbers between two levels, evenly spaced."""
    power = 10.0 ** floor(log10(high - low))
    step = next(part * power for part in (1, 0.5, 0.2, 0.1) if (high - low) / (part * power) >= 2.5)
    return [number * step for number in range(ceil(low / step), floor(high / step) + 1)]


def _table(outlook: Mapping[str, Any], signature: Signature) -> Html:
    unit = f", {signature.output_unit}" if signature.output_unit else ""
    columns = ("Level", f"{label(signature.output)}{unit}", "Band")
    heads = [tag("th", "Month", scope="col"), *(tag("th", text, scope="col", class_="number") for text in columns)]
    rows = [
        tag(
            "tr",
            tag("th", month["month"], scope="row"),
            tag("td", _change(month["level"] / outlook["level"] - 1), class_="number"),
            tag("td", figure(_round(month["value"])), class_="number"),
            tag("td", _ends(month), class_="number"),
        )
        for month in outlook["ahead"]
    ]
    caption = tag("caption", "Month by month", class_="unseen")
    table = tag("table", caption, tag("thead", tag("tr", heads)), tag("tbody", rows))
    return tag("div", table, class_="scrolls", tabindex="0", role="region", aria_label="Month by month")


def _change(share: float) -> str:
    return f"{'+' if share >= 0 else MINUS}{abs(100 * share):.1f}{THIN}%"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + f"{THIN}%"


def _round(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}")
