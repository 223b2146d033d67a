"""A live model's log, outcomes and drift: the real endpoint, the real command, a real MLflow store."""

import gzip
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest

from tests.e2e.conftest import leftovers, refused, succeeded
from tests.support.endpoints import serving
from tests.support.workspace import slipway

ROWS = 600


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def asked(project: Path, log: Path, rows: pd.DataFrame) -> None:
    """Ask the endpoint for each row, in requests of some rows, and tell it what came true of them."""
    with (
        serving(project / ".slipway" / "tiny" / "bundle", "--log-to", str(log)) as address,
        httpx.Client(base_url=f"http://{address}") as client,
    ):
        for start in range(0, len(rows), 20):
            some = rows.iloc[start : start + 20]
            sent = {"rows": some[["age", "visits", "plan"]].to_dict("records")}
            answer = client.post("/predict", json=sent)
            assert answer.status_code == 200, answer.text
            for row, outcome in enumerate(some["left"]):
                told = {"request_id": answer.json()["request_id"], "row": row, "outcome": outcome}
                assert client.post("/feedback", json=told).status_code == 202
        assert client.post("/predict", json={"rows": [{"age": "old"}]}).status_code == 422
        wait_for(log, ROWS)


def wait_for(log: Path, outcomes: int) -> None:
    """Until all is on the disk; the writer needs about a second."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if sum(entry["kind"] == "feedback" for entry in entries(log)) >= outcomes:
            return
    raise AssertionError("the outcomes are not in the log")


def entries(log: Path) -> Iterator[dict[str, Any]]:
    for path in log.glob("predictions-*"):
        try:
            with gzip.open(path, "rt") as file:
                for line in file:
                    yield json.loads(line)
        except (EOFError, ValueError):
            continue


def watch(project: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((project / ".slipway" / "tiny" / "monitor" / "watch.json").read_text())
    return read


def findings(project: Path, *weights: str) -> set[str]:
    return {found["name"] for found in watch(project)["findings"] if found["weight"] in weights}


def raw(project: Path) -> pd.DataFrame:
    return pd.read_parquet(project / "data" / "tiny" / "raw.parquet").sample(n=ROWS, random_state=3)


def looks(project: Path) -> int:
    with closing(sqlite3.connect(project / ".slipway" / "mlflow.db")) as store:
        [(count,)] = store.execute("SELECT count(*) FROM tags WHERE key = 'slipway.look'")
    return int(count)


def test_a_healthy_log_is_no_alarm_and_a_drifted_one_is_seen(project: Path, log: Path) -> None:
    rows = raw(project)
    asked(project, log, rows)
    outputs = project.parent / "outputs"
    said = succeeded(slipway(project, "monitor", "tiny", "--log", str(log), "--outputs", str(outputs)))
    seen = watch(project)
    assert (seen["version"], seen["counts"]["predictions"], seen["counts"]["feedback"]) == (1, ROWS, ROWS)
    assert (seen["counts"]["requests"], seen["counts"]["refused"]) == (ROWS / 20 + 1, 1)
    assert findings(project, "alarm", "warning") == set()
    assert seen["performance"][0]["rows"] == ROWS
    assert "retrain" in said
    assert {"retrain=false", "alarms=false"} <= set(outputs.read_text().splitlines())
    assert (project / ".slipway" / "tiny" / "monitor" / "report.html").is_file()

    for path in log.glob("predictions-*"):
        path.unlink()
    turned = np.where(rows["left"] == "Yes", "No", "Yes")
    asked(project, log, rows.assign(visits=(rows["visits"] * 0.5).clip(lower=0.5), left=turned))
    succeeded(slipway(project, "monitor", "tiny", "--log", str(log), "--since", "1h"))
    assert "drift of visits" in watch(project)["standing"]
    assert "loss of performance" in findings(project, "alarm")
    told = succeeded(slipway(project, "history", "tiny"))
    assert "loss of performance" in told
    assert looks(project) == 2
    assert leftovers(project) == []


def test_looking_twice_at_the_same_span_is_looking_once(project: Path, log: Path) -> None:
    log.mkdir()
    for _ in range(2):
        succeeded(slipway(project, "monitor", "tiny", "--log", str(log), "--until", "2026-01-31", "--since", "7d"))
    assert looks(project) == 1
    assert "no predictions" in findings(project, "warning", "alarm")


def test_a_log_that_is_nowhere_is_told_and_nothing_is_written(project: Path, log: Path) -> None:
    refused(slipway(project, "monitor", "tiny"), 54, "SLIPWAY_PREDICTION_LOG")
    refused(slipway(project, "monitor", "tiny", env={"SLIPWAY_PREDICTION_LOG": f"{log}/{{use_case}}"}), 54, "log/tiny")
    assert not (project / ".slipway" / "tiny" / "monitor").exists()


def test_a_project_without_a_champion_is_told(fresh: Path, log: Path) -> None:
    refused(slipway(fresh, "monitor", "tiny", "--log", str(log)), 52, "no champion")


def test_a_span_that_is_none_is_told(project: Path, log: Path) -> None:
    refused(slipway(project, "monitor", "tiny", "--log", str(log), "--since", "soon"), 10, "soon")
