import pytest
import yaml

from slipway.core.errors import ParamsInvalid
from slipway.making.params_values import with_values

TEXT = """\
# Every key is checked.
use_cases:
  churn:
    train:
      estimator: lightgbm
      num_leaves: 8   # small tables
      learning_rate: 0.04
    # what counts
    gates: {absolute: []}
  tiny:
    train: {estimator: lightgbm, num_leaves: 8} # short
"""


def path(name: str) -> tuple[str, ...]:
    return ("use_cases", name, "train")


def changed(before: str, after: str) -> list[str]:
    return [line for line in after.splitlines() if line not in before.splitlines()]


def test_only_the_numbers_change() -> None:
    after = with_values(TEXT, path("churn"), {"num_leaves": 16, "learning_rate": 0.0123})
    assert changed(TEXT, after) == ["      num_leaves: 16   # small tables", "      learning_rate: 0.0123"]
    assert len(after.splitlines()) == len(TEXT.splitlines())


def test_a_mapping_on_one_line_stays_on_one_line() -> None:
    after = with_values(TEXT, path("tiny"), {"num_leaves": 16, "subsample": 0.5})
    assert changed(TEXT, after) == ["    train: {estimator: lightgbm, num_leaves: 16, subsample: 0.5} # short"]


def test_a_value_that_was_left_to_its_default_gets_a_line_below_the_others() -> None:
    after = with_values(TEXT, path("churn"), {"subsample": 0.5})
    assert changed(TEXT, after) == ["      subsample: 0.5"]
    rows = after.splitlines()
    assert rows[rows.index("      subsample: 0.5") - 1] == "      learning_rate: 0.04"


@pytest.mark.parametrize("value", [1e-05, 1e16, 3, 0.1, 123456.0])
def test_a_number_is_read_back_as_that_number(value: float) -> None:
    after = yaml.safe_load(with_values(TEXT, path("churn"), {"learning_rate": value}))
    found = after["use_cases"]["churn"]["train"]["learning_rate"]
    assert (found, type(found)) == (value, type(value))


def test_the_end_of_the_file_and_line_ends_of_windows_are_kept() -> None:
    bare = TEXT.removesuffix("\n").removesuffix(" # short").replace("\n", "\r\n")
    after = with_values(bare, path("churn"), {"num_leaves": 16, "subsample": 0.5})
    assert after.count("\r\n") == after.count("\n") == bare.count("\n") + 1
    assert not after.endswith("\n")
    last = "use_cases:\n  one:\n    train:\n      estimator: linear"
    assert with_values(last, path("one"), {"strength": 2.0}) == f"{last}\n      strength: 2.0"


@pytest.mark.parametrize(
    "train",
    [
        "&shared {estimator: lightgbm, num_leaves: 8}\n  tiny:\n    train: *shared",
        "&shared\n      estimator: lightgbm\n      num_leaves: 8\n  tiny:\n    train: *shared",
        "\n      <<: {num_leaves: 8}\n      estimator: lightgbm",
        "[1, 2]",
        "{}",
    ],
)
def test_what_is_shared_or_not_understood_is_left_to_people(train: str) -> None:
    with pytest.raises(ParamsInvalid, match=r"use_cases\.churn\.train cannot be changed"):
        with_values(f"use_cases:\n  churn:\n    train: {train}\n", path("churn"), {"num_leaves": 16})
