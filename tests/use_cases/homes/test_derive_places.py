"""From boundaries to middles: a topology of two dongs that share a border."""

import io
import json
from pathlib import Path

import pytest

from use_cases.homes.derive_places import METRES_A_DEGREE, centroid, main

SQUARE = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0)]


def test_the_centroid_of_a_square_is_its_middle_whichever_way_it_goes_round() -> None:
    assert centroid(SQUARE) == (4.0, 1.0, 1.0)
    area, x, y = centroid(SQUARE[::-1])
    assert (area, x, y) == (-4.0, 1.0, 1.0)


def test_the_centroid_of_an_l_is_nearer_its_larger_part() -> None:
    ring = [(0.0, 0.0), (3.0, 0.0), (3.0, 1.0), (1.0, 1.0), (1.0, 2.0), (0.0, 2.0), (0.0, 0.0)]
    area, x, y = centroid(ring)
    assert area == pytest.approx(4.0)
    assert (x, y) == pytest.approx((1.25, 0.75))


def test_dongs_share_an_arc_and_a_district_is_in_the_middle_of_its_dongs(tmp_path: Path) -> None:
    """Two squares of a hundredth of a degree, side by side from 127 E 37 N on; their common border is one arc."""
    arcs = [[[1, 0], [0, 1]], [[1, 0], [1, 0], [0, 1], [-1, 0]], [[1, 1], [-1, 0], [0, -1], [1, 0]]]
    shapes = [
        {"type": "Polygon", "arcs": [[0, 2]], "properties": {"EMD_CD": "11110101", "EMD_KOR_NM": "가동"}},
        {"type": "MultiPolygon", "arcs": [[[1, -1]]], "properties": {"EMD_CD": "11110102", "EMD_KOR_NM": "나동"}},
    ]
    topology = {
        "transform": {"scale": [0.01, 0.01], "translate": [127.0, 37.0]},
        "arcs": arcs,
        "objects": {"any": {"geometries": shapes}},
    }
    regions = {
        "regions": [{"code": "11110", "name": "서울특별시 종로구"}, {"code": "26110", "name": "부산광역시 중구"}]
    }
    for name, document in {"boundaries": topology, "regions": regions}.items():
        (tmp_path / name).write_text(json.dumps(document))
    out = io.StringIO()
    main(str(tmp_path / "boundaries"), str(tmp_path / "regions"), out)
    rows = [line.split(",") for line in out.getvalue().splitlines()]
    side = METRES_A_DEGREE / 100 * (0.79856 / 3.14159265) ** 0.5
    assert [row[:5] for row in rows[1:]] == [
        ["11110", "서울특별시 종로구", "", "37.00500", "127.01000"],
        ["1111010100", "서울특별시 종로구", "가동", "37.00500", "127.00500"],
        ["1111010200", "서울특별시 종로구", "나동", "37.00500", "127.01500"],
    ]
    assert [int(row[5]) for row in rows[1:]] == pytest.approx([side * 2**0.5, side, side], abs=1)
