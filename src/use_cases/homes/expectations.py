"""What a valid table of sales looks like."""

from slipway.core.expectation import Expectation, Severity
from slipway.data.expectations import (
    between,
    column_exists,
    holds,
    not_null,
    of_type,
    only_columns,
    relation,
    row_count_between,
    unique,
    unique_rows,
)
from use_cases.homes.source.schema import COLUMNS

WARNING = Severity.WARNING


def table() -> tuple[Expectation, ...]:
    """What holds for the table as a whole."""
    return (
        row_count_between(5_000, because="fewer sales cannot tell a good model from a bad one"),
        only_columns(COLUMNS, because="a column nobody declared is not used, and may be a renamed one"),
        *(column_exists(column) for column in COLUMNS),
        *(not_null(column) for column in ("sale_id", "home_id", "sale_date", "price", "district", "area_m2", "age")),
        unique("sale_id", because="a sale that is there twice counts twice"),
        unique_rows(("home_id", "sale_date"), because="a home that is sold twice on a day was probably written twice"),
    )


def numbers() -> tuple[Expectation, ...]:
    """Number columns: type and range."""
    return (
        of_type("price", "number"),
        between("price", 10_000, 50_000_000, because="prices are dollars, and no home was sold for less or more"),
        of_type("area_m2", "number"),
        between("area_m2", 10, 2_000, because="areas are square metres"),
        between("age", 0, 200, because="a home is sold after it is built"),
        between("latitude", 47.0, 48.0, because="King County lies there"),
        between("longitude", -123.0, -121.0, because="King County lies there"),
    )


def relations() -> tuple[Expectation, ...]:
    """What the columns say about each other."""
    return (
        relation("price per m2", "price / area_m2", 100, 50_000, because="price and area are of the same home"),
        holds("sale_date from 2000 on", "sale_date >= '2000-01-01'"),
    )


def suite() -> tuple[Expectation, ...]:
    """The whole suite, in the order it is reported."""
    return (*table(), *numbers(), *relations())
