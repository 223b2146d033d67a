import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.evaluation import Series
from slipway.report.charts import GRID, charts, resample

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# the subset of Mermaid's xychart grammar that was drawn by hand in a browser
LINE = re.compile(r"  line \[-?\d+(\.\d+)?(, -?\d+(\.\d+)?)*\]")
AXIS = re.compile(r'  [xy]-axis "[\w .,()/+-]+" -?\d+(\.\d+)? --> -?\d+(\.\d+)?')


def roc(name: str = "roc") -> Series:
    return Series(name=name, x=(0.0, 0.0, 0.2, 1.0), y=(0.0, 0.5, 0.8, 1.0))


def test_a_series_is_read_off_at_even_steps() -> None:
    assert resample(Series(name="s", x=(0.0, 3.0, 4.0), y=(0.0, 3.0, 8.0)), 0.0, 4.0, 5) == (0.0, 1.0, 2.0, 3.0, 8.0)


def test_a_step_is_read_off_at_its_top() -> None:
    assert resample(roc(), 0.0, 1.0)[0] == 0.5


def test_beyond_its_ends_a_series_is_level() -> None:
    assert resample(Series(name="s", x=(0.4, 0.6), y=(1.0, 2.0)), 0.0, 1.0, 3) == (1.0, 1.5, 2.0)


def test_a_roc_curve_is_drawn_over_the_unit_square_beside_guessing() -> None:
    text = charts([roc()])
    assert 'x-axis "False positive rate" 0 --> 1' in text
    assert text.count("  line [") == 2
    assert "**ROC curve**: blue candidate, grey guessing" in text


def test_series_of_one_kind_share_a_chart() -> None:
    text = charts([roc("ROC candidate"), roc("ROC champion")])
    assert text.count("```mermaid") == 1
    assert "blue candidate, grey champion, amber guessing" in text


def test_every_line_has_a_point_for_each_step_of_the_axis() -> None:
    lines = [line for line in charts([roc()]).splitlines() if line.startswith("  line [")]
    assert [line.count(",") + 1 for line in lines] == [GRID, GRID]


def test_large_figures_are_told_in_a_unit_that_keeps_labels_short() -> None:
    text = charts([Series(name="actual by predicted candidate", x=(100_000.0, 990_000.0), y=(2e6, 30e6))])
    assert 'x-axis "Predicted (thousands)" 100 --> 990' in text
    assert 'y-axis "Actual (millions)" 0.1 --> 30' in text
    assert "  line [2, " in text


@pytest.mark.parametrize(
    "series",
    [
        Series(name="roc", x=(0.0, 1e-9), y=(0.1, 0.5)),
        Series(name="roc", x=(0.5,), y=(0.5,)),
        Series(name="roc", x=(0.5, 0.5), y=(0.1, 0.5)),
        Series(name="roc", x=(0.1, 0.5), y=(0.1,)),
        Series(name="cost", x=(0.1, 1e300), y=(0.1, 2.0)),
    ],
)
def test_what_cannot_be_drawn_is_left_out(series: Series) -> None:
    assert charts([series]) == ""


@given(st.text(max_size=40), st.lists(st.tuples(FINITE, FINITE), min_size=2, max_size=9))
def test_any_series_makes_text_that_mermaid_reads(name: str, points: list[tuple[float, float]]) -> None:
    x, y = zip(*points, strict=True)
    lines = charts([Series(name=name, x=x, y=y)]).splitlines()
    assert all(LINE.fullmatch(line) for line in lines if line.startswith("  line"))
    assert all(AXIS.fullmatch(line) for line in lines if "-axis" in line)
    assert sum(line.startswith("```") for line in lines) in (0, 2)
