import pandas as pd
import pytest

from slipway.core.errors import UseCaseBroken
from slipway.core.expectation import Expectation, Severity
from slipway.data.breaches import Outcome, allowed, as_text, columns_in_words, result_of, share, text_instead_of_numbers
from slipway.data.derived import Underivable, columns_of, derive, formula_columns, subject_of
from slipway.data.expectations import (
    between,
    class_share_between,
    holds,
    missing_share_at_most,
    not_null,
    of_type,
    one_of,
    relation,
    row_count_between,
    unique_rows,
)


def customers() -> pd.DataFrame:
    return pd.DataFrame({"left": ["Yes", "No"], "months": [2, 4], "monthly fee": [3.0, 5.0]})


def test_a_breach_is_an_error_unless_said_otherwise() -> None:
    assert between("bill", 0, 1).severity is Severity.ERROR
    assert between("bill", 0, 1, severity=Severity.WARNING).severity is Severity.WARNING


def test_repeated_rows_are_a_warning_unless_said_otherwise() -> None:
    assert unique_rows(["a"]).severity is Severity.WARNING


def test_a_missing_share_is_the_rest_of_mostly() -> None:
    assert missing_share_at_most("bill", 0.25).arguments == {"mostly": 0.75}
    assert not_null("bill").arguments == {"mostly": 1.0}


def test_a_class_share_is_the_mean_of_a_column_made_for_it() -> None:
    expectation = class_share_between("left", "Yes", 0.1, 0.3)
    derived = subject_of(customers(), expectation)
    assert isinstance(derived, pd.DataFrame)
    assert derived[str(expectation.column)].mean() == 0.5


def test_a_class_share_takes_a_number_for_a_class_and_any_column_name() -> None:
    derived = subject_of(customers(), class_share_between("monthly fee", 3.0, 0, 1))
    assert isinstance(derived, pd.DataFrame)
    assert derived.iloc[:, 0].tolist() == [True, False]


@pytest.mark.parametrize(
    ("formula", "columns"),
    [
        ("a / (b * a)", ("a", "b")),
        ("b.isna() | (`two words` == 'No')", ("b", "two words")),
        ("sqrt(a) + `x y` + `x y` + c", ("a", "x y", "c")),
    ],
)
def test_a_formula_tells_the_columns_it_reads_in_order(formula: str, columns: tuple[str, ...]) -> None:
    assert formula_columns(formula) == columns


def test_an_expectation_tells_the_columns_it_reads() -> None:
    assert columns_of(between("bill", 0)) == ("bill",)
    assert columns_of(unique_rows(["a", "b"])) == ("a", "b")
    assert columns_of(relation("ratio", "a / b", 0)) == ("a", "b")
    assert columns_of(row_count_between(1)) == ()
    pair = {"column_A": "a", "column_B": "b"}
    assert columns_of(Expectation("expect_column_pair_values_to_be_equal", None, pair)) == ("a", "b")


def test_a_formula_over_missing_columns_names_all_of_them() -> None:
    subject = subject_of(customers(), holds("rule", "(months > 1) & (fee > years)"))
    assert subject == Underivable("fee", "the columns are missing: fee, years")


def test_a_formula_gives_one_value_a_row() -> None:
    derived = derive(customers(), "paid", "months * `monthly fee`")
    assert isinstance(derived, pd.DataFrame)
    assert derived["paid"].tolist() == [6.0, 20.0]


@pytest.mark.parametrize("formula", ["months.mean()", "1 + 1", "months +", "months.nothing()"])
def test_a_formula_that_gives_anything_else_is_refused(formula: str) -> None:
    with pytest.raises(UseCaseBroken) as caught:
        derive(customers(), "paid", formula) and formula_columns(formula)
    assert formula in caught.value.what


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        (between("a", 0, 10_000), "between 0 and 10,000"),
        (between("a", high=2), "at most 2"),
        (one_of("a", ["x", "y"]), "one of 'x', 'y'"),
        (one_of("a", list("abcdefghijklmnop")), "one of " + ", ".join(map(repr, "abcdefghijkl")) + " and 4 more"),
        (holds("rule", "a > 1"), "true"),
        (of_type("a", "integer"), "of type integer"),
        (missing_share_at_most("a", 1.0), "not missing, in at least 0 % of the rows"),
        (Expectation("expect_column_values_to_match_regex", "a", {"regex": "x+"}), "regex x+"),
        (Expectation("expect_column_values_to_be_increasing", "a"), "as expected"),
    ],
)
def test_what_is_allowed_is_said_in_words(expectation: Expectation, words: str) -> None:
    assert allowed(expectation) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "missing"),
        (float("nan"), "missing"),
        (pd.NaT, "missing"),
        (pd.NA, "missing"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        ("x" * 61, "x" * 59 + "…"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_a_cell_is_short_and_readable(value: object, text: str) -> None:
    assert as_text(value) == text


def test_five_offending_rows_of_eight_columns_are_shown() -> None:
    frame = pd.DataFrame({f"c{number}": range(9) for number in range(12)})
    result = result_of(frame, unique_rows(list(frame.columns)), Outcome(False, "repeated", tuple(range(9))))
    assert len(result.examples) == 5
    assert [len(example) for example in result.examples] == [9] * 5


def test_an_expectation_that_held_shows_no_rows() -> None:
    result = result_of(customers(), between("months", 0, 3, mostly=0.5), Outcome(True, "1 of 2", (1,)))
    assert result.examples == ()


def test_a_small_share_is_not_called_nothing() -> None:
    assert share(1, 1_000_000) == "under 0.01 %"
    assert share(0, 10) == "0.00 %"
    assert share(0, 0) == "0.00 %"


def test_columns_are_compared_by_name() -> None:
    assert columns_in_words(["a", "b"], ["b", "c"]) == "missing 'c'; not expected 'a'"
    assert columns_in_words(["a", "b"], ["b", "a"]) == "2 columns"


def test_numbers_written_as_text_are_told_from_text_that_is_no_number() -> None:
    as_numbers = text_instead_of_numbers(pd.Series(["1", "2.5", None], dtype=object))
    mixed = text_instead_of_numbers(pd.Series(["1", "none", None], dtype=object))
    assert as_numbers == Outcome(False, "the column holds text, though every value reads as a number", (0, 1))
    assert mixed == Outcome(False, "the column holds text; 1 of 2 values are no numbers (50.00 %)", (1,))
    assert text_instead_of_numbers(pd.Series([1.0, None])) is None
