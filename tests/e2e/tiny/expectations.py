"""What a valid table of members looks like."""

from slipway.core.expectation import Expectation
from slipway.data.expectations import (
    between,
    class_share_between,
    column_exists,
    not_null,
    of_type,
    one_of,
    row_count_between,
    unique,
)


def suite() -> tuple[Expectation, ...]:
    """The whole suite, in the order it is reported."""
    return (
        row_count_between(1_000),
        *(column_exists(column) for column in ("member", "age", "visits", "plan", "left")),
        unique("member"),
        of_type("age", "integer"),
        between("age", 0, 120, because="nobody is older"),
        of_type("visits", "number"),
        not_null("visits"),
        between("visits", 0, 200),
        of_type("plan", "text"),
        one_of("plan", ("basic", "family", "gold"), because="there are three plans"),
        one_of("left", ("No", "Yes")),
        class_share_between("left", "Yes", 0.05, 0.95),
    )
