"""From what the ministry tells to sales in the one schema: amounts, cancellations, addresses, places."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from slipway.core.errors import SourceUnavailable
from slipway.core.source import Errand
from tests.support.molit import KEY, molit_server, trade
from use_cases.homes.source import addresses, seoul
from use_cases.homes.source.gazetteer import TABLE, Gazetteer
from use_cases.homes.source.molit.records import FIELDS
from use_cases.homes.source.schema import COLUMNS, TYPES

PLACES = Gazetteer()


def table(*told: dict[str, str]) -> pd.DataFrame:
    rows = [{name: (one.get(name, "").strip() or None) for name in FIELDS} for one in told]
    return seoul.as_table(pd.DataFrame(rows, dtype=object), PLACES)


def sale(**fields: str) -> dict[str, Any]:
    return table(trade(**fields)).iloc[0].to_dict()


def test_the_schema_is_the_one_schema() -> None:
    found = table(trade())
    assert tuple(found.columns) == COLUMNS
    assert {name: str(kind) for name, kind in found.dtypes.items()} == TYPES


def test_a_trade_becomes_a_sale() -> None:
    found = sale()
    assert found["price"] == 1_120_000_000
    assert found["sale_date"] == pd.Timestamp("2024-01-09")
    assert (found["area_m2"], found["floor"], found["age"]) == (59.4, 7, 19)
    assert (found["district"], found["kind"], found["complex"]) == ("11680", "flat", "역삼래미안")
    assert found["address"] == "서울특별시 강남구 역삼동 755-4"


@pytest.mark.parametrize(
    ("told", "price"), [("    12,000", 12e7), ("12,000", 12e7), ("9500", 9.5e7), ("1,234,500 ", 1.2345e10)]
)
def test_amounts_are_padded_and_in_ten_thousand_won(told: str, price: float) -> None:
    assert sale(dealAmount=told)["price"] == price


@pytest.mark.parametrize(
    ("field", "told", "column"),
    [
        ("dealAmount", "n/a", "price"),
        ("dealDay", "31", "price"),
        ("excluUseAr", " ", "area_m2"),
        ("buildYear", " ", "age"),
        ("floor", " ", "floor"),
    ],
)
def test_what_cannot_be_read_is_missing_and_loses_no_sale(field: str, told: str, column: str) -> None:
    month = "2" if field == "dealDay" else "1"
    found = table(trade(**{field: told, "dealMonth": month}), trade(aptSeq="other"))
    assert len(found) == 2
    assert found["sale_date" if field == "dealDay" else column].isna().tolist() == [True, False]


def test_what_was_called_off_is_left_out_and_counted() -> None:
    found = table(trade(cdealType="O", cdealDay="24.02.01"), trade(), trade(floor="9"), trade(sggCd="11140"))
    assert len(found) == 3
    assert found["cancelled_share"].tolist() == pytest.approx([1 / 3, 1 / 3, 0.0])


def test_two_flats_that_are_alike_in_everything_are_two_sales_of_one_home_id() -> None:
    found = table(trade(), trade(), trade(floor="9"))
    assert found["sale_id"].is_unique
    assert found["home_id"].nunique() == 2


def test_a_sale_has_the_same_id_whatever_the_order_it_is_told_in() -> None:
    told = [trade(), trade(floor="9"), trade(dealDay="2"), trade()]
    assert set(table(*told)["sale_id"]) == set(table(*told[::-1])["sale_id"])


def test_a_complex_without_a_number_goes_by_its_lot_and_name() -> None:
    found = table(trade(aptSeq=" "), trade(aptSeq=" ", jibun="1"), trade(aptSeq=" ", jibun="1"))
    assert found["home_id"].nunique() == 2
    assert found["home_id"].notna().all()


def test_a_known_legal_dong_is_placed_in_its_middle() -> None:
    found = sale()
    assert found["placed_by"] == "legal_dong"
    assert (found["latitude"], found["longitude"]) == pytest.approx((37.50008, 127.03857))
    assert found["placed_within_m"] == 1055


def test_a_legal_dong_goes_by_its_name_where_the_code_is_not_known() -> None:
    found = sale(umdCd="99999", sggCd="11110", umdNm=" 종로 1가 ")
    assert (found["placed_by"], found["legal_dong"]) == ("legal_dong", "종로1가")


def test_an_unknown_legal_dong_is_placed_in_the_middle_of_its_district_and_says_so() -> None:
    found = sale(umdCd="99999", umdNm="없는동")
    assert (found["placed_by"], found["legal_dong"]) == ("district", "없는동")
    assert found["placed_within_m"] > 3000


def test_an_unknown_district_is_not_placed_at_all() -> None:
    found = sale(sggCd="26110")
    assert pd.isna(found["latitude"])
    assert (found["placed_by"], found["address"]) == (None, None)


def test_seoul_has_25_districts_and_467_legal_dongs_in_one_box() -> None:
    places = pd.read_csv(TABLE, dtype={"code": str})
    assert len(PLACES.districts) == 25
    assert (PLACES.districts[0], PLACES.districts[-1]) == ("11110", "11740")
    assert places["legal_dong"].notna().sum() == 467
    assert places["latitude"].between(37.42, 37.70).all()
    assert places["longitude"].between(126.76, 127.19).all()


def test_the_middle_of_a_district_is_among_its_legal_dongs() -> None:
    places = pd.read_csv(TABLE, dtype={"code": str})
    for code in PLACES.districts:
        dongs = places[places["code"].str.startswith(code) & (places["code"].str.len() == 10)]
        middle = PLACES.place(code)
        assert middle is not None
        assert dongs["latitude"].min() <= middle.latitude <= dongs["latitude"].max()
        assert dongs["longitude"].min() <= middle.longitude <= dongs["longitude"].max()


@pytest.mark.parametrize("told", ["역삼래미안", "역삼래미안 ", " 역삼래미안"])
def test_names_have_one_spelling(told: str) -> None:
    assert addresses.plain(told) == "역삼래미안"


def test_full_width_and_taken_apart_letters_are_put_right() -> None:
    assert addresses.plain("ＡＰＴ　１０１") == "APT 101"
    assert addresses.plain("\u1112\u1161\u11ab\u1100\u1161\u11bc") == "한강"


def errand(folder: Path, **variables: str) -> tuple[Errand, list[str]]:
    told: list[str] = []
    now = datetime(2020, 1, 20, tzinfo=UTC)

    def keep(name: str, content: bytes) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return Errand(root=folder, kept=folder, keep=keep, variables=variables, now=now, tell=told.append), told


def test_without_a_key_nothing_is_asked_and_the_next_step_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="MOLIT_SERVICE_KEY is not set") as caught:
        seoul.fetch(errand(tmp_path)[0])
    assert "KING_COUNTY" in caught.value.next_step


def test_only_a_key_is_needed_and_an_encoded_one_will_do(tmp_path: Path) -> None:
    with molit_server() as server:
        server.register("11680", "202001", trade(dealYear="2020"))
        sent, told = errand(tmp_path, MOLIT_SERVICE_KEY="Zm9y%2BdGVz%2FdHM%3D%3D", MOLIT_API_URL=server.url)
        [month] = seoul.fetch(sent)
    assert len(month) == 1
    assert told[0] == "MOLIT_SERVICE_KEY was percent-encoded 1 time; it is sent as it was before"
    assert not [line for line in told if KEY in line]


def test_the_day_is_koreas(tmp_path: Path) -> None:
    sent, _ = errand(tmp_path)
    late = Errand(
        **{**sent.__dict__, "now": datetime(2020, 1, 31, 16, tzinfo=UTC), "variables": {"MOLIT_SERVICE_KEY": KEY}}
    )
    with molit_server() as server:
        late.variables["MOLIT_API_URL"] = server.url  # type: ignore[index]
        list(seoul.fetch(late))
    assert {month for _, month in server.months_asked} == {"202001", "202002"}
