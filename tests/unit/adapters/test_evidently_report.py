"""Evidently's page is made of what can be drawn, needs no network, and says what it shows."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slipway.adapters.evidently_report import EvidentlyReport, is_installed
from slipway.core.errors import ToolFailed

pytestmark = pytest.mark.skipif(not is_installed(), reason="requirements/monitor.txt is not installed")


def table(shift: float, rows: int = 300) -> pd.DataFrame:
    dice = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "tenure": dice.normal(shift, 1.0, rows),
            "contract": dice.choice(np.array(["Two year", "One year", None], object), rows),
            "empty": np.full(rows, np.nan),
        }
    )


def test_a_page_draws_every_column_that_has_values_and_names_the_others(tmp_path: Path) -> None:
    columns = ["tenure", "contract", "empty", "gone"]
    path = tmp_path / "report.html"
    EvidentlyReport().draw(table(0.0), table(1.0), path, columns=columns, told="300 <of> 1,000 rows")
    page = path.read_text()
    assert "300 &lt;of&gt; 1,000 rows" in page
    assert "not drawn: empty, gone" in page
    assert "tenure" in page
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page)
    assert not re.findall(r"@import\s+(?:url|[\"'])|url\(\s*[\"']?https?://", page)


def test_rows_that_nothing_can_be_drawn_of_are_told(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed):
        EvidentlyReport().draw(table(0.0), table(0.0), tmp_path / "page.html", columns=["empty"], told="nothing")
    assert not (tmp_path / "page.html").exists()
