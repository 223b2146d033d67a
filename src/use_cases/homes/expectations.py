"""What a valid table of sales looks like, whichever market it is of."""

from pathlib import Path

from slipway.core.accepted import AcceptedData
from slipway.core.expectation import Expectation, Severity
from slipway.data.accepted import as_accepted
from slipway.data.expectations import (
    between,
    column_exists,
    holds,
    mean_between,
    missing_share_at_most,
    not_null,
    of_type,
    one_of,
    only_columns,
    relation,
    relative_to_group,
    row_count_between,
    share_between,
    unique,
    unique_rows,
)
from use_cases.homes.source.market import Market
from use_cases.homes.source.schema import COLUMNS, NUMBER, TYPES

ACCEPTED = Path(__file__).with_name("accepted.json")
WARNING = Severity.WARNING
ALWAYS = (
    "sale_id",
    "home_id",
    "sale_date",
    "price",
    "district",
    "latitude",
    "longitude",
    "placed_by",
    "kind",
    "area_m2",
)
LIKE_BEFORE = ("price", "area_m2", "age", "district", "kind", "floor", "grade", "latitude", "longitude")
"""Columns whose distribution is held to the accepted one."""


def table(market: Market) -> tuple[Expectation, ...]:
    """What holds for the table as a whole: columns, types, gaps, duplicates."""
    had = (*ALWAYS, "age", *market.has)
    twice = "a home that is sold twice on a day was probably written twice"
    return (
        row_count_between(5_000, because="fewer sales cannot tell a good model from a bad one"),
        only_columns(COLUMNS, because="a column nobody declared is not used, and may be a renamed one"),
        *(column_exists(column) for column in COLUMNS),
        *(of_type(column, "number") for column in had if TYPES[column] == NUMBER),
        *(not_null(column) for column in ALWAYS),
        *(missing_share_at_most(column, 0.01) for column in ("age", *market.has)),
        unique("sale_id", because="a sale that is there twice counts twice"),
        unique_rows(("home_id", "sale_date"), because=twice),
        unique_rows(
            ("home_id", "sale_date"),
            mostly=1 - market.homes_sold_twice_a_day,
            severity=Severity.ERROR,
            because="the table was probably appended to itself",
        ),
    )


def columns(market: Market) -> tuple[Expectation, ...]:
    """Each column by itself: ranges, and the values there are."""
    (south, west), (north, east) = market.south_west, market.north_east
    elsewhere = f"{market.name} lies between them"
    return (
        between("price", *market.prices, because=f"prices are {market.currency}"),
        between("area_m2", 8, 2_000, because="areas are square metres"),
        between("age", 0, 200, mostly=0.999, because="a home is sold after it is built"),
        between("age", 0, 200, severity=WARNING, because="a home is sold after it is built"),
        between("latitude", south, north, because=elsewhere),
        between("longitude", west, east, because=elsewhere),
        one_of("district", market.districts, because="the model has never seen any other"),
        one_of("kind", ("house", "townhouse", "flat")),
        one_of("placed_by", ("home", "legal_dong", "district")),
    )


def relations(market: Market) -> tuple[Expectation, ...]:
    """What the columns say about each other, and shares of the whole."""
    last = (
        [holds(f"sale_date up to {market.last_sale}", f"sale_date <= '{market.last_sale}'")] if market.last_sale else []
    )
    return (
        holds(f"sale_date from {market.first_sale} on", f"sale_date >= '{market.first_sale}'"),
        *last,
        relation("price per m2", "price / area_m2", *market.per_m2, because="price and area are of the same home"),
        relative_to_group(
            "price per m2 over its district's median",
            "price / area_m2",
            "district",
            1 / 12,
            12,
            because="homes of a district differ, but not by a power of ten",
        ),
        relative_to_group(
            "price per m2 within a third and thrice its district's median",
            "price / area_m2",
            "district",
            1 / 3,
            3,
            mostly=0.98,
            severity=WARNING,
            because="homes of a district cost alike: in King County, 99.6 % were within",
        ),
        share_between(
            "share placed by their district only",
            "placed_by == 'district'",
            0,
            0.05,
            severity=WARNING,
            because="legal dongs were renamed or founded: source/seoul_places.csv is to be derived anew",
        ),
        *(cancellations() if "cancelled_share" in market.has else ()),
    )


def cancellations() -> tuple[Expectation, ...]:
    """How many trades were called off; they are not in the table, which says how many there were."""
    return (
        between("cancelled_share", 0, 1),
        mean_between("cancelled_share", 0, 0.25, because="so many do not fall through: the field was read wrongly"),
        mean_between("cancelled_share", 0.001, 0.15, severity=WARNING, because="some always fall through, and few do"),
    )


def like_before(accepted: Path = ACCEPTED) -> tuple[Expectation, ...]:
    """Distributions held to those of the table that was accepted last; nothing before the first was."""
    if not accepted.is_file():
        return ()
    known = AcceptedData.model_validate_json(accepted.read_bytes())
    drifted = as_accepted(known, LIKE_BEFORE, 0.05, severity=WARNING)
    another = as_accepted(known, ("price", "area_m2", "age"), 0.25, severity=Severity.ERROR)
    return (*drifted, *another)


def suite(market: Market) -> tuple[Expectation, ...]:
    """The whole suite, in the order it is reported."""
    return (*table(market), *columns(market), *relations(market), *like_before())
