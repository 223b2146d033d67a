"""Months on disk: what is fetched again, what is not, and what a kill leaves."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from slipway.core.errors import SourceUnavailable
from slipway.workspace.files import write_bytes
from tests.support.documents import PROJECT
from tests.support.molit import KEY, MolitServer, gateway, molit_server, trade, trades
from use_cases.homes.source.molit.calendar import is_due, settled_on
from use_cases.homes.source.molit.client import Client
from use_cases.homes.source.molit.fetching import bring_up_to_date
from use_cases.homes.source.molit.pace import Pace
from use_cases.homes.source.molit.records import FIELDS
from use_cases.homes.source.molit.store import Store

GANGNAM, JUNG = "11680", "11140"
WANTED = [(district, month) for month in ("202311", "202312", "202401") for district in (JUNG, GANGNAM)]
TODAY = date(2024, 2, 20)


@pytest.fixture
def server() -> Iterator[MolitServer]:
    with molit_server() as running:
        for district, month in WANTED:
            running.register(district, month, *trades(district, month, 15))
        yield running


def store(folder: Path) -> Store:
    return Store(folder, lambda name, content: write_bytes(folder / name, content))


def fetch(server: MolitServer, folder: Path, today: date = TODAY, told: list[str] | None = None) -> None:
    client = Client(KEY, server.url, page_rows=10, pace=Pace(1e9, wait=lambda _: None))
    bring_up_to_date(store(folder), client, WANTED, today, (told if told is not None else []).append)


def kept(folder: Path) -> Counter[tuple[str | None, ...]]:
    rows = [store(folder).read(district, month, FIELDS).to_pylist() for district, month in WANTED]
    return Counter(tuple(row.values()) for month in rows for row in month)


def test_each_month_of_a_district_is_a_file(server: MolitServer, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    files = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.parquet"))
    assert files == sorted(f"{district}/{month[:4]}-{month[4:]}.parquet" for district, month in WANTED)
    assert kept(tmp_path).total() == 15 * len(WANTED)


def test_a_second_collection_on_the_same_day_asks_nothing(server: MolitServer, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    asked = len(server.asked)
    fetch(server, tmp_path)
    assert len(server.asked) == asked


def test_late_registrations_are_fetched_and_settled_months_are_not_asked_for(
    server: MolitServer, tmp_path: Path
) -> None:
    fetch(server, tmp_path)
    later = settled_on("202311")
    fetch(server, tmp_path, later)
    server.asked.clear()
    server.register(GANGNAM, "202401", trade(dealAmount="1"))
    server.register(GANGNAM, "202311", trade(dealAmount="2"))
    fetch(server, tmp_path, later + timedelta(days=1))
    assert {month for _, month in server.months_asked} == {"202312", "202401"}
    amounts = {row[FIELDS.index("dealAmount")] for row in kept(tmp_path)}
    assert "1" in amounts
    assert "2" not in amounts


def test_a_trade_that_is_called_off_later_is_told_so(server: MolitServer, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    server.registered[JUNG, "202401"][0] |= {"cdealType": "O", "cdealDay": "24.02.21"}
    fetch(server, tmp_path, TODAY + timedelta(days=1))
    assert sum(n for row, n in kept(tmp_path).items() if row[FIELDS.index("cdealType")] == "O") == 1
    assert kept(tmp_path).total() == 15 * len(WANTED)


def test_when_the_quota_is_used_what_came_is_kept_and_the_rest_comes_the_next_day(
    server: MolitServer, tmp_path: Path
) -> None:
    server.quota = 7
    told: list[str] = []
    with pytest.raises(SourceUnavailable, match="daily quota"):
        fetch(server, tmp_path, told=told)
    assert "3 of 6 fetched before" in told[-1]
    assert len(list(tmp_path.rglob("*.parquet"))) == 3
    server.quota = None
    server.asked.clear()
    fetch(server, tmp_path)
    assert set(server.months_asked) == set(WANTED[3:])
    assert kept(tmp_path).total() == 15 * len(WANTED)


def test_a_month_that_was_damaged_is_fetched_anew(server: MolitServer, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    damaged = tmp_path / GANGNAM / "2023-11.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-20])
    server.asked.clear()
    fetch(server, tmp_path)
    assert set(server.months_asked) == {(GANGNAM, "202311")}
    assert kept(tmp_path).total() == 15 * len(WANTED)


def test_a_month_that_cannot_be_fetched_keeps_what_was_known_of_it(server: MolitServer, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    before = kept(tmp_path)
    server.fail(gateway("31"))
    with pytest.raises(SourceUnavailable, match="expired"):
        fetch(server, tmp_path, TODAY + timedelta(days=1))
    assert kept(tmp_path) == before


@pytest.mark.parametrize(
    ("fetched", "today", "due"),
    [
        (None, date(2024, 1, 15), True),
        (date(2024, 1, 15), date(2024, 1, 15), False),
        (date(2024, 1, 15), date(2024, 1, 16), True),
        (date(2024, 4, 30), date(2024, 5, 20), True),
        (date(2024, 5, 1), date(2024, 5, 20), False),
        (date(2025, 1, 1), date(2026, 1, 1), False),
    ],
)
def test_a_month_is_due_until_it_was_fetched_ninety_days_after_its_end(
    fetched: date | None, today: date, due: bool
) -> None:
    assert settled_on("202401") == date(2024, 5, 1)
    assert is_due("202401", fetched, today) is due


COLLECT = """
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from slipway.core.source import Source
from slipway.stages.collect import collect
from slipway.workspace.paths import Paths
from use_cases.homes import USE_CASE
from use_cases.homes.source import seoul
from use_cases.homes.source.molit.client import Client
root, key, url, now = sys.argv[1:]
fetch = lambda errand: seoul.fetch(errand, client=Client(key, url, page_rows=4), first="202401")
use_case = replace(USE_CASE, collect=Source(fetch, (seoul.KEY,)))
print(collect(use_case, Paths(Path(root), "homes"), {}, now=datetime.fromisoformat(now)))
"""


def collecting(server: MolitServer, root: Path, now: datetime) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", COLLECT, str(root), KEY, server.url, now.isoformat()],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def test_a_kill_in_the_middle_of_a_month_loses_and_duplicates_nothing(server: MolitServer, tmp_path: Path) -> None:
    server.register("11305", "202401", *trades("11305", "202401", 9))
    now = datetime(2024, 1, 25, tzinfo=UTC)
    started: list[subprocess.Popen[bytes]] = []

    def kill_between_two_pages(query: dict[str, str]) -> None:
        if query["LAWD_CD"] == GANGNAM and query["pageNo"] == "3" and len(started) == 1:
            os.killpg(started[0].pid, signal.SIGKILL)
            started[0].wait()

    server.before = kill_between_two_pages
    killed = collecting(server, tmp_path / "killed", now)
    started.append(killed)
    assert killed.wait(60) == -signal.SIGKILL
    months = tmp_path / "killed" / "data" / "homes" / "kept"
    assert store(months).fetched("11305", "202401") == date(2024, 1, 25)
    assert store(months).fetched(GANGNAM, "202401") is None
    assert not (tmp_path / "killed" / "data" / "homes" / "raw.parquet").exists()

    started.append(killed)
    server.asked.clear()
    assert collecting(server, tmp_path / "killed", now).wait(60) == 0
    assert server.months_asked["11305", "202401"] == 0
    assert server.months_asked[GANGNAM, "202401"] == 4
    assert collecting(server, tmp_path / "whole", now).wait(60) == 0
    tables = [pd.read_parquet(tmp_path / name / "data" / "homes" / "raw.parquet") for name in ("killed", "whole")]
    pd.testing.assert_frame_equal(*tables)
    assert len(tables[0]) == 15 + 15 + 9
    assert tables[0]["sale_id"].is_unique
    assert [file.name for file in months.rglob(".*")] == []
