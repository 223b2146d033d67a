"""How long reading and counting a prediction log takes, and how much memory. Run it where nothing else runs.

    python scripts/bench_monitor_scale.py [--rows 100000 1000000 10000000] [--json PATH] [--folder FOLDER]

Each size is a log as the endpoint writes it, 20 inputs and one row a request, with an outcome for every second row,
half of them half a file later. It is read from a folder by a process of its own: entries, outcomes
joined, counted against a reference of 20,000 rows, and the look that comes of it.
"""

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from scripts.benches.machine import describe, load_average
from slipway.adapters.prediction_log.folder import FolderLog
from slipway.core.params import MonitorParams, RetrainParams
from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.core.watch import Span
from slipway.monitoring.log.reading import Watched
from slipway.monitoring.looking import look
from slipway.monitoring.reference import SCORE, TARGET, read_reference
from slipway.monitoring.situation import Situation
from slipway.monitoring.tally import Tally
from slipway.stages.log_reading import read_log

ROWS = (100_000, 1_000_000, 10_000_000)
NUMBERS, CATEGORIES = 10, 10
WORDS = ("Month-to-month", "One year", "Two year", "No internet service")
RECORD = "a" * 64
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)
A_FILE = 250_000
A_MEMBER = 360
POOL = 4_000


def main() -> None:
    """Make logs, read each in a process of its own, print what that took."""
    options = _options()
    if options.read is not None:
        print(json.dumps(_read(options.read)))
        return
    figures: dict[str, Any] = {
        "machine": describe(),
        "sizes": [_measured(rows, options.folder) for rows in options.rows],
    }
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    _show(figures["sizes"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS), help="how many predictions")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--folder", type=Path, help="where logs are made, and deleted again (default: a temporary one)")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(rows: int, parent: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="slipway-log-", dir=parent) as folder:
        Console(stderr=True).print(f"writing a log of {rows:,} predictions")
        size = _write(Path(folder), rows)
        busy = load_average()
        command = [sys.executable, "-m", "scripts.bench_monitor_scale", "--read", folder]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        Console(stderr=True).print(said.stderr, end="")
        load = {"before": busy, "after": load_average()}
        read: dict[str, Any] = json.loads(said.stdout)
        return {"rows": rows, "compressed_bytes": size, "load_average": load} | read


def _read(folder: Path) -> dict[str, Any]:
    """In a process of its own, so that its peak memory is that of reading alone."""
    reference = read_reference(_reference(), _signature(), {f"number {n}": 1.0 for n in range(NUMBERS)})
    began, spent = time.monotonic(), time.process_time()
    tally = Tally(reference)
    watched = Watched(RECORD, _signature(), BEGIN.timestamp(), END.timestamp(), 0.0, END.timestamp(), BEGIN.timestamp())
    read = read_log(
        FolderLog(folder),
        watched,
        tally.add,
        feedback_days=92.0,
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )
    reading = time.monotonic() - began
    watch = look(
        reference,
        tally,
        read.outcomes,
        read.counts,
        params=MonitorParams(),
        retrain=RetrainParams(),
        situation=Situation("bench", 1, RECORD, BEGIN.isoformat(), _span(), END.isoformat(), "roc_auc"),
    )
    return {
        "reading_seconds": round(reading, 1),
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - spent, 1),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
        "predictions": watch.counts.predictions,
        "outcomes": watch.counts.feedback,
        "findings": [found.name for found in watch.findings],
    }


def _span() -> Span:
    return Span(since=BEGIN.isoformat(), until=END.isoformat())


def _signature() -> Signature:
    numbers = [Field(name=f"number {n}", type="number", nullable=True, low=-6.0, high=6.0) for n in range(NUMBERS)]
    words = [Field(name=f"word {n}", type="category", nullable=True, categories=WORDS) for n in range(CATEGORIES)]
    return Signature(
        use_case="bench",
        title="A log of any size",
        task=Task.CLASSIFICATION,
        inputs=(*numbers, *words),
        output="probability",
        threshold=0.5,
        examples=({},),
    )


def _reference(rows: int = 20_000) -> pd.DataFrame:
    dice = np.random.default_rng(1)
    numbers = {f"number {n}": dice.normal(size=rows) for n in range(NUMBERS)}
    words = {f"word {n}": dice.choice(np.array(WORDS, object), rows) for n in range(CATEGORIES)}
    scores = dice.random(rows)
    return pd.DataFrame({**numbers, **words, SCORE: scores, TARGET: (dice.random(rows) < scores).astype(float)})


def _write(folder: Path, rows: int) -> int:
    dice = np.random.default_rng(2)
    pool = [_inputs(dice) for _ in range(POOL)]
    for number, start in enumerate(range(0, rows, A_FILE)):
        begun = BEGIN.timestamp() + start / rows * (END - BEGIN).total_seconds()
        name = f"predictions-{datetime.fromtimestamp(begun, UTC):%Y%m%dT%H%M%SZ}-host-7-{number}.jsonl.gz"
        with (folder / name).open("wb") as file:
            lines = list(_lines(dice, pool, start, min(rows, start + A_FILE), rows))
            for first in range(0, len(lines), A_MEMBER):
                file.write(gzip.compress("".join(lines[first : first + A_MEMBER]).encode(), 1, mtime=0))
    return sum(path.stat().st_size for path in folder.iterdir())


def _inputs(dice: np.random.Generator) -> str:
    numbers = {f"number {n}": round(float(dice.normal()), 3) for n in range(NUMBERS)}
    words = {f"word {n}": str(dice.choice(WORDS)) for n in range(CATEGORIES)}
    return json.dumps(numbers | words, separators=(",", ":"))


def _lines(dice: np.random.Generator, pool: list[str], start: int, stop: int, rows: int) -> Iterator[str]:
    """Every fourth prediction has an outcome at once, and every fourth half a file later."""
    model = f'{{"name":"bench","version":"1","record":"{RECORD}"}}'
    rest = f'"latency_ms":0.312,"route":"/predict","trace":"00-{"b" * 32}-{"c" * 16}-01"'
    step = (END - BEGIN).total_seconds() / rows
    scores, drawn = dice.random(stop - start), dice.integers(0, POOL, stop - start)
    for row, score, which in zip(range(start, stop), scores, drawn, strict=True):
        at = datetime.fromtimestamp(BEGIN.timestamp() + row * step, UTC).isoformat(timespec="milliseconds")[:23] + "Z"
        said = f'[{{"probability":{score:.17f},"label":{int(score > 0.5)},"warnings":[]}}]'
        yield (
            f'{{"kind":"prediction","id":"0192f0c1-7a3b-{row:024d}","time":"{at}","model":{model},'
            f'"inputs":[{pool[which]}],"outputs":{said},{rest}}}\n'
        )
        about = row if row % 4 == 3 else row - A_FILE // 2
        if row % 2 and about >= 0:
            told = f'"id":"0192f0c1-7a3b-{about:024d}","time":"{at}","row":0,"outcome":{row % 3 // 2}'
            yield f'{{"kind":"feedback",{told}}}\n'


def _show(sizes: Sequence[dict[str, Any]]) -> None:
    table = Table("predictions", "outcomes", "compressed MB", "seconds", "of it CPU", "peak MB", box=None)
    for size in sizes:
        cells = [f"{size['predictions']:,}", f"{size['outcomes']:,}", f"{size['compressed_bytes'] / 1e6:,.0f}"]
        table.add_row(*cells, f"{size['seconds']:,}", f"{size['cpu_seconds']:,}", f"{size['peak_megabytes']:,}")
    Console().print(table)


if __name__ == "__main__":
    main()
