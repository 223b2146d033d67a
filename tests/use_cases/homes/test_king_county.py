import lzma
from pathlib import Path

import pandas as pd
import pytest

from slipway.core.errors import SourceUnavailable
from use_cases.homes.source import king_county
from use_cases.homes.source.market import KING_COUNTY
from use_cases.homes.source.schema import COLUMNS, TYPES


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return king_county.sales()


def test_there_are_43313_sales_in_the_one_schema(sales: pd.DataFrame) -> None:
    assert len(sales) == 43_313
    assert tuple(sales.columns) == COLUMNS
    assert {name: str(kind) for name, kind in sales.dtypes.items()} == TYPES


def test_the_first_sale_is_told_in_metric_units(sales: pd.DataFrame) -> None:
    first = sales.iloc[0]
    assert (first["sale_id"], first["home_id"], first["price"]) == ("2013..2432", "..0001800010", 289_000)
    assert first["sale_date"] == pd.Timestamp("2013-02-06")
    assert first["area_m2"] == pytest.approx(237.83, abs=0.01)
    assert first["lot_m2"] == pytest.approx(863.53, abs=0.01)
    assert (first["district"], first["kind"], first["waterfront"]) == ("79", "house", "No")


def test_what_this_market_has_is_nowhere_missing_and_the_rest_everywhere(sales: pd.DataFrame) -> None:
    assert sales[list(KING_COUNTY.has)].notna().all().all()
    assert sales[["floor", "legal_dong", "complex", "address", "cancelled_share", "placed_within_m"]].isna().all().all()


def test_ages_are_those_at_the_sale(sales: pd.DataFrame) -> None:
    built = sales["sale_date"].dt.year - sales["age"]
    assert built.groupby(sales["home_id"]).nunique().max() == 1


def test_a_file_that_is_not_the_published_one_is_refused(tmp_path: Path) -> None:
    changed = tmp_path / "king_county.csv.xz"
    changed.write_bytes(
        lzma.compress(lzma.decompress(king_county.PACKED.read_bytes()).replace(b"289000", b"289001", 1), preset=0)
    )
    with pytest.raises(SourceUnavailable, match="not the table that was published"):
        king_county.sales(changed)


@pytest.mark.parametrize("content", [None, b"", b"no xz"])
def test_a_file_that_is_absent_or_damaged_is_refused(tmp_path: Path, content: bytes | None) -> None:
    damaged = tmp_path / "king_county.csv.xz"
    if content is not None:
        damaged.write_bytes(content)
    with pytest.raises(SourceUnavailable) as caught:
        king_county.sales(damaged)
    assert "git checkout" in caught.value.next_step
