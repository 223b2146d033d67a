"""The rows that a look holds beside requests: the newest, as the champion takes them, or none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.stages import collected as stage
from slipway.workspace.paths import Paths
from tests.support.use_cases import CHURN

DATED = replace(CHURN, time="asked")
FIELDS = (
    Field(name="tenure", type="number", nullable=False),
    Field(name="contract", type="category", nullable=False, categories=("month", "year")),
)
SIGNATURE = Signature(
    use_case=CHURN.name, title="", task=Task.CLASSIFICATION, inputs=FIELDS, output="y", examples=(), threshold=0.5
)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, CHURN.name)


def table() -> pd.DataFrame:
    """Three rows, the newest first."""
    days = pd.to_datetime(["2026-01-03", "2026-01-02", "2026-01-01"])
    return pd.DataFrame({"asked": days, "tenure": [3.0, 2.0, 1.0], "contract": ["year", "month", "month"]})


def write(paths: Paths, rows: pd.DataFrame) -> None:
    paths.raw.parent.mkdir(parents=True)
    rows.to_parquet(paths.raw)


def test_the_newest_rows_come_with_their_time(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "MOST_ROWS", 2)
    write(paths, table())
    found = stage.collected(DATED, paths, SIGNATURE)
    assert found is not None
    assert list(found.columns["tenure"]) == [2.0, 3.0]
    assert list(found.columns["contract"]) == ["month", "year"]
    assert np.array_equal(found.times, [pd.Timestamp(day).timestamp() for day in ("2026-01-02", "2026-01-03")])


def test_a_use_case_without_a_time_has_none(paths: Paths) -> None:
    write(paths, table())
    assert stage.collected(CHURN, paths, SIGNATURE) is None


def test_where_nothing_was_collected_there_is_none(paths: Paths) -> None:
    assert stage.collected(DATED, paths, SIGNATURE) is None


@pytest.mark.parametrize(
    "rows",
    [
        table().drop(columns="tenure"),
        table().drop(columns="asked"),
        table().assign(asked=["2026-01-03", None, "2026-01-01"]),
        table().assign(asked=[1, 2, 3]),
        table().assign(tenure=["three", "two", "one"]),
    ],
    ids=["an input is gone", "the time is gone", "a time is missing", "a time is a number", "another type"],
)
def test_a_table_that_the_champion_does_not_take_is_none_and_no_end(paths: Paths, rows: pd.DataFrame) -> None:
    write(paths, rows)
    assert stage.collected(DATED, paths, SIGNATURE) is None


def test_a_table_that_is_no_table_is_none_and_no_end(paths: Paths) -> None:
    paths.raw.parent.mkdir(parents=True)
    paths.raw.write_bytes(b"PAR1 and no more")
    assert stage.collected(DATED, paths, SIGNATURE) is None
