"""How collecting and preparing grow with the number of trades: time and memory, from the API's XML to features.

    python -m tests.use_cases.homes.bench_scale [--rows 100000 300000 1000000] [--json build/homes-scale.json]

Trades are generated in the API's own XML, a month of a district at a time, and go the way that fetched ones go: parsed,
kept a Parquet a month, read, placed, written, accepted, validated, prepared. Only the network is left out. Every stage
runs in a process of its own, whose peak of memory is measured. Nothing here is a test: bars are told, not enforced.
"""

import argparse
import json
import multiprocessing
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from slipway.core.params import SplitParams
from slipway.core.source import Errand, Source
from slipway.core.use_case import UseCase
from slipway.workspace.paths import Paths
from use_cases.homes import USE_CASE
from use_cases.homes.expectations import columns, like_before, relations, table
from use_cases.homes.source import seoul
from use_cases.homes.source.gazetteer import TABLE, Gazetteer
from use_cases.homes.source.market import SEOUL
from use_cases.homes.source.molit.answers import read_page
from use_cases.homes.source.molit.calendar import months
from use_cases.homes.source.molit.records import FIELDS, Record

A_MONTH = 400
"""Trades of a district in a month: a page of the API is held at a time, and then a month of the city."""
DISTRICTS = 25
FIRST = "201501"
ROWS = (100_000, 300_000, 1_000_000)
MOST_MEMORY = 2_000
"""Megabytes."""
BLANK = " "


class Ministry:
    """In the place of a client: the trades of a month, generated as XML and parsed; equal for equal months."""

    def __init__(self) -> None:
        rows = TABLE.read_text(encoding="utf-8").splitlines()[1:]
        places = [row.split(",")[:3] for row in rows]
        self._dongs: dict[str, list[tuple[str, str]]] = {code: [] for code, _, dong in places if not dong}
        for code, _, dong in places:
            if dong:
                self._dongs[code[:5]].append((code[5:], dong))

    def month(self, district: str, month: str) -> list[Record]:
        chance = np.random.default_rng(int(district) * 1_000_000 + int(month))
        items = "".join(self._item(district, month, chance) for _ in range(A_MONTH))
        page = (
            f"<response><header><resultCode>000</resultCode></header><body><items>{items}</items>"
            f"<totalCount>{A_MONTH}</totalCount></body></response>"
        )
        return list(read_page(page.encode()).records)

    def _item(self, district: str, month: str, chance: np.random.Generator) -> str:
        dongs = self._dongs[district]
        number, day, floor, built, lot = (int(chance.integers(0, top)) for top in (800, 28, 30, 45, 900))
        code, dong = dongs[number % len(dongs)]
        area = 40 + number % 90 + 0.97
        amount = int(area * chance.lognormal(7.2, 0.25))
        told = {
            "sggCd": district,
            "umdCd": code,
            "umdNm": dong,
            "jibun": f"{lot}-{number % 9}",
            "aptNm": f"아파트 {number}",
            "aptSeq": f"{district}-{number}",
            "excluUseAr": f"{area:.2f}",
            "dealYear": month[:4],
            "dealMonth": str(int(month[4:])),
            "dealDay": str(day + 1),
            "dealAmount": f"{amount:,}".rjust(10),
            "floor": str(floor + 1),
            "buildYear": str(int(month[:4]) - built),
            "cdealType": "O" if chance.random() < 0.05 else BLANK,
        }
        fields = "".join(f"<{name}>{told.get(name, BLANK)}</{name}>" for name in FIELDS)
        return f"<item>{fields}</item>"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and write JSON where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS), help="sizes to measure")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args(arguments)
    console = Console(width=140)
    figures: dict[str, Any] = {"machine": _machine(), "sizes": [_measured(rows, console) for rows in options.rows]}
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    console.print(_shown(figures["sizes"]))


def _measured(rows: int, console: Console) -> dict[str, Any]:
    console.print(f"measuring: {rows:,} trades")
    with tempfile.TemporaryDirectory(prefix="homes-scale-") as folder:
        stages = {name: _alone(stage, Path(folder), rows) for name, stage in STAGES.items()}
    return {
        "trades": rows,
        "stages": stages,
        "seconds": round(sum(stage["seconds"] for stage in stages.values()), 1),
        "peak_mb": max(stage["peak_mb"] for stage in stages.values()),
    }


def _alone(stage: Callable[[Path, int], str], folder: Path, rows: int) -> dict[str, Any]:
    """One stage in a new process: what it says, its seconds, and its peak of memory in megabytes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, stage.__name__, folder, rows))
    process.start()
    theirs.close()
    found: dict[str, Any] = ours.recv()
    process.join()
    return found


def _child(pipe: Any, stage: str, folder: Path, rows: int) -> None:
    started = time.perf_counter()
    said = globals()[stage](folder, rows)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    pipe.send({"said": said, "seconds": round(seconds, 1), "peak_mb": round(peak)})


def fetch_and_collect(folder: Path, rows: int) -> str:
    """From XML to the raw table; nothing is kept yet."""
    from slipway.stages.collect import collect

    calendar = _calendar(rows)
    now = datetime(int(calendar[-1][:4]), int(calendar[-1][4:]), 20, tzinfo=UTC)
    return collect(_use_case(), Paths(folder, "homes"), now=now)


def collect_again(folder: Path, rows: int) -> str:
    """The same with every month kept and fetched on the same day: nothing is parsed."""
    return fetch_and_collect(folder, rows)


def accept(folder: Path, rows: int) -> str:
    """The distributions that validation holds the table to: its own."""
    from slipway.stages.accept import accept

    return accept(Paths(folder, "homes"))


def validate(folder: Path, rows: int) -> str:
    """With Great Expectations."""
    from slipway.adapters.great_expectations.validator import GreatExpectationsValidator
    from slipway.stages.validate import validate

    paths = Paths(folder, "homes")
    use_case = _use_case()
    suite = (*use_case.expectations, *like_before(paths.accepted))
    return validate(replace(use_case, expectations=suite), paths, GreatExpectationsValidator())


def prepare(folder: Path, rows: int) -> str:
    """Features, and rows to train on or to hold out."""
    from slipway.stages.prepare import prepare

    return prepare(_use_case(), Paths(folder, "homes"), SplitParams())


STAGES: dict[str, Callable[[Path, int], str]] = {
    "fetch and collect": fetch_and_collect,
    "collect again": collect_again,
    "accept": accept,
    "validate": validate,
    "prepare": prepare,
}


def _calendar(rows: int) -> list[str]:
    needed = max(1, round(rows / (A_MONTH * DISTRICTS)))
    return list(months(FIRST, datetime(2100, 1, 1, tzinfo=UTC).date()))[:needed]


def _use_case() -> UseCase:
    """As it is for Seoul, whichever market is set."""

    def fetch(errand: Errand) -> Iterator[Any]:
        return seoul.fetch(errand, client=Ministry(), first=FIRST)  # type: ignore[arg-type]

    expectations = (*table(SEOUL), *columns(SEOUL), *relations(SEOUL))
    return replace(USE_CASE, collect=Source(fetch), expectations=expectations)


def _machine() -> dict[str, Any]:
    return {"system": platform.platform(), "python": platform.python_version(), "districts": len(Gazetteer().districts)}


def _shown(sizes: Sequence[dict[str, Any]]) -> Table:
    shown = Table("trades", *STAGES, "together", "peak memory", box=None)
    for size in sizes:
        cells = [f"{stage['seconds']} s, {stage['peak_mb']:,} MB" for stage in size["stages"].values()]
        bar = "" if size["peak_mb"] <= MOST_MEMORY else f" (more than {MOST_MEMORY:,})"
        shown.add_row(f"{size['trades']:,}", *cells, f"{size['seconds']} s", f"{size['peak_mb']:,} MB{bar}")
    return shown


if __name__ == "__main__":
    main()
