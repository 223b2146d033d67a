"""``slipway new``: what it makes of a table, what it refuses, and that it is all or nothing."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from slipway.adapters.great_expectations.twin import InMemoryValidator
from slipway.core.errors import DataMissing, DataUnfit, NameRefused, ParamsInvalid, WriteFailed
from slipway.core.task import Task
from slipway.core.use_case import UseCase
from slipway.discovery import load_use_case
from slipway.making.draft import Request
from slipway.stages.new import Made, new
from slipway.wiring import check_params
from slipway.workspace.params import read_params

PARAMS = """\
# a comment at the top
use_cases:
  # about the first
  first:
    split: {holdout_share: 0.25}  # a comment at the end
    train: {estimator: linear}
    evaluate: {}
    gates:
      absolute: []
      baseline: {metric: roc_auc}
      champion: {metric: roc_auc}
      anchor: {metric: roc_auc}
      slices: {metric: roc_auc}
"""
ROWS = 200
CLASSIFICATION, REGRESSION = Task.CLASSIFICATION, Task.REGRESSION


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src" / "use_cases").mkdir(parents=True)
    (root / "src" / "use_cases" / "__init__.py").write_text('"""Use cases."""\n')
    (root / "params.yaml").write_text(PARAMS)
    return root


def table(**columns: object) -> pd.DataFrame:
    """A table of 200 rows with a number, a category, an outcome of two classes, and what else is given."""
    numbers = range(ROWS)
    usual = {
        "size": [10.5 + n % 37 for n in numbers],
        "colour": [("red", "green", "blue")[n % 3] for n in numbers],
        "bought": [("no", "yes", "no")[n % 3] for n in numbers],
    }
    return pd.DataFrame(dict(columns) | usual)


def csv(root: Path, frame: pd.DataFrame | str | bytes) -> Path:
    path = root.parent / "table.csv"
    text = frame.to_csv(index=False) if isinstance(frame, pd.DataFrame) else frame
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def make(
    root: Path, frame: pd.DataFrame | str | bytes | None = None, task: Task = CLASSIFICATION, **asked: object
) -> Made:
    path = None if frame is None else csv(root, frame)
    return new(root, Request("sandbox", task, **asked), path)  # type: ignore[arg-type]


def made(
    root: Path, frame: pd.DataFrame | str | bytes | None = None, task: Task = CLASSIFICATION, **asked: object
) -> UseCase:
    make(root, frame, task, **asked)
    return load_use_case(root, "sandbox")


def errors(root: Path, use_case: UseCase, frame: pd.DataFrame) -> list[str]:
    found = InMemoryValidator().validate(
        frame, use_case.expectations, use_case="sandbox", data_digest="", docs=root / "docs"
    )
    return [f"{result.column}: {result.kind}" for result in found.errors]


def everything(root: Path) -> dict[str, bytes]:
    """All files but the lock and staging folder of this machine."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


# --- what it makes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", Task)
def test_without_data_it_makes_a_use_case_whose_table_meets_its_suite(root: Path, task: Task) -> None:
    use_case = made(root, task=task)
    raw = use_case.collect(root)
    assert len(raw) >= 1_000
    assert raw[use_case.categorical[-1]].isna().any()
    assert errors(root, use_case, raw) == []


def test_the_made_up_table_is_the_same_on_every_call(root: Path) -> None:
    use_case = made(root)
    pd.testing.assert_frame_equal(use_case.collect(root), use_case.collect(root))


@pytest.mark.parametrize("task", Task)
def test_its_params_fit_what_it_writes(root: Path, task: Task) -> None:
    use_case = made(root, task=task)
    check_params(read_params(root).use_cases["sandbox"], use_case)


def test_a_csv_becomes_features_with_a_suite_that_it_meets(root: Path) -> None:
    use_case = made(root, table())
    raw = use_case.collect(root)
    assert (use_case.numeric, use_case.categorical, use_case.target) == (("size",), ("colour",), "bought")
    assert len(raw) == ROWS
    assert errors(root, use_case, raw) == []


@pytest.mark.parametrize(("column", "value"), [("size", "large"), ("size", 1e6), ("colour", "mauve"), ("bought", None)])
def test_the_suite_read_off_a_csv_catches_a_corrupted_column(root: Path, column: str, value: object) -> None:
    use_case = made(root, table())
    raw = use_case.collect(root)
    assert any(error.startswith(f"{column}:") for error in errors(root, use_case, raw.assign(**{column: value})))


def test_a_word_among_numbers_is_left_for_validation_to_refuse(root: Path) -> None:
    use_case = made(root, table())
    data = root / "src/use_cases/sandbox/source/data.csv"
    data.write_text(data.read_text().replace("10.5,", "ten,", 1))
    assert "size: expect_column_values_to_be_in_type_list" in errors(root, use_case, use_case.collect(root))


def test_a_column_gone_from_the_csv_is_left_for_validation_to_name(root: Path) -> None:
    use_case = made(root, table())
    csv_file = root / "src/use_cases/sandbox/source/data.csv"
    pd.read_csv(csv_file).drop(columns="size").to_csv(csv_file, index=False)
    assert "size: expect_column_to_exist" in errors(root, use_case, use_case.collect(root))


def test_the_last_column_is_the_target_unless_one_is_named(root: Path) -> None:
    assert any("the last column" in note for note in make(root, table()).notes)


def test_a_named_target_may_stand_anywhere(root: Path) -> None:
    assert made(root, table(), REGRESSION, target="size").target == "size"


def test_the_rarer_class_is_positive_and_said_so(root: Path) -> None:
    result = make(root, table())
    assert load_use_case(root, "sandbox").positive == "yes"
    assert any("'yes'" in note and "rarer" in note for note in result.notes)


def test_one_of_several_classes_is_told_from_the_rest(root: Path) -> None:
    use_case = made(root, table(), target="colour", positive="blue")
    assert use_case.positive == "blue"
    assert errors(root, use_case, use_case.collect(root)) == []


def test_a_column_that_identifies_rows_becomes_the_key_and_no_feature(root: Path) -> None:
    use_case = made(root, table(customer_id=[n * 7 for n in range(ROWS)]))
    assert use_case.key == ("customer_id",)
    assert "customer_id" not in use_case.numeric
    assert "customer_id: expect_column_values_to_be_unique" in errors(
        root, use_case, use_case.collect(root).assign(customer_id="7")
    )


def test_the_numbers_of_a_sampled_tables_rows_are_no_feature(root: Path) -> None:
    """In a table that was sorted before it was sampled, they would give the answer away."""
    sampled = [n * 9 for n in random.Random(3).sample(range(ROWS), ROWS)]
    assert made(root, table(position=sampled)).key == ("position",)


def test_a_wide_measurement_that_never_repeats_stays_a_feature(root: Path) -> None:
    assert "income" in made(root, table(income=[20_000 + n * 777 for n in range(ROWS)])).numeric


def test_without_an_identifier_the_features_are_the_key(root: Path) -> None:
    assert made(root, table()).key == ("size", "colour")


def test_a_named_key_is_no_feature(root: Path) -> None:
    use_case = made(root, table(Household=[f"h{n // 2}" for n in range(ROWS)]), key=("Household",))
    assert use_case.key == ("household",)
    assert "household" not in use_case.categorical


def test_a_category_stays_a_feature_when_the_key_has_other_columns_too(root: Path) -> None:
    use_case = made(root, table(bird=[f"b{n // 2}" for n in range(ROWS)]), key=("colour", "bird"))
    assert use_case.key == ("colour", "bird")
    assert use_case.categorical == ("colour",)


def test_row_numbers_are_left_out(root: Path) -> None:
    use_case = made(root, table().to_csv())
    assert use_case.key == use_case.numeric + use_case.categorical == ("size", "colour")


def test_rows_without_an_outcome_are_dropped_and_counted(root: Path) -> None:
    frame = table()
    frame.loc[:4, "bought"] = None
    result = make(root, frame)
    assert len(load_use_case(root, "sandbox").collect(root)) == ROWS - 5
    assert any(note.startswith("5 rows") for note in result.notes)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (["2024-01-31"] * ROWS, "every value is"),
        ([f"2024-01-{1 + n % 28:02}" for n in range(ROWS)], "dates"),
        ([f"{1 + n % 28}/12/2023 10:30" for n in range(ROWS)], "dates"),
        ([f"this is note {n}" for n in range(ROWS)], "free text"),
        ([None] * ROWS, "no values"),
        (["12"] + [None] * (ROWS - 1), "missing"),
        ([str(n % 90) for n in range(ROWS - 3)] + ["n.a."] * 3, "3 of 200 values are no numbers, such as 'n.a.'"),
    ],
)
def test_what_cannot_be_learned_from_is_left_out_with_the_reason(root: Path, column: list[str], reason: str) -> None:
    result = make(root, table(Extra=column))
    assert any(note.startswith("left out 'Extra'") and reason in note for note in result.notes)
    source = (root / "src/use_cases/sandbox/source/__init__.py").read_text()
    assert '#   "Extra": ' in source
    assert "extra" not in load_use_case(root, "sandbox").collect(root)


def test_a_category_of_numbers_with_leading_zeros_stays_text(root: Path) -> None:
    use_case = made(root, table(zip_code=[f"0{n % 9}001" for n in range(ROWS)]))
    assert "zip_code" in use_case.categorical
    assert use_case.collect(root)["zip_code"].iloc[3] == "03001"


def test_a_column_that_gives_the_outcome_away_is_pointed_out(root: Path) -> None:
    assert any("colour alone tells bought" in note for note in make(root, table()).notes)


def test_units_are_read_off_headers(root: Path) -> None:
    use_case = made(root, table(**{"Body Length (mm)": [n % 50 for n in range(ROWS)]}))
    [length] = [feature for feature in use_case.features if feature.name == "body_length_mm"]
    assert (length.unit, length.description) == ("mm", "Body Length (mm)")  # type: ignore[union-attr]


# --- files as they come ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_separators_and_encodings_are_found_out(root: Path, separator: str, encoding: str) -> None:
    frame = table(Größe=[f"Maß {'ÄÖÜ'[n % 3]}" for n in range(ROWS)])
    use_case = made(root, frame.to_csv(index=False, sep=separator).encode(encoding))
    assert set(use_case.collect(root)["große"]) == {"Maß Ä", "Maß Ö", "Maß Ü"}
    assert errors(root, use_case, use_case.collect(root)) == []


def test_decimal_commas_are_read_as_numbers(root: Path) -> None:
    use_case = made(root, table().to_csv(index=False, sep=";", decimal=","))
    assert use_case.collect(root)["size"].iloc[0] == 10.5


def test_quoted_separators_quotes_and_line_breaks_are_cells_like_others(root: Path) -> None:
    awkward = ['a, "b"', "c\nd", "it's \\ here"]
    use_case = made(root, table(odd=[awkward[n % 3] for n in range(ROWS)]))
    assert set(use_case.collect(root)["odd"]) == set(awkward)
    assert errors(root, use_case, use_case.collect(root)) == []


def test_crlf_line_ends_and_spaces_around_cells_do_not_matter(root: Path) -> None:
    text = table().to_csv(index=False, lineterminator="\r\n").replace(",red", ", red ")
    assert set(made(root, text).collect(root)["colour"]) == {"red", "green", "blue"}


def test_headers_become_identifiers_and_none_is_lost(root: Path) -> None:
    headers = ["class", "__target__", "2nd visit", "Total $ (net)", "Total $ [net]", "studyName", "size", "№", "价格"]
    text = ",".join([*headers, "size", "outcome"]) + "\n"
    rows = ([str((n * 13 + k) % 101) for k in range(10)] + [("no", "yes")[n % 2]] for n in range(ROWS))
    use_case = made(root, text + "".join(",".join(row) + "\n" for row in rows))
    names = [feature.name for feature in use_case.features]
    assert names == [
        "class_", "target", "column_2nd_visit", "total_net", "total_net_2",
        "study_name", "size", "no", "价格", "size_1",
    ]  # fmt: skip
    assert errors(root, use_case, use_case.collect(root)) == []


def test_columns_may_be_called_like_what_python_and_the_model_have(root: Path) -> None:
    numbers = [1.5 + n % 37 for n in range(ROWS)]
    use_case = made(root, table(self=numbers, prediction=numbers))
    assert use_case.numeric == ("self", "prediction_", "size")
    assert errors(root, use_case, use_case.collect(root)) == []


def test_a_slice_named_like_a_word_of_yaml_stays_a_name(root: Path) -> None:
    make(root, table(On=[("a", "b")[n % 2] for n in range(ROWS)]))
    assert "on" in read_params(root).use_cases["sandbox"].evaluate.slices


# --- what it refuses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", "a", "Sandbox", "2fast", "sand-box", "sand box", "class", "yes", "null", "remote", "../up", "x" * 41]
)
def test_an_impossible_name_is_refused(root: Path, name: str) -> None:
    before = everything(root)
    with pytest.raises(NameRefused):
        new(root, Request(name, CLASSIFICATION), None)
    assert everything(root) == before


@pytest.mark.parametrize("folder", ["src/use_cases/sandbox", "tests/use_cases/sandbox", "data/sandbox"])
def test_a_name_with_remains_of_a_use_case_is_refused(root: Path, folder: str) -> None:
    (root / folder).mkdir(parents=True)
    with pytest.raises(NameRefused, match=folder):
        make(root)


def test_a_name_with_a_section_is_refused(root: Path) -> None:
    with pytest.raises(NameRefused, match=r"use_cases\.first"):
        new(root, Request("first", CLASSIFICATION), None)


HEADER = "size,colour,bought\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("  \n\n", "is empty"),
        (HEADER, "has a header and no rows"),
        ("just words\nmore words\n", "one column only"),
        (HEADER + "1,red,no\n1,red,no,more\n", "line 3 has 4 fields, the header has 3"),
        (HEADER + "1,red,no\n" * 20, "20 rows"),
        (b"PK\x03\x04rest", "no CSV file"),
        (b"size\x00\x01\x02", "no CSV file"),
        (b"1" * 10_000_001, "10 MB"),
    ],
)
def test_a_file_that_is_no_usable_table_is_refused(root: Path, content: str | bytes, message: str) -> None:
    before = everything(root)
    with pytest.raises(DataUnfit, match=message):
        make(root, content)
    assert everything(root) == before


def test_a_file_that_is_not_there_is_refused(root: Path) -> None:
    with pytest.raises(DataMissing, match=r"no-such\.csv"):
        new(root, Request("sandbox", CLASSIFICATION), root / "no-such.csv")


@pytest.mark.parametrize(
    ("task", "asked", "message"),
    [
        (CLASSIFICATION, {"target": "Colours"}, "did you mean 'colour'"),
        (CLASSIFICATION, {"target": "colour"}, "3 classes"),
        (CLASSIFICATION, {"target": "size"}, "37 classes"),
        (CLASSIFICATION, {"positive": "maybe"}, "is never 'maybe'"),
        (CLASSIFICATION, {"key": ("nobody",)}, "has no column 'nobody'"),
        (REGRESSION, {}, "'bought' is not a number"),
        (REGRESSION, {"target": "size", "positive": "yes"}, "--positive"),
    ],
)
def test_what_does_not_fit_the_task_is_refused(root: Path, task: Task, asked: dict[str, object], message: str) -> None:
    with pytest.raises(DataUnfit, match=message):
        make(root, table(), task, **asked)


def test_a_target_of_numbers_points_to_regression(root: Path) -> None:
    with pytest.raises(DataUnfit) as refused:
        make(root, table(), target="size")
    assert "--task regression" in refused.value.next_step


def test_all_one_class_is_refused(root: Path) -> None:
    with pytest.raises(DataUnfit, match="every row has 'bought' = 'no'"):
        make(root, table().assign(bought="no"))


def test_a_class_too_rare_to_judge_is_refused(root: Path) -> None:
    frame = table().assign(bought="no")
    frame.loc[:5, "bought"] = "yes"
    with pytest.raises(DataUnfit, match="only 6 rows"):
        make(root, frame)


def test_a_table_with_nothing_to_learn_from_is_refused(root: Path) -> None:
    frame = table(note=[f"remark {n}" for n in range(ROWS)])[["note", "bought"]]
    with pytest.raises(DataUnfit, match="can be learned from"):
        make(root, frame)


# --- all or nothing ----------------------------------------------------------------------------------------------


def test_params_keep_their_text_and_gain_a_section(root: Path) -> None:
    make(root)
    text = (root / "params.yaml").read_text()
    assert text.startswith(PARAMS)
    assert set(read_params(root).use_cases) == {"first", "sandbox"}


@pytest.mark.parametrize(
    "text",
    [
        PARAMS.rstrip("\n"),
        PARAMS.replace("\n", "\r\n"),
        PARAMS + "\n# a comment at the end\n",
        "use_cases: {}\n",
        "use_cases:\n",
        "# nothing yet\nuse_cases: {}  # none\n",
    ],
)
def test_a_section_is_added_however_the_file_is_written(root: Path, text: str) -> None:
    (root / "params.yaml").write_bytes(text.encode())
    if text == "use_cases:\n":
        with pytest.raises(ParamsInvalid):
            make(root)
        return
    make(root)
    assert "sandbox" in read_params(root).use_cases
    assert ("\r\n" in text) == (b"\r\n" in (root / "params.yaml").read_bytes())


@pytest.mark.parametrize("text", ["use_cases: [", "use_cases: {first: 1}\n", "other: 1\n"])
def test_invalid_params_are_refused_before_anything_is_written(root: Path, text: str) -> None:
    (root / "params.yaml").write_text(text)
    before = everything(root)
    with pytest.raises(ParamsInvalid):
        make(root)
    assert everything(root) == before


def test_params_in_braces_are_refused_and_stay(root: Path) -> None:
    section = "{split: {}, train: {estimator: linear}, evaluate: {}, gates: {absolute: [], baseline: {metric: r2}, "
    section += "champion: {metric: r2}, anchor: {metric: r2}, slices: {metric: r2}}}"
    (root / "params.yaml").write_text(f"use_cases: {{first: {section}}}\n")
    before = everything(root)
    with pytest.raises(ParamsInvalid, match="entry a line"):
        make(root)
    assert everything(root) == before


@pytest.mark.parametrize("obstacle", ["tests", "params.yaml"])
def test_nothing_half_written_stays_when_writing_fails(
    root: Path, obstacle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if obstacle == "tests":
        (root / "tests").write_text("a file where a folder should be")
    else:
        replace = Path.replace

        def full_disk(self: Path, target: Path) -> Path:
            if Path(target).name == "params.yaml":
                raise OSError(28, "No space left on device")
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", full_disk)
    before = everything(root)
    with pytest.raises(WriteFailed):
        make(root)
    assert everything(root) == before


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("data", [True, False])
def test_what_it_writes_is_formatted_and_lint_free(root: Path, task: Task, data: bool) -> None:
    frame = table(
        **{
            "A header, so long that nobody would ever type it again, with 'quotes' and \"more\" (kg)": range(ROWS),
            "many": [f"a rather long category, number {n % 30}" for n in range(ROWS)],
            "free": [f"remark {n}" for n in range(ROWS)],
        }
    )
    target = {"target": "size"} if task is REGRESSION else {}
    make(root, frame if data else None, task, **(target if data else {}))
    project = Path(__file__).resolve().parents[3]
    shutil.copy(project / "pyproject.toml", root)
    (root / "src" / "slipway").symlink_to(project / "src" / "slipway")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["format", "--check"], ["check", "--no-cache"]):
        answer = subprocess.run(
            [*ruff, *command, "src/use_cases", "tests"], cwd=root, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stdout
