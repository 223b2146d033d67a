"""What every validator answers: Great Expectations and its twin give the same findings in the same words."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slipway.adapters.great_expectations.twin import InMemoryValidator
from slipway.adapters.great_expectations.validator import GreatExpectationsValidator
from slipway.core.errors import UseCaseBroken
from slipway.core.expectation import Expectation, ExpectationResult, Severity, Validation
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
    relative_to_group,
    row_count_between,
    share_between,
    unique,
    unique_rows,
)
from slipway.ports import Validator


@pytest.fixture(
    scope="module", params=[GreatExpectationsValidator, InMemoryValidator], ids=["great_expectations", "twin"]
)
def validator(request: pytest.FixtureRequest) -> Validator:
    return request.param()


def bills() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "plan": ["basic", "basic", "gold", "gold", None, "basic", "gold", "basic", "basic", "gold"],
            "months": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            "bill": [10.0, 20.0, 30.0, -5.0, 50.0, 60.0, np.nan, 80.0, 999.0, 100.0],
            "total": [10.0, 40.0, 90.0, -20.0, 250.0, 360.0, np.nan, 1.0, 8991.0, 1000.0],
            "left": ["No", "No", "Yes", "No", "No", "Yes", "No", "No", "No", "No"],
        }
    )


def held(validator: Validator, frame: pd.DataFrame, folder: Path, expectations: Iterable[Expectation]) -> Validation:
    return validator.validate(frame, tuple(expectations), use_case="bills", data_digest="0f" * 32, docs=folder / "docs")


def finding(validator: Validator, frame: pd.DataFrame, folder: Path, expectation: Expectation) -> ExpectationResult:
    return held(validator, frame, folder, [expectation]).results[0]


@dataclass(frozen=True)
class Case:
    expectation: Expectation
    passed: bool
    allowed: str
    observed: str
    rows: tuple[int, ...] = ()


CASES = {
    "a range that holds": Case(between("months", 1, 10), True, "between 1 and 10", "all of 10 values"),
    "a range that is broken": Case(
        between("bill", 0, 500), False, "between 0 and 500", "2 of 9 values are not (22.22 %)", (3, 8)
    ),
    "a range with one end": Case(between("bill", 0), False, "at least 0", "1 of 9 values are not (11.11 %)", (3,)),
    "a range that mostly holds": Case(
        between("bill", 0, 500, mostly=0.75),
        True,
        "between 0 and 500, in at least 75 % of the rows",
        "2 of 9 values are not (22.22 %)",
    ),
    "a range that holds too seldom": Case(
        between("bill", 0, 500, mostly=0.8),
        False,
        "between 0 and 500, in at least 80 % of the rows",
        "2 of 9 values are not (22.22 %)",
        (3, 8),
    ),
    "known values": Case(one_of("plan", ["basic", "gold"]), True, "one of 'basic', 'gold'", "all of 9 values"),
    "a value never seen": Case(
        one_of("plan", ["basic"]), False, "one of 'basic'", "4 of 9 values are not (44.44 %)", (2, 3, 6, 9)
    ),
    "nothing missing": Case(not_null("months"), True, "not missing", "all of 10 values"),
    "something missing": Case(not_null("bill"), False, "not missing", "1 of 10 values are missing (10.00 %)", (6,)),
    "few enough missing": Case(
        missing_share_at_most("bill", 0.1),
        True,
        "not missing, in at least 90 % of the rows",
        "1 of 10 values are missing (10.00 %)",
    ),
    "too many missing": Case(
        missing_share_at_most("bill", 0.05),
        False,
        "not missing, in at least 95 % of the rows",
        "1 of 10 values are missing (10.00 %)",
        (6,),
    ),
    "values that occur once": Case(unique("months"), True, "no value twice", "all of 10 values"),
    "values that occur twice": Case(
        unique("left"), False, "no value twice", "10 of 10 values occur more than once (100.00 %)", (0, 1, 2, 3, 4)
    ),
    "rows that differ": Case(unique_rows(["plan", "months"]), True, "no row equal to another", "10 different rows"),
    "rows that repeat": Case(
        unique_rows(["plan", "left"]),
        False,
        "no row equal to another",
        "5 rows repeat an earlier one, 7 of 10 are not unique (70.00 %)",
        (0, 1, 3, 6, 7),
    ),
    "text": Case(of_type("plan", "text"), True, "of type text", "all of 9 values"),
    "numbers": Case(of_type("bill", "number"), True, "of type number", "the column is of type float64"),
    "no integers": Case(
        of_type("bill", "integer"), False, "of type integer", "the column is of type float64", (0, 1, 2, 3, 4)
    ),
    "no text": Case(of_type("months", "text"), False, "of type text", "the column is of type int64", (0, 1, 2, 3, 4)),
    "a column that is there": Case(column_exists("plan"), True, "the column is there", "the column is there"),
    "rows enough": Case(row_count_between(10, 10), True, "between 10 and 10 rows", "10 rows"),
    "too few rows": Case(row_count_between(11), False, "at least 11 rows", "10 rows"),
    "too many rows": Case(row_count_between(high=9), False, "at most 9 rows", "10 rows"),
    "a mean within": Case(mean_between("months", 5, 6), True, "a mean between 5 and 6", "a mean of 5.5"),
    "a mean outside": Case(mean_between("months", 6, 7), False, "a mean between 6 and 7", "a mean of 5.5"),
    "classes in balance": Case(
        class_share_between("left", "Yes", 0.1, 0.3), True, "a mean between 0.1 and 0.3", "a mean of 0.2"
    ),
    "classes out of balance": Case(
        class_share_between("left", "Yes", 0.3, 0.5), False, "a mean between 0.3 and 0.5", "a mean of 0.2"
    ),
    "a relation that mostly holds": Case(
        relation("total over bills", "total / (months * bill)", 0.9, 1.1, mostly=0.8),
        True,
        "between 0.9 and 1.1, in at least 80 % of the rows",
        "1 of 9 values are not (11.11 %)",
    ),
    "a relation that is broken": Case(
        relation("total over bills", "total / (months * bill)", 0.9, 1.1),
        False,
        "between 0.9 and 1.1",
        "1 of 9 values are not (11.11 %)",
        (7,),
    ),
    "a group that is alike": Case(
        relative_to_group("months over its plan's median", "months", "plan", 0, 3),
        True,
        "between 0 and 3",
        "all of 9 values",
    ),
    "a group with outliers": Case(
        relative_to_group("bill over its plan's median", "bill", "plan", 0, 10),
        False,
        "between 0 and 10",
        "2 of 8 values are not (25.00 %)",
        (3, 8),
    ),
    "a share within": Case(
        share_between("share of short", "months <= 3", 0.2, 0.4), True, "a mean between 0.2 and 0.4", "a mean of 0.3"
    ),
    "a condition that holds": Case(
        holds("no bill, no total", "bill.isna() == total.isna()"), True, "true", "all of 10 values"
    ),
    "a condition that is broken": Case(
        holds("gold pays", "(plan != 'gold') | (bill > 0)"), False, "true", "2 of 10 values are not (20.00 %)", (3, 6)
    ),
}


EVERY_KIND = [case.expectation for case in CASES.values()]


@pytest.fixture(scope="module")
def findings(validator: Validator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ExpectationResult]:
    """All cases held in one suite."""
    results = held(validator, bills(), tmp_path_factory.mktemp("cases"), EVERY_KIND).results
    return dict(zip(CASES, results, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_finding_says_what_was_allowed_what_was_seen_and_where(
    findings: dict[str, ExpectationResult], name: str
) -> None:
    case, result = CASES[name], findings[name]
    rows = tuple(int(example["row"]) for example in result.examples)
    assert (result.passed, result.allowed, result.observed) == (case.passed, case.allowed, case.observed)
    assert rows == case.rows


NEEDING_CONTRACT = [
    column_exists("contract"),
    between("contract", 0, 1),
    one_of("contract", ["a"]),
    not_null("contract"),
    unique("contract"),
    of_type("contract", "text"),
    mean_between("contract", 0, 1),
    unique_rows(["plan", "contract"]),
    class_share_between("contract", "a", 0, 1),
    relation("ratio", "bill / contract", 0, 1),
    relative_to_group("ratio of group", "bill", "contract", 0, 1),
    holds("rule", "(plan == 'gold') | (contract == 'a')"),
]


def test_whatever_needs_a_missing_column_fails_and_names_it(validator: Validator, tmp_path: Path) -> None:
    results = held(validator, bills(), tmp_path, NEEDING_CONTRACT).results
    assert [result.passed for result in results] == [False] * len(NEEDING_CONTRACT)
    assert results[0].observed == "the column is missing"
    assert {result.observed for result in results[1:]} == {"the column is missing: contract"}


def test_columns_that_are_missing_or_not_expected_are_named(validator: Validator, tmp_path: Path) -> None:
    result = finding(validator, bills(), tmp_path, only_columns(["plan", "months", "bill", "total", "churned"]))
    assert not result.passed
    assert result.observed == "missing 'churned'; not expected 'left'"


def test_derived_columns_are_not_counted_as_columns_of_the_table(validator: Validator, tmp_path: Path) -> None:
    suite = [relation("ratio", "total / bill", 0), only_columns(bills().columns)]
    assert held(validator, bills(), tmp_path, suite).results[1].passed


@pytest.mark.parametrize(
    "expectation", [of_type("bill", "number"), between("bill", 0, 1000), mean_between("bill", 0, 1000)]
)
def test_text_among_numbers_is_found_row_by_row(validator: Validator, tmp_path: Path, expectation: Expectation) -> None:
    frame = bills().assign(bill=[*"123456789", "n/a"])
    result = finding(validator, frame, tmp_path, expectation)
    assert not result.passed
    assert result.observed == "the column holds text; 1 of 10 values are no numbers (10.00 %)"
    assert result.examples == ({"row": "9", "bill": "n/a"},)


def test_a_formula_over_text_is_a_failed_finding(validator: Validator, tmp_path: Path) -> None:
    frame = bills().assign(bill="n/a")
    result = finding(validator, frame, tmp_path, relation("ratio", "total / bill", 0, 1))
    assert not result.passed
    assert result.observed.startswith("cannot be computed: ")


def test_an_empty_table_breaks_what_needs_rows_and_nothing_else(validator: Validator, tmp_path: Path) -> None:
    validation = held(validator, bills().iloc[:0], tmp_path, EVERY_KIND)
    broken = {result.kind for result in validation.errors}
    assert validation.rows == 0
    assert {"expect_table_row_count_to_be_between", "expect_column_mean_to_be_between"} <= broken
    assert not broken & {"expect_column_values_to_be_between", "expect_column_values_to_not_be_null"}


def test_a_column_of_nothing_breaks_only_the_expectation_that_it_is_there(validator: Validator, tmp_path: Path) -> None:
    suite = [not_null("bill"), between("bill", 0, 1), one_of("bill", [1.0]), mean_between("bill", 0, 1)]
    validation = held(validator, bills().assign(bill=np.nan), tmp_path, suite)
    assert [result.passed for result in validation.results] == [False, True, True, False]
    assert [result.observed for result in validation.results] == [
        "10 of 10 values are missing (100.00 %)",
        "no values to look at",
        "no values to look at",
        "no values to take the mean of",
    ]


def test_one_class_only_is_out_of_balance(validator: Validator, tmp_path: Path) -> None:
    result = finding(validator, bills().assign(left="No"), tmp_path, class_share_between("left", "Yes", 0.05, 0.6))
    assert not result.passed
    assert result.observed == "a mean of 0"


def test_a_broken_warning_is_no_error(validator: Validator, tmp_path: Path) -> None:
    suite = [between("bill", 0, 500, severity=Severity.WARNING, because="bills are small"), between("months", 5)]
    validation = held(validator, bills(), tmp_path, suite)
    assert [result.because for result in validation.warnings] == ["bills are small"]
    assert [result.column for result in validation.errors] == ["months"]


def test_findings_come_in_the_order_of_the_suite(validator: Validator, tmp_path: Path) -> None:
    results = held(validator, bills(), tmp_path, EVERY_KIND).results
    assert [(r.kind, r.column) for r in results] == [(e.kind, e.column) for e in EVERY_KIND]


def test_offending_rows_show_the_columns_that_a_relation_reads(validator: Validator, tmp_path: Path) -> None:
    result = finding(validator, bills(), tmp_path, relation("ratio", "total / (months * bill)", 0.9))
    assert result.examples == ({"row": "7", "total": "1", "months": "8", "bill": "80", "ratio": "0.0015625"},)


def test_rows_are_counted_from_the_top_whatever_the_index(validator: Validator, tmp_path: Path) -> None:
    frame = bills().set_axis(["a customer"] * 10)
    assert finding(validator, frame, tmp_path, not_null("bill")).examples == ({"row": "6", "bill": "missing"},)


def test_the_table_is_left_as_it_was(validator: Validator, tmp_path: Path) -> None:
    frame = bills()
    held(validator, frame, tmp_path, EVERY_KIND)
    pd.testing.assert_frame_equal(frame, bills())


def test_equal_tables_give_equal_findings(validator: Validator, tmp_path: Path) -> None:
    first, second = (held(validator, bills(), tmp_path, EVERY_KIND) for _ in range(2))
    assert first.model_dump_json() == second.model_dump_json()


def test_an_unknown_kind_is_named(validator: Validator, tmp_path: Path) -> None:
    with pytest.raises(UseCaseBroken, match="expect_column_values_to_be_nice"):
        held(validator, bills(), tmp_path, [Expectation("expect_column_values_to_be_nice", "bill")])


def test_a_formula_that_is_none_is_named(validator: Validator, tmp_path: Path) -> None:
    with pytest.raises(UseCaseBroken, match="total over"):
        held(validator, bills(), tmp_path, [relation("ratio", "total over bill", 0)])


def test_two_formulas_of_one_name_are_refused(validator: Validator, tmp_path: Path) -> None:
    with pytest.raises(UseCaseBroken, match="ratio"):
        held(validator, bills(), tmp_path, [relation("ratio", "total / bill", 0), relation("ratio", "bill / total", 0)])


def test_a_page_is_written_and_replaces_the_one_before(validator: Validator, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "old.html").write_text("old")
    held(validator, bills(), tmp_path, EVERY_KIND)
    assert (tmp_path / "docs" / "index.html").stat().st_size > 0
    assert not (tmp_path / "docs" / "old.html").exists()


def docs_of(folder: Path) -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted((folder / "docs").rglob("*.html")))


def test_data_docs_tell_of_values_relations_and_missing_columns(tmp_path: Path) -> None:
    suite = [between("bill", 0, 500), relation("ratio", "total / bill", 0, 1), not_null("contract")]
    held(GreatExpectationsValidator(), bills(), tmp_path, suite)
    docs = docs_of(tmp_path)
    assert all(word in docs for word in ("bill", "ratio", "contract"))
    assert "Traceback" not in docs


def test_data_docs_do_not_name_this_machines_folders(tmp_path: Path) -> None:
    frame = bills().assign(bill="n/a")
    held(GreatExpectationsValidator(), frame, tmp_path, [between("bill", 0, 500)])
    docs = docs_of(tmp_path)
    assert "Traceback" in docs
    assert str(Path(pd.__file__).parents[1]) not in docs
    assert str(tmp_path) not in docs


def test_great_expectations_writes_nothing_to_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    held(GreatExpectationsValidator(), bills(), tmp_path, EVERY_KIND)
    assert capfd.readouterr() == ("", "")


def test_any_kind_that_great_expectations_knows_can_be_used(tmp_path: Path) -> None:
    lengths = Expectation("expect_column_value_lengths_to_be_between", "plan", {"min_value": 1, "max_value": 4})
    result = finding(GreatExpectationsValidator(), bills(), tmp_path, lengths)
    assert result.observed == "5 of 9 values are not (55.56 %)"
    assert result.examples[0] == {"row": "0", "plan": "basic"}


def test_what_great_expectations_cannot_check_is_a_failed_finding(tmp_path: Path) -> None:
    order = Expectation(
        "expect_column_pair_values_a_to_be_greater_than_b", None, {"column_A": "plan", "column_B": "bill"}
    )
    result = finding(GreatExpectationsValidator(), bills(), tmp_path, order)
    assert not result.passed
    assert result.observed.startswith("cannot be checked: ")


def test_arguments_that_do_not_fit_are_told(tmp_path: Path) -> None:
    with pytest.raises(UseCaseBroken, match="expect_column_values_to_be_between on bill"):
        held(GreatExpectationsValidator(), bills(), tmp_path, [between("bill")])


def test_a_row_far_from_its_group_is_shown_with_its_group_and_how_far_it_is(
    validator: Validator, tmp_path: Path
) -> None:
    far = relative_to_group("bill over its plan's median", "bill", "plan", 0, 10)
    assert finding(validator, bills(), tmp_path, far).examples == (
        {"row": "3", "bill": "-5", "plan": "gold", "bill over its plan's median": "-0.1666666667"},
        {"row": "8", "bill": "999", "plan": "basic", "bill over its plan's median": "16.65"},
    )
