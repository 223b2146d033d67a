from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from slipway.adapters.great_expectations.twin import InMemoryValidator
from slipway.adapters.great_expectations.validator import GreatExpectationsValidator
from slipway.core.expectation import Validation
from slipway.data.derived import columns_of
from slipway.ports import Validator
from use_cases.churn import USE_CASE
from use_cases.churn.source import FLAGS, in_words


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return USE_CASE.collect(Path())


def held(frame: pd.DataFrame, folder: Path, validator: Validator | None = None) -> Validation:
    return (validator or InMemoryValidator()).validate(
        frame, USE_CASE.expectations, use_case="churn", data_digest="0f" * 32, docs=folder / "docs"
    )


def test_there_are_7043_customers_and_every_declared_column(customers: pd.DataFrame) -> None:
    assert customers.shape == (7043, 20)
    assert {feature.name for feature in USE_CASE.features} | {USE_CASE.target} == set(customers.columns)


def test_a_quarter_of_the_customers_left(customers: pd.DataFrame) -> None:
    assert (customers[USE_CASE.target] == USE_CASE.positive).sum() == 1869


def test_yes_or_no_answers_are_words(customers: pd.DataFrame) -> None:
    assert {value for flag in FLAGS for value in customers[flag].unique()} == {"No", "Yes"}


def test_an_answer_that_is_neither_is_kept_for_validation_to_refuse() -> None:
    assert in_words(pd.Series([0, 1, 2])).tolist() == ["No", "Yes", "2"]
    assert in_words(pd.Series([0.0, None])).isna().tolist() == [False, True]


def test_the_answer_is_no_part_of_the_key() -> None:
    assert USE_CASE.target not in USE_CASE.key


def test_every_column_is_held_to_something() -> None:
    assert {name for expectation in USE_CASE.expectations for name in columns_of(expectation)} == set(USE_CASE.key) | {
        USE_CASE.target
    }


@pytest.mark.parametrize("validator", [GreatExpectationsValidator(), InMemoryValidator()], ids=["real", "twin"])
def test_the_real_table_holds_with_one_warning(customers: pd.DataFrame, tmp_path: Path, validator: Validator) -> None:
    validation = held(customers, tmp_path, validator)
    assert validation.errors == ()
    assert [warning.observed for warning in validation.warnings] == [
        "22 rows repeat an earlier one, 42 of 7,043 are not unique (0.60 %)"
    ]


def test_great_expectations_and_its_twin_agree_on_damaged_customers(customers: pd.DataFrame, tmp_path: Path) -> None:
    damaged = customers.drop(columns="partner").assign(
        monthly_charges=customers["monthly_charges"].astype(str).replace("29.85", "n/a"),
        contract=customers["contract"].replace("Two year", "Ten year"),
    )
    real, twin = (held(damaged, tmp_path, one) for one in (GreatExpectationsValidator(), InMemoryValidator()))
    assert real.errors
    assert real == twin


def cell(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def damage(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{column: [value, *frame[column].iloc[1:]]})

    return damage


DAMAGE: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str | None]] = {
    "a category never seen": (cell("contract", "Ten year"), "contract"),
    "a category missing": (cell("payment_method", None), "payment_method"),
    "a flag that is neither": (cell("senior_citizen", "2"), "senior_citizen"),
    "a negative bill": (cell("monthly_charges", -29.85), "monthly_charges"),
    "a negative tenure": (cell("tenure", -1), "tenure"),
    "a total out of proportion": (
        cell("total_charges", 2985.0),
        "total_charges over tenure x monthly_charges",
    ),
    "a total missing after a bill": (cell("total_charges", None), "total_charges is missing only at tenure 0"),
    "internet options without internet": (
        cell("streaming_tv", "No internet service"),
        "streaming_tv needs internet_service",
    ),
    "lines without a phone": (cell("multiple_lines", "Yes"), "multiple_lines needs phone_service"),
    "a column missing": (lambda frame: frame.drop(columns="tenure"), "tenure"),
    "a column renamed": (lambda frame: frame.rename(columns={"contract": "Contract"}), "contract"),
    "numbers as text": (lambda frame: frame.assign(tenure=frame["tenure"].astype(str)), "tenure"),
    "text as numbers": (lambda frame: frame.assign(female=1), "female"),
    "totals mostly missing": (lambda frame: frame.assign(total_charges=float("nan")), "total_charges"),
    "one class only": (lambda frame: frame.assign(churn="No"), "share of churn = Yes"),
    "an empty table": (lambda frame: frame.iloc[:0], None),
    "the same rows twice": (lambda frame: pd.concat([frame, frame]), None),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_an_error_where_it_is(customers: pd.DataFrame, tmp_path: Path, name: str) -> None:
    damage, column = DAMAGE[name]
    assert column in [error.column for error in held(damage(customers), tmp_path).errors]


def test_an_undeclared_column_is_a_warning(customers: pd.DataFrame, tmp_path: Path) -> None:
    validation = held(customers.assign(age=40), tmp_path)
    assert validation.errors == ()
    assert "not expected 'age'" in [warning.observed for warning in validation.warnings]
