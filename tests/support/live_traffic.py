"""A prediction log as endpoints write it: real rows of a model, answered by its bundle, with drift where wanted."""

import gzip
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from serving.bundle.loading import load
from serving.inputs.problems import RequestRefused
from serving.model.service import Service
from serving.prediction_log.entries import Entries

Cells = dict[str, Any]
Change = Callable[[Cells], Cells]
TARGET = "__target__"
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Traffic:
    """Requests of one row each.

    Attributes:
        rows: how many, drawn from the reference without putting back.
        until, hours: they come evenly spread over so many hours up to then.
        feedback: share of rows whose outcome came, an hour after the prediction or at the end.
        change: what happened to the rows on their way, the outcome left alone; None for nothing.
    """

    rows: int
    until: datetime
    hours: float
    feedback: float = 1.0
    change: Change | None = None
    seed: int = 7


def write_log(folder: Path, bundle: Path, reference: Path, version: int, traffic: Traffic) -> Path:
    """Write one finished file into ``folder``, which is made; returns it.

    ``reference`` is the table that a version was registered with: its inputs, and what came true of them.
    """
    service = Service(load(bundle), str(version))
    entries = Entries(service.bundle.signature, service.name, b"salt")
    folder.mkdir(parents=True, exist_ok=True)
    begin = traffic.until - timedelta(hours=traffic.hours)
    path = folder / f"predictions-{begin:%Y%m%dT%H%M%SZ}-{traffic.seed}-test-7-0.jsonl.gz"
    lines = sorted(_lines(service, entries, pd.read_parquet(reference), traffic))
    path.write_bytes(gzip.compress(b"".join(line + b"\n" for _, line in lines)))
    return path


def _lines(service: Service, entries: Entries, table: pd.DataFrame, traffic: Traffic) -> Iterator[tuple[float, bytes]]:
    """When each entry came, and the entry; a row that the endpoint does not take is refused, as it would be there."""
    drawn = table[table[TARGET].notna()].sample(traffic.rows, random_state=traffic.seed)
    chance, end = random.Random(traffic.seed), traffic.until.timestamp()  # no secret hangs on it
    pause = traffic.hours * 3600 / traffic.rows
    for place, cells in enumerate(_sent(service, drawn, traffic.change)):
        at, name = end - (traffic.rows - place) * pause, f"{traffic.seed}-{traffic.until:%d%H%M%S}-{place}"
        try:
            rows = service.decoder.check([cells]).rows
        except RequestRefused as refused:
            problems = [problem.model_dump() for problem in refused.problems]
            yield at, entries.refused(name, at, problems, route="/predict", trace=None)
            continue
        seconds = 0.0003 * (1 + chance.random())
        said = service.predict(rows)
        yield at, entries.prediction(name, at, rows, said, seconds=seconds, route="/predict", trace=None)
        if chance.random() < traffic.feedback:
            came = min(at + 3600, end - 0.001)
            yield came, entries.feedback(name, came, 0, float(drawn[TARGET].iloc[place]))


def _sent(service: Service, drawn: pd.DataFrame, change: Change | None) -> Iterator[Cells]:
    inputs = {field.name: field.type for field in service.bundle.signature.inputs}
    for row in drawn[list(inputs)].to_dict("records"):
        cells = _cells(row, inputs)
        yield change(cells) if change else cells


def _cells(row: Mapping[Any, Any], inputs: Mapping[str, str]) -> Cells:
    """As a caller sends them: null for what is missing, days as words."""
    return {name: _cell(row[name], kind) for name, kind in inputs.items()}


def _cell(value: Any, kind: str) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return str(_EPOCH + timedelta(days=float(value))) if kind == "date" else value


def now() -> datetime:
    """The present, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
