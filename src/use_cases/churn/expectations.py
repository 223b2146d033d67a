"""What a valid table of customers looks like."""

from slipway.core.expectation import Expectation, Severity
from slipway.data.expectations import (
    between,
    class_share_between,
    column_exists,
    holds,
    mean_between,
    missing_share_at_most,
    not_null,
    of_type,
    one_of,
    only_columns,
    relation,
    row_count_between,
    unique_rows,
)

YES_NO = ("No", "Yes")
WITH_INTERNET = (*YES_NO, "No internet service")

CATEGORIES: dict[str, tuple[str, ...]] = {
    "female": YES_NO,
    "senior_citizen": YES_NO,
    "partner": YES_NO,
    "dependents": YES_NO,
    "phone_service": YES_NO,
    "multiple_lines": (*YES_NO, "No phone service"),
    "internet_service": ("No", "DSL", "Fiber optic"),
    "online_security": WITH_INTERNET,
    "online_backup": WITH_INTERNET,
    "device_protection": WITH_INTERNET,
    "tech_support": WITH_INTERNET,
    "streaming_tv": WITH_INTERNET,
    "streaming_movies": WITH_INTERNET,
    "contract": ("Month-to-month", "One year", "Two year"),
    "paperless_billing": YES_NO,
    "payment_method": (
        "Bank transfer (automatic)",
        "Credit card (automatic)",
        "Electronic check",
        "Mailed check",
    ),
    "churn": YES_NO,
}
INTERNET_OPTIONS = tuple(name for name, values in CATEGORIES.items() if values == WITH_INTERNET)
COLUMNS = (*CATEGORIES, "tenure", "monthly_charges", "total_charges")
WARNING = Severity.WARNING


def categories() -> tuple[Expectation, ...]:
    """Text columns: type, no gaps, and the answers we know."""
    return tuple(
        expectation
        for column, values in CATEGORIES.items()
        for expectation in (
            of_type(column, "text"),
            not_null(column),
            one_of(column, values, because="the model has never seen any other answer"),
        )
    )


def numbers() -> tuple[Expectation, ...]:
    """Number columns: type, gaps and range; the wide range is an error, the range seen so far a warning."""
    return (
        of_type("tenure", "integer"),
        not_null("tenure"),
        between("tenure", 0, 600, because="tenure counts months, and fifty years is no contract"),
        between("tenure", 0, 72, mostly=0.99, severity=WARNING, because="tenure was at most 72 months so far"),
        of_type("monthly_charges", "number"),
        not_null("monthly_charges"),
        between("monthly_charges", 0.01, 1_000, because="monthly charges are dollars"),
        between("monthly_charges", 15, 130, mostly=0.99, severity=WARNING, because="bills ran from 18 to 119 dollars"),
        mean_between("monthly_charges", 45, 85, severity=WARNING, because="the mean bill was 64.76 dollars"),
        of_type("total_charges", "number"),
        missing_share_at_most("total_charges", 0.01, because="only customers of less than a month have no total"),
        between("total_charges", 0.01, 100_000, because="total charges are dollars"),
    )


def relations() -> tuple[Expectation, ...]:
    """What the columns say about each other."""
    return (
        relation(
            "total_charges over tenure x monthly_charges",
            "total_charges / (tenure * monthly_charges)",
            0.5,
            2.0,
            because="what was paid in total cannot be far from months times bill",
        ),
        relation(
            "total_charges within a fifth of tenure x monthly_charges",
            "total_charges / (tenure * monthly_charges)",
            0.8,
            1.2,
            mostly=0.97,
            severity=WARNING,
            because="bills change little over a contract: 99 % of customers were within a fifth",
        ),
        holds(
            "total_charges is missing only at tenure 0",
            "total_charges.notna() | (tenure == 0)",
            because="whoever was billed has a total",
        ),
        holds(
            "multiple_lines needs phone_service",
            "(multiple_lines == 'No phone service') == (phone_service == 'No')",
        ),
        *(
            holds(
                f"{option} needs internet_service",
                f"({option} == 'No internet service') == (internet_service == 'No')",
            )
            for option in INTERNET_OPTIONS
        ),
        holds(
            "phone_service or internet_service is there",
            "(phone_service == 'Yes') | (internet_service != 'No')",
            severity=WARNING,
            because="a customer without any service pays for nothing",
        ),
    )


def table() -> tuple[Expectation, ...]:
    """What holds for the table as a whole."""
    return (
        row_count_between(1_000, because="fewer rows cannot tell a good model from a bad one"),
        only_columns(COLUMNS, because="a column nobody declared is not used, and may be a renamed one"),
        *(column_exists(column) for column in COLUMNS),
        class_share_between("churn", "Yes", 0.05, 0.6, because="far from the known 27 %, the label is suspect"),
        class_share_between("churn", "Yes", 0.2, 0.35, severity=WARNING, because="26.5 % of the customers left"),
        unique_rows(COLUMNS, because="the same customer may have been exported twice"),
        unique_rows(COLUMNS, mostly=0.8, severity=Severity.ERROR, because="the export was probably appended to itself"),
    )


def suite() -> tuple[Expectation, ...]:
    """The whole suite, in the order it is reported."""
    return (*table(), *categories(), *numbers(), *relations())
