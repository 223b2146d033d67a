from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slipway.adapters.great_expectations.twin import InMemoryValidator
from slipway.core.accepted import AcceptedData
from slipway.core.expectation import Severity, Validation
from slipway.data.accepted import as_accepted, outline

COLUMNS = ("rent", "rooms", "heating", "name", "since", "left")


def flats(rows: int = 2_000, seed: int = 1) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "rent": np.where(chance.random(rows) < 0.1, np.nan, chance.lognormal(6, 0.5, rows)),
            "rooms": chance.integers(1, 5, rows),
            "heating": chance.choice(["gas", "oil's", "heat pump"], rows, p=[0.6, 0.3, 0.1]),
            "name": [f"flat {i}" for i in range(rows)],
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(rows), "h"),
            "left": np.nan,
        }
    )


def accepted(frame: pd.DataFrame | None = None) -> AcceptedData:
    return outline(flats() if frame is None else frame, use_case="flats", data_digest="0f" * 32)


def held(frame: pd.DataFrame, folder: Path, within: float = 0.05) -> Validation:
    suite = as_accepted(accepted(), COLUMNS, within)
    return InMemoryValidator().validate(frame, suite, use_case="flats", data_digest="0f" * 32, docs=folder / "docs")


def drifted(frame: pd.DataFrame, folder: Path, within: float = 0.05) -> set[str]:
    return {str(result.column) for result in held(frame, folder, within).results if not result.passed}


def test_an_outline_outlives_being_written_and_read() -> None:
    assert AcceptedData.model_validate_json(accepted().model_dump_json()) == accepted()


def test_names_and_times_have_no_distribution_to_hold_anything_to() -> None:
    assert [column.column for column in accepted().columns] == ["rent", "rooms", "heating", "left"]


def test_a_table_holds_to_itself_however_narrow(tmp_path: Path) -> None:
    validation = held(flats(), tmp_path, within=1e-6)
    assert validation.results
    assert validation.warnings == ()


@pytest.mark.parametrize("seed", range(2, 7))
def test_another_sample_of_the_same_world_is_like_it(tmp_path: Path, seed: int) -> None:
    assert drifted(flats(seed=seed), tmp_path) == set()


def test_numbers_that_moved_are_told(tmp_path: Path) -> None:
    found = drifted(flats().assign(rent=lambda frame: frame["rent"] * 1.3), tmp_path)
    assert found
    assert all(name.startswith("share of rent up to") for name in found)


def test_a_tail_that_moved_is_told_where_it_is(tmp_path: Path) -> None:
    moved = flats().assign(rent=lambda frame: frame["rent"].where(frame["rent"] < frame["rent"].quantile(0.8), 1e9))
    assert len(drifted(moved, tmp_path)) == 1


def test_a_kind_that_became_rare_is_told_and_so_is_what_took_its_place(tmp_path: Path) -> None:
    found = drifted(flats().replace({"heating": {"oil's": "gas"}}), tmp_path)
    assert found == {"share of heating = oil's", "share of heating = gas"}


def test_values_that_went_missing_are_told(tmp_path: Path) -> None:
    gone = flats().assign(rooms=lambda frame: frame["rooms"].where(np.arange(len(frame)) % 2 == 0))
    assert "rooms" in drifted(gone, tmp_path)


def test_a_change_below_the_bound_is_not_worth_a_word(tmp_path: Path) -> None:
    assert drifted(flats().assign(rent=lambda frame: frame["rent"] * 1.03), tmp_path) == set()
    assert drifted(flats().assign(rent=lambda frame: frame["rent"] * 1.3), tmp_path, within=0.3) == set()


def test_a_breach_says_how_to_accept_what_is_new(tmp_path: Path) -> None:
    results = held(flats().assign(rent=1.0), tmp_path).results
    assert {result.because for result in results if not result.passed} == {
        "the accepted data were different; if the new ones are right: slipway accept flats"
    }


def test_it_is_a_warning_unless_said_otherwise() -> None:
    assert {one.severity for one in as_accepted(accepted(), COLUMNS, 0.05)} == {Severity.WARNING}
    assert {one.severity for one in as_accepted(accepted(), COLUMNS, 0.05, severity=Severity.ERROR)} == {Severity.ERROR}


def test_a_column_that_was_not_accepted_holds_nothing_up() -> None:
    assert as_accepted(accepted(flats()[["rent"]]), ("rooms",), 0.05) == ()
