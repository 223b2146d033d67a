"""Time and memory of counting a million predictions of twenty inputs, and of the look at what was counted."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from scripts.benches.report import Part, bar, part
from slipway.core.params import MonitorParams, RetrainParams
from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.core.watch import Counts, Span
from slipway.monitoring.batch import Batch
from slipway.monitoring.looking import look
from slipway.monitoring.reference import Reference, read_reference
from slipway.monitoring.situation import Situation
from slipway.monitoring.tally import Tally

REFERENCE_ROWS = 20_000
BATCH_ROWS = 50_000
NUMBERS, WORDS, VALUES = 10, 10, 8
MOST_SECONDS, MOST_GB = 60, 2


def measure(sizes: tuple[int, ...] = (1_000_000,)) -> Part:
    """Each size in a process of its own, so that its memory is its own."""
    rows, bars = [], []
    for size in sizes:
        command = [sys.executable, "-m", __name__, str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": "."})
        counting, looking, gb = (float(figure) for figure in done.stdout.split())
        rows.append([size, NUMBERS + WORDS, counting, looking, gb])
        bars.append(bar(f"{size:,} predictions counted and looked at", counting + looking, MOST_SECONDS, "s"))
        bars.append(bar(f"memory with {size:,} predictions", gb, MOST_GB, "GB"))
    columns = ["predictions", "inputs", "counting, s", "the look, s", "memory of the process, GB"]
    return part("Counting, without reading the log", columns, rows, bars=bars)


def _fields() -> tuple[Field, ...]:
    numbers = [Field(name=f"number {n}", type="number", nullable=False) for n in range(NUMBERS)]
    values = tuple(f"value {n}" for n in range(VALUES))
    return (
        *numbers,
        *(Field(name=f"word {n}", type="category", nullable=False, categories=values) for n in range(WORDS)),
    )


def _rows(count: int, random: np.random.Generator) -> pd.DataFrame:
    values = np.array([f"value {n}" for n in range(VALUES)], object)
    columns = {f"number {n}": random.normal(size=count) for n in range(NUMBERS)}
    words = {f"word {n}": values[random.integers(0, VALUES, count)] for n in range(WORDS)}
    return pd.DataFrame(columns | words)


def _reference(random: np.random.Generator) -> Reference:
    score = random.random(REFERENCE_ROWS)
    outcome = (random.random(REFERENCE_ROWS) < score).astype(float)
    table = _rows(REFERENCE_ROWS, random).assign(__score__=score, __target__=outcome)
    signature = Signature(
        use_case="bench", title="", task=Task.CLASSIFICATION, inputs=_fields(), output="y", examples=()
    )
    return read_reference(table, signature, {field.name: 1.0 for field in signature.inputs})


def _batches(size: int, random: np.random.Generator) -> Iterator[Batch]:
    for start in range(0, size, BATCH_ROWS):
        count = min(BATCH_ROWS, size - start)
        table = _rows(count, random)
        ids = np.arange(start, start + count, dtype=np.uint64)
        columns = {str(name): table[name].to_numpy() for name in table.columns}
        yield Batch(columns, random.random(count), ids, np.full(count, 1.7e9), np.full(count, 3.0))


def _counted(size: int) -> None:
    """Print seconds of counting, seconds of the look, and gigabytes."""
    random = np.random.default_rng(0)
    reference, counting = _reference(random), 0.0
    tally = Tally(reference)
    for batch in _batches(size, random):
        begun = time.perf_counter()
        tally.add(batch)
        counting += time.perf_counter() - begun
    begun = time.perf_counter()
    span = Span(since="2026-01-01T00:00:00+00:00", until="2026-01-08T00:00:00+00:00")
    known = Situation("bench", 1, "", span.since, span, span.until, "roc_auc")
    counts = Counts(predictions=size, requests=size)
    look(reference, tally, None, counts, params=MonitorParams(), retrain=RetrainParams(), situation=known)
    gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(counting, time.perf_counter() - begun, gb)


if __name__ == "__main__":
    _counted(int(sys.argv[1]))
