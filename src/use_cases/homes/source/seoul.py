"""Trades of apartments in Seoul, from the ministry's API: fetched by month, read month by month."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pandas as pd

from slipway.core.errors import SourceUnavailable
from slipway.core.source import Errand, Variable
from use_cases.homes.source import addresses
from use_cases.homes.source.gazetteer import Gazetteer
from use_cases.homes.source.market import FIRST_MONTH
from use_cases.homes.source.molit.calendar import months
from use_cases.homes.source.molit.client import Client
from use_cases.homes.source.molit.fetching import bring_up_to_date
from use_cases.homes.source.molit.keys import plain_key
from use_cases.homes.source.molit.records import ADDRESS, CANCELLED
from use_cases.homes.source.molit.store import Store
from use_cases.homes.source.schema import as_sales

KEY = Variable(
    "MOLIT_SERVICE_KEY",
    unlocks="prices of Seoul's apartments; those of King County are used",
    how="ask for a key at data.go.kr and set it, with MARKET = SEOUL: docs/use-cases/homes.md tells how",
)
ADDRESS_OF_API = Variable("MOLIT_API_URL", secret=False)
KOREA = timedelta(hours=9)
WON = 10_000
"""Amounts are told in 10,000 won."""
FIELDS = (
    "sggCd",
    "umdCd",
    "umdNm",
    "jibun",
    "aptNm",
    "aptSeq",
    "excluUseAr",
    "dealYear",
    "dealMonth",
    "dealDay",
    "dealAmount",
    "floor",
    "buildYear",
    "cdealType",
)


def fetch(errand: Errand, *, client: Client | None = None, first: str = FIRST_MONTH) -> Iterator[pd.DataFrame]:
    """Bring the kept months up to date, then give all of them, a piece a month.

    Raises:
        SourceUnavailable: there is no key, or the API gives no more for now.
    """
    places = Gazetteer()
    today = (errand.now + KOREA).date()
    calendar = list(months(first, today))
    store = Store(errand.kept, errand.keep)
    wanted = [(district, month) for month in calendar for district in places.districts]
    bring_up_to_date(store, client or _client(errand), wanted, today, errand.tell)
    return sales_by_month(store, places, calendar)


def sales_by_month(store: Store, places: Gazetteer, calendar: Sequence[str]) -> Iterator[pd.DataFrame]:
    """The sales of each month, all districts together; what was called off is counted and left out."""
    for month in calendar:
        tables = [store.read(district, month, FIELDS).to_pandas() for district in places.districts]
        yield as_table(pd.concat(tables, ignore_index=True), places)


def as_table(records: pd.DataFrame, places: Gazetteer) -> pd.DataFrame:
    """Records as the ministry tells them (text), in the one schema; what cannot be read is missing."""
    called_off = records["cdealType"] == CANCELLED
    shares = called_off.groupby(records["sggCd"]).mean()
    kept = records[~called_off].reset_index(drop=True)
    sold, amount = _sold(kept), _number(kept["dealAmount"])
    home = _known_by(kept)
    return as_sales(
        {
            "sale_id": _numbered(home + "/" + sold.dt.strftime("%Y%m%d") + "/" + kept["dealAmount"]),
            "home_id": home,
            "sale_date": sold,
            "price": amount * WON,
            "district": kept["sggCd"],
            "kind": "flat",
            "area_m2": _number(kept["excluUseAr"]),
            "age": sold.dt.year - _number(kept["buildYear"]),
            "floor": _number(kept["floor"]),
            "complex": _each(kept["aptNm"], addresses.plain),
            "cancelled_share": kept["sggCd"].map(shares),
            **_placed(kept, places),
        },
        kept.index,
    )


def _sold(records: pd.DataFrame) -> pd.Series:
    """The day of the contract; missing where the three numbers make none."""
    parts = {"year": "dealYear", "month": "dealMonth", "day": "dealDay"}
    return pd.to_datetime(
        pd.DataFrame({ours: _number(records[theirs]) for ours, theirs in parts.items()}), errors="coerce"
    )


def _number(column: pd.Series) -> pd.Series:
    """Text such as ``"    12,000"`` as a number."""
    return pd.to_numeric(column.str.replace(",", "", regex=False).str.strip(), errors="coerce")


def _known_by(records: pd.DataFrame) -> pd.Series:
    """Complex, area and floor; a complex without a number of its own goes by its lot and name."""
    lots = records["sggCd"] + "-" + records["jibun"].fillna("") + "-" + records["aptNm"].fillna("")
    return records["aptSeq"].fillna(lots) + "/" + records["excluUseAr"] + "/" + records["floor"].fillna("")


def _numbered(names: pd.Series) -> pd.Series:
    """Trades that are alike in everything, told apart by a number: two flats of a size and floor, sold on one day."""
    return names + "/" + names.groupby(names, dropna=False).cumcount().astype(str)


def _each(column: pd.Series, change: Callable[[str | None], str | None]) -> pd.Series:
    """Every different value changed once."""
    changed = {value: change(value) for value in column.dropna().unique()}
    return pd.Series([changed.get(value) for value in column], index=column.index, dtype=object)


def _placed(records: pd.DataFrame, places: Gazetteer) -> dict[str, object]:
    """Where each home lies, as exactly as the gazetteer knows, and its address in one spelling."""
    dongs, lots = _each(records["umdNm"], addresses.dong), _each(records["jibun"], addresses.lot)
    codes = zip(records["sggCd"], records["umdCd"], dongs, strict=True)
    found = [places.place(district, code, name) for district, code, name in codes]
    dong_names = [place.legal_dong or name if place else name for place, name in zip(found, dongs, strict=True)]
    return {
        "latitude": [place and place.latitude for place in found],
        "longitude": [place and place.longitude for place in found],
        "placed_by": [place and place.placed_by for place in found],
        "placed_within_m": [place and place.radius_m for place in found],
        "legal_dong": dong_names,
        "address": [
            addresses.address(place.district if place else None, name, lot)
            for place, name, lot in zip(found, dong_names, lots, strict=True)
        ],
    }


def _client(errand: Errand) -> Client:
    given = errand.variables.get(KEY.name)
    if given is None:
        raise SourceUnavailable(
            f"Seoul's trades need a key, and {KEY.name} is not set",
            cause="keys are personal, so none is in the repository",
            next_step="docs/use-cases/homes.md tells how to get one; or set MARKET = KING_COUNTY in "
            "src/use_cases/homes/source/market.py, which needs none",
        )
    key, times = plain_key(given)
    if times:
        errand.tell(
            f"{KEY.name} was percent-encoded {times} time{'s' if times > 1 else ''}; it is sent as it was before"
        )
    return Client(key, errand.variables.get(ADDRESS_OF_API.name, ADDRESS))
