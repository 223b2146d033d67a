"""The suite on the real table, on a generated one of Seoul, and on damaged ones."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from slipway.adapters.great_expectations.twin import InMemoryValidator
from slipway.adapters.great_expectations.validator import GreatExpectationsValidator
from slipway.core.expectation import Validation
from slipway.data.derived import columns_of
from slipway.ports import Validator
from tests.support.molit import trade
from use_cases.homes.expectations import ACCEPTED, LIKE_BEFORE, columns, like_before, relations, table
from use_cases.homes.source import king_county, seoul
from use_cases.homes.source.gazetteer import TABLE, Gazetteer
from use_cases.homes.source.market import KING_COUNTY, SEOUL, Market
from use_cases.homes.source.molit.records import FIELDS
from use_cases.homes.source.schema import COLUMNS


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return king_county.sales()


@pytest.fixture(scope="module")
def trades() -> pd.DataFrame:
    """6,000 trades as the API tells them, 5 % of them called off."""
    places = Gazetteer()
    known = pd.read_csv(TABLE, dtype={"code": str}).dropna(subset="legal_dong")
    dong = known.groupby(known["code"].str[:5])["legal_dong"].first()
    told = [
        trade(
            sggCd=places.districts[i % 25],
            umdCd="99999",
            umdNm="없는동" if i % 50 == 0 else dong[places.districts[i % 25]],
            aptSeq=f"{i % 25}-{i // 25 % 60}",
            dealDay=str(1 + i % 28),
            dealMonth=str(1 + i // 28 % 12),
            dealAmount=f"{80_000 + 7 * i:,}",
            floor=str(1 + i // 25 % 24),
            cdealType="O" if i % 20 == 3 else " ",
        )
        for i in range(6_000)
    ]
    rows = [{name: (one.get(name, "").strip() or None) for name in FIELDS} for one in told]
    return seoul.as_table(pd.DataFrame(rows, dtype=object), places)


def held(
    frame: pd.DataFrame, folder: Path, market: Market = KING_COUNTY, validator: Validator | None = None
) -> Validation:
    suite = (*table(market), *columns(market), *relations(market), *(like_before() if market is KING_COUNTY else ()))
    checks = validator or InMemoryValidator()
    return checks.validate(frame, suite, use_case="homes", data_digest="0f" * 32, docs=folder / "docs")


def test_every_column_is_held_to_something() -> None:
    suite = (*table(KING_COUNTY), *columns(KING_COUNTY), *relations(KING_COUNTY))
    assert {name for expectation in suite for name in columns_of(expectation)} == set(COLUMNS)


def test_the_accepted_table_is_committed_and_the_present_one(sales: pd.DataFrame, tmp_path: Path) -> None:
    assert ACCEPTED.is_file()
    assert {name for one in like_before() for name in columns_of(one)} == set(LIKE_BEFORE)
    assert not [r for r in held(sales, tmp_path).results if not r.passed and r.because.startswith("the accepted")]


@pytest.mark.parametrize("validator", [GreatExpectationsValidator(), InMemoryValidator()], ids=["real", "twin"])
def test_the_real_table_holds_with_one_warning(sales: pd.DataFrame, tmp_path: Path, validator: Validator) -> None:
    validation = held(sales, tmp_path, validator=validator)
    assert validation.errors == ()
    assert [warning.observed for warning in validation.warnings] == [
        "136 rows repeat an earlier one, 272 of 43,313 are not unique (0.63 %)"
    ]


def test_seoul_s_table_holds(trades: pd.DataFrame, tmp_path: Path) -> None:
    validation = held(trades, tmp_path, SEOUL)
    assert validation.errors == ()
    assert validation.warnings == ()


def test_great_expectations_and_its_twin_agree_on_damaged_sales(sales: pd.DataFrame, tmp_path: Path) -> None:
    damaged = sales.drop(columns="grade").assign(
        district=sales["district"].replace("79", "80"), price=sales["price"].where(sales["age"] < 90, 9e7)
    )
    real, twin = (held(damaged, tmp_path, validator=one) for one in (GreatExpectationsValidator(), InMemoryValidator()))
    assert real.errors
    assert real == twin


def cell(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def damage(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{column: [value, *frame[column].iloc[1:]]})

    return damage


DAMAGE: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str | None]] = {
    "a price of nothing": (cell("price", 0.0), "price"),
    "a price that is missing": (cell("price", None), "price"),
    "an area in square feet": (cell("area_m2", 2560.0), "area_m2"),
    "a price per m2 out of proportion": (cell("price", 23e6), "price per m2"),
    "a price per m2 far from its district's": (cell("price", 10e6), "price per m2 over its district's median"),
    "ages below nothing": (lambda frame: frame.assign(age=frame["age"] - 5), "age"),
    "a sale before there were any": (cell("sale_date", pd.Timestamp("1999-12-31")), "sale_date from 2010-01-01 on"),
    "a sale of tomorrow": (cell("sale_date", pd.Timestamp("2017-01-01")), "sale_date up to 2016-12-31"),
    "a district nobody knows": (cell("district", "80"), "district"),
    "a home in the sea": (cell("longitude", -132.3), "longitude"),
    "longitude and latitude exchanged": (
        lambda frame: frame.assign(latitude=frame["longitude"], longitude=frame["latitude"]),
        "latitude",
    ),
    "a home that is not placed": (cell("latitude", None), "latitude"),
    "a column missing": (lambda frame: frame.drop(columns="area_m2"), "area_m2"),
    "grades gone": (lambda frame: frame.assign(grade=float("nan")), "grade"),
    "prices as text": (lambda frame: frame.assign(price=frame["price"].astype(str)), "price"),
    "the same sales twice": (lambda frame: pd.concat([frame, frame]), "sale_id"),
    "sales told twice under new numbers": (
        lambda frame: pd.concat([frame, frame.iloc[:1_000].assign(sale_id=lambda f: "x" + f["sale_id"])]),
        None,
    ),
    "an empty table": (lambda frame: frame.iloc[:0], None),
    "prices in another currency": (
        lambda frame: frame.assign(price=frame["price"] * 1.9),
        "share of price up to 501000",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_an_error_where_it_is(sales: pd.DataFrame, tmp_path: Path, name: str) -> None:
    damage, column = DAMAGE[name]
    assert column in [error.column for error in held(damage(sales), tmp_path).errors]


@pytest.mark.parametrize(
    ("share", "severity"), [(0.0, "warnings"), (0.2, "warnings"), (0.4, "errors")], ids=["none", "many", "most"]
)
def test_the_share_of_cancelled_trades_is_looked_at(
    trades: pd.DataFrame, tmp_path: Path, share: float, severity: str
) -> None:
    validation = held(trades.assign(cancelled_share=share), tmp_path, SEOUL)
    assert [found.column for found in getattr(validation, severity)] == ["cancelled_share"]


def test_dongs_that_the_gazetteer_does_not_know_are_told_when_they_are_many(
    trades: pd.DataFrame, tmp_path: Path
) -> None:
    validation = held(trades.assign(placed_by="district"), tmp_path, SEOUL)
    assert [warning.column for warning in validation.warnings] == ["share placed by their district only"]


def test_an_undeclared_column_is_a_warning(sales: pd.DataFrame, tmp_path: Path) -> None:
    validation = held(sales.assign(owner="x"), tmp_path)
    assert validation.errors == ()
    assert "not expected 'owner'" in [warning.observed for warning in validation.warnings]
