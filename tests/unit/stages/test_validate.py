from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from slipway.adapters.great_expectations.twin import InMemoryValidator
from slipway.core.errors import DataMissing, ValidationFailed
from slipway.core.expectation import Expectation, Severity, Validation
from slipway.core.task import Task
from slipway.core.use_case import Numeric, UseCase
from slipway.core.value import sha256
from slipway.data.expectations import between, not_null, of_type, one_of, relation, row_count_between, unique_rows
from slipway.stages.validate import validate
from slipway.workspace.files import read_document, write_frame
from slipway.workspace.paths import Paths

WARNING = Severity.WARNING


def holding(*expectations: Expectation) -> UseCase:
    return UseCase(
        name="flats",
        title="Rents",
        task=Task.REGRESSION,
        target="rent",
        key=("area",),
        features=(Numeric("area", "m²"),),
        collect=lambda root: flats(),
        expectations=expectations,
    )


def flats() -> pd.DataFrame:
    return pd.DataFrame({"area": [20.0, 30.0, -4.0, 30.0], "rent": [500.0, 700.0, 800.0, 700.0], "town": [*"abcb"]})


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path, "flats")
    write_frame(paths.raw, flats())
    return paths


def written(paths: Paths) -> Validation:
    return read_document(paths.validation, Validation, made_by="slipway validate flats")


def refused(paths: Paths, expectations: Sequence[Expectation]) -> ValidationFailed:
    with pytest.raises(ValidationFailed) as caught:
        validate(holding(*expectations), paths, InMemoryValidator())
    return caught.value


def test_a_table_that_holds_is_counted(paths: Paths) -> None:
    suite = (not_null("area"), row_count_between(1))
    assert validate(holding(*suite), paths, InMemoryValidator()) == "2 expectations held"


def test_a_warning_is_told_and_stops_nothing(paths: Paths) -> None:
    suite = (not_null("area"), unique_rows(["area", "rent", "town"]))
    expected = "1 expectations held, 1 warning: 1 rows repeat an earlier one, 2 of 4 are not unique (50.00 %)"
    assert validate(holding(*suite), paths, InMemoryValidator()) == expected
    assert len(written(paths).warnings) == 1


def test_several_warnings_are_counted_and_the_first_is_told(paths: Paths) -> None:
    suite = (between("area", 0, severity=WARNING), between("rent", 600, severity=WARNING))
    expected = "0 expectations held, 2 warnings: area: 1 of 4 values are not (25.00 %)"
    assert validate(holding(*suite), paths, InMemoryValidator()) == expected


def test_a_headline_stays_under_a_hundred_characters(paths: Paths) -> None:
    name = "area against " * 20
    suite = (relation(name, "area / rent", 0, severity=WARNING),)
    headline = validate(holding(*suite), paths, InMemoryValidator())
    assert len(headline) < 100
    assert headline.endswith("…")


def test_the_result_says_which_bytes_were_looked_at(paths: Paths) -> None:
    validate(holding(not_null("area")), paths, InMemoryValidator())
    result = written(paths)
    assert result.data_digest == sha256(paths.raw.read_bytes())
    assert (result.use_case, result.rows, result.columns) == ("flats", 4, 3)


def test_an_error_names_column_expectation_figures_and_rows(paths: Paths) -> None:
    error = refused(paths, [between("area", 5, 500, because="no flat is smaller")])
    assert "area: expect_column_values_to_be_between (between 5 and 500)" in error.what
    assert "1 of 4 values are not (25.00 %); rows: 2 (area=-4)" in error.what
    assert error.cause == "no flat is smaller"
    assert ".slipway/flats/data_docs/index.html" in error.next_step


def test_the_result_of_a_refused_table_is_written(paths: Paths) -> None:
    refused(paths, [between("area", 5, 500)])
    assert len(written(paths).errors) == 1
    assert (paths.docs / "index.html").exists()


def test_three_columns_are_named_and_the_rest_counted(paths: Paths) -> None:
    suite = [
        row_count_between(100),
        between("area", 5),
        between("area", 25),
        one_of("town", ["a"]),
        of_type("rent", "text"),
        between("area", 28),
    ]
    error = refused(paths, suite)
    assert error.what.startswith("the data of flats breaks 6 of 6 expectations:")
    assert [line.split(":")[0].strip() for line in error.what.split("\n")[1:]] == [
        "the table",
        "area",
        "town",
        "and 3 more",
    ]


def test_an_error_without_rows_says_none(paths: Paths) -> None:
    assert "rows:" not in refused(paths, [row_count_between(100)]).what


def test_the_same_table_gives_the_same_file(paths: Paths) -> None:
    use_case = holding(not_null("area"), unique_rows(["town"]))
    validate(use_case, paths, InMemoryValidator())
    first = paths.validation.read_bytes()
    validate(use_case, paths, InMemoryValidator())
    assert paths.validation.read_bytes() == first


def test_without_a_table_the_command_that_makes_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataMissing) as caught:
        validate(holding(), Paths(tmp_path, "flats"), InMemoryValidator())
    assert "slipway collect flats" in caught.value.next_step


def test_a_damaged_file_is_told_from_bad_data(paths: Paths) -> None:
    paths.raw.write_bytes(paths.raw.read_bytes()[:100])
    with pytest.raises(DataMissing):
        validate(holding(not_null("area")), paths, InMemoryValidator())
    assert not paths.validation.exists()
