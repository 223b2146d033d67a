"""Which market the model is of, and what is known of it: the one setting of this use case's source.

A change of MARKET makes another table and with it another model: `slipway run homes` collects anew.
"""

from dataclasses import dataclass
from datetime import date

from use_cases.homes.source.gazetteer import Gazetteer


@dataclass(frozen=True)
class Market:
    """What a valid sale of a market looks like.

    Attributes:
        currency: of all prices; a price lies in ``prices``, one of a square metre in ``per_m2``.
        south_west, north_east: latitude and longitude of the corners of the box that all homes lie in.
        first_sale, last_sale: None where sales go on.
        has: columns that only some markets have, and that no sale of this one lacks.
        districts: all there are, as the column ``district`` has them.
        homes_sold_twice_a_day: the share of sales that may have another of the same home and day.
    """

    name: str
    currency: str
    prices: tuple[float, float]
    per_m2: tuple[float, float]
    south_west: tuple[float, float]
    north_east: tuple[float, float]
    first_sale: date
    last_sale: date | None
    has: tuple[str, ...]
    districts: tuple[str, ...]
    homes_sold_twice_a_day: float


KING_COUNTY = Market(
    name="king_county",
    currency="US dollars",
    prices=(10_000, 50_000_000),
    per_m2=(100, 50_000),
    south_west=(47.1, -122.6),
    north_east=(47.8, -121.0),
    first_sale=date(2010, 1, 1),
    last_sale=date(2016, 12, 31),
    has=("lot_m2", "grade", "bedrooms", "bathrooms", "renewed_age", "waterfront"),
    districts=(
        "6",
        "7",
        "8",
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "18",
        "19",
        "21",
        "22",
        "23",
        "39",
        "42",
        "43",
        "44",
        "45",
        "46",
        "48",
        "77",
        "79",
        "81",
        "82",
    ),
    homes_sold_twice_a_day=0.01,
)
SEOUL = Market(
    name="seoul",
    currency="won",
    prices=(5_000_000, 100_000_000_000),
    per_m2=(200_000, 500_000_000),
    south_west=(37.41, 126.73),
    north_east=(37.72, 127.21),
    first_sale=date(2006, 1, 1),
    last_sale=None,
    has=("floor", "legal_dong", "complex", "address", "cancelled_share"),
    districts=Gazetteer().districts,
    homes_sold_twice_a_day=0.05,
)
FIRST_MONTH = "202001"
"""From which on Seoul's trades are fetched; the ministry has them from 200601 on."""

MARKET = KING_COUNTY
