"""Where the row lies and which earlier rows are like it: a map drawn from these rows alone, and a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, log10, radians
from typing import Any

import numpy as np

from serving.bundle.signature import Signature
from serving.inputs.rows import Row
from serving.model.comparables import KM_PER_DEGREE, Comparables
from serving.routes.page.figures import THIN, figure, label, shown
from serving.routes.page.markup import Html, tag

_WIDE, _HIGH = 320.0, 240.0
_MOST_DOTS = 1_500
_LEAST_KM = 0.4
_ROOM = 1.25

Found = Mapping[str, Any]


@dataclass(frozen=True)
class _View:
    """A part of the map.

    Attributes:
        middle: latitude and longitude.
        scale: how many kilometres a unit of the drawing is.
        caption, said: what is written below it, and what is told in its place.
    """

    middle: tuple[float, float]
    scale: float
    caption: str
    said: str

    def at(self, latitude: Any, longitude: Any) -> tuple[Any, Any]:
        """The place in the drawing; of numbers or of arrays."""
        east = (longitude - self.middle[1]) * cos(radians(self.middle[0])) * KM_PER_DEGREE
        north = (latitude - self.middle[0]) * KM_PER_DEGREE
        return _WIDE / 2 + east / self.scale, _HIGH / 2 - north / self.scale


def place(row: Row, comparables: Comparables, signature: Signature) -> Html:
    """Maps and table; without maps where the row tells no place.

    Raises:
        RequestRefused: the row lies outside of the map.
    """
    found, at = comparables.near(row), comparables.place_of(row)
    return tag(
        "section",
        tag("h2", "Like it, and near it"),
        None if at is None else _maps(found, at, comparables),
        _table(found, comparables, signature) if found else tag("p", "No known row is like it.", class_="intro"),
        class_="place",
        aria_label="Comparable rows",
    )


def _maps(found: Sequence[Found], at: tuple[float, float], comparables: Comparables) -> Html:
    around, whole = _around(found, at), _whole(comparables)
    return tag("div", _figure(around, at, found, comparables), _figure(whole, at, (), comparables), class_="maps")


def _around(found: Sequence[Found], at: tuple[float, float]) -> _View:
    furthest = max((one["km"] for one in found), default=0.0)
    said = f"Map of {len(found)} comparable rows within {figure(furthest)} km of this one"
    return _View(at, 2 * max(furthest, _LEAST_KM) * _ROOM / _HIGH, "Around it", said)


def _whole(comparables: Comparables) -> _View:
    (south, north), (west, east) = comparables.box
    middle = (south + north) / 2
    high, wide = (north - south) * KM_PER_DEGREE, (east - west) * KM_PER_DEGREE * cos(radians(middle))
    said = "Map of all known rows, with the place of this one"
    return _View((middle, (west + east) / 2), max(high / _HIGH, wide / _WIDE), "In the whole area", said)


def _figure(view: _View, at: tuple[float, float], found: Sequence[Found], comparables: Comparables) -> Html:
    x, y = view.at(*at)
    drawn = tag(
        "svg",
        tag("title", view.said),
        tag("path", d=_dots(view, comparables), class_="rows"),
        [_marker(number, *_place_of(one, view, comparables)) for number, one in reversed(list(enumerate(found, 1)))],
        tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="7", class_="here"),
        tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="2.5", class_="heart"),
        _ruler(view),
        viewBox=f"0 0 {_WIDE:g} {_HIGH:g}",
        class_="map",
        role="img",
        aria_label=view.said,
    )
    return tag("figure", drawn, tag("figcaption", view.caption))


def _dots(view: _View, comparables: Comparables) -> str:
    """A dot for each row within the view, as one path of lines without length; of very many some are left out."""
    x, y = view.at(comparables.latitude, comparables.longitude)
    inside = np.flatnonzero((x > 0) & (x < _WIDE) & (y > 0) & (y < _HIGH))
    kept = inside[:: max(1, ceil(len(inside) / _MOST_DOTS))]
    return "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x[kept].tolist(), y[kept].tolist(), strict=True))


def _place_of(one: Found, view: _View, comparables: Comparables) -> tuple[float, float]:
    latitude, longitude = comparables.document.alike.place
    return view.at(one["row"][latitude], one["row"][longitude])


def _marker(number: int, x: float, y: float) -> Html:
    name = tag("text", str(number), x=f"{x:.1f}", y=f"{y + 4:.1f}", class_="number")
    return tag("g", tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="9", class_="mark"), name)


def _ruler(view: _View) -> list[Html]:
    """A line of a round number of kilometres, at most a third of the width."""
    most = _WIDE / 3 * view.scale
    power = 10.0 ** int(np.floor(log10(most)))
    km = next(step * power for step in (5, 2, 1) if step * power <= most)
    end = 12 + km / view.scale
    words = f"{km:g}{THIN}km" if km >= 1 else f"{1000 * km:g}{THIN}m"
    return [
        tag("path", d=f"M12 {_HIGH - 16:g}v4H{end:.1f}v-4", class_="ruler"),
        tag("text", words, x="12", y=f"{_HIGH - 20:g}", class_="distance"),
    ]


def _table(found: Sequence[Found], comparables: Comparables, signature: Signature) -> Html:
    fields = {field.name: field for field in signature.inputs}
    alike = comparables.document.alike
    told = [name for name in found[0]["row"] if name not in (*alike.place, *alike.same)]
    units = [f"{label(name)}{f', {fields[name].unit}' if fields[name].unit else ''}" for name in told]
    output = f"{label(signature.output)}{f', {signature.output_unit}' if signature.output_unit else ''}"
    heads = [tag("th", "No.", scope="col")]
    heads += [tag("th", text, scope="col", class_="number") for text in ("When", output, "Away", *units)]
    rows = [_row(number, one, told) for number, one in enumerate(found, 1)]
    table = tag(
        "table",
        tag("caption", "Known rows that are most like it", class_="unseen"),
        tag("thead", tag("tr", heads)),
        tag("tbody", rows),
    )
    return tag(
        "div", table, class_="scrolls", tabindex="0", role="region", aria_label="Known rows that are most like it"
    )


def _row(number: int, one: Found, told: Sequence[str]) -> Html:
    away = "not known" if one["km"] is None else _away(one["km"])
    cells = (one["day"], figure(one["value"]), away, *(_cell(one["row"][name]) for name in told))
    return tag("tr", tag("th", str(number), scope="row"), [tag("td", cell, class_="number") for cell in cells])


def _away(km: float) -> str:
    return f"{km:.1f}{THIN}km" if km >= 1 else f"{10 * round(100 * km)}{THIN}m"


def _cell(value: Any) -> str:
    return shown(round(value) if isinstance(value, float) and abs(value) >= 100 else value)
