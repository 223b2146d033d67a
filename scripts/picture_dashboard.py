"""A dashboard of real models with several looks, to take pictures of: champions are asked for rows they never saw.

    python scripts/picture_dashboard.py [--days 8] [--rows 600] [--changed churn:monthly_charges]

Every day its endpoint answers a sample of the holdout and is told the outcomes; from the sixth day on a column is
changed by a fifth. What the log says was a day later each time, so that a week passes in minutes. The looks go to a
copy of the local registry below build/pictures, and nothing of them stays in the real one.
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pandas as pd

from slipway.adapters.mlflow.watches import MlflowWatches
from slipway.core.signature import Signature
from slipway.ports import Watches
from slipway.settings import read_settings
from slipway.stages.dashboard import portray, write_site
from slipway.stages.monitor import Outside, monitor
from slipway.stages.span import span_of
from slipway.wiring import Project

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "build" / "pictures"
FROM_DAY = 6
FACTOR = 1.2
TARGET = "__target__"


@dataclass(frozen=True)
class Plan:
    """How many days, how many rows a day, and which column of which use case is changed."""

    days: int
    rows: int
    changed: tuple[str, str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, look, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=8)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--changed", default="churn:monthly_charges")
    told = parser.parse_args(arguments)
    name, _, column = told.changed.partition(":")
    plan = Plan(told.days, told.rows, (name, column))
    project = _copied()
    names = [name for name in sorted(project.params.use_cases) if project.registry.aliased(name, "champion")]
    for name in names:
        _week(project, name, plan)
    portraits = [portray(n, project.use_case(n).title, project.registry, project.watches) for n in names]
    for path in write_site(portraits, PLACE / "site", datetime.now(UTC) + timedelta(days=plan.days - 1, hours=1)):
        print(path)


class _Copied(Project):
    """This project, with a copy of its registry's tables; artifacts are read where they lie, and looks go beside."""

    @cached_property
    def watches(self) -> Watches:
        return MlflowWatches(self.settings.tracking_uri, PLACE / "artifacts")


def _copied() -> Project:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    shutil.copyfile(ROOT / ".slipway" / "mlflow.db", PLACE / "mlflow.db")
    return _Copied(read_settings(ROOT, {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{PLACE / 'mlflow.db'}"}))


def _week(project: Project, name: str, plan: Plan) -> None:
    number = next(v.number for v in project.registry.versions(name) if "champion" in v.aliases)
    bundle = project.registry.fetch_bundle(name, number, PLACE / name / "bundle")
    signature = Signature.model_validate_json((bundle / "signature.json").read_bytes())
    holdout = pd.read_parquet(project.paths(name).holdout)
    log = PLACE / name / "log"
    log.mkdir()
    for day in range(plan.days):
        sample = holdout.sample(plan.rows, random_state=day)
        if name == plan.changed[0] and day + 1 >= FROM_DAY:
            sample[plan.changed[1]] *= FACTOR
        today = PLACE / name / f"day-{day}"
        with _endpoint(bundle, str(number), today) as client:
            _ask(client, signature, sample)
        _move(today, log, timedelta(days=day))
        _look(project, name, log, datetime.now(UTC) + timedelta(days=day, minutes=1))


def _ask(client: httpx.Client, signature: Signature, sample: pd.DataFrame) -> None:
    """One request a row, and its outcome where it was answered."""
    for row in sample.to_dict("records"):
        sent = {field.name: _cell(row[field.name], field.type) for field in signature.inputs}
        answer = client.post("/predict", json=sent)
        if answer.status_code == 200:
            outcome = {"request_id": answer.json()["request_id"], "outcome": row[TARGET]}
            client.post("/feedback", json=outcome).raise_for_status()


def _cell(value: Any, kind: str) -> Any:
    if pd.isna(value):
        return None
    if kind == "date":
        return (date(1970, 1, 1) + timedelta(days=int(value))).isoformat()
    return float(str(value)) if kind == "number" else value


@contextmanager
def _endpoint(bundle: Path, version: str, log: Path) -> Iterator[httpx.Client]:
    command = [sys.executable, "-m", "serving", str(bundle), "--port", "0", "--log-to", str(log)]
    command += ["--model-version", version]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        address = next(iter(running.stdout or ())).strip().removeprefix("listening on ")
        with httpx.Client(base_url=address, timeout=30) as client:
            yield client
        running.terminate()


def _move(today: Path, log: Path, later: timedelta) -> None:
    """The day's files, as if they had been written ``later``."""
    for path in today.glob("predictions-*.jsonl.gz"):
        entries = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
        for entry in entries:
            entry["time"] = (datetime.fromisoformat(entry["time"]) + later).isoformat(timespec="milliseconds")
        lines = "".join(f"{json.dumps(entry)}\n" for entry in entries)
        began = datetime.strptime(path.name.split("-")[1], "%Y%m%dT%H%M%S%z")
        name = path.name.replace(path.name.split("-")[1], (began + later).strftime("%Y%m%dT%H%M%SZ"))
        (log / name).write_bytes(gzip.compress(lines.encode()))
        written = path.stat().st_mtime + later.total_seconds()
        os.utime(log / name, (written, written))


def _look(project: Project, name: str, log: Path, until: datetime) -> None:
    span = span_of("1d", until.isoformat(), 1.0, until)
    outside = Outside(project.registry, project.prediction_log(name, str(log)), project.watches, None)
    looked = monitor(
        project.use_case(name), project.paths(name), project.section(name), outside, span=span, now=until, say=print
    )
    print(name, span.until, looked.watch.retrain.answer, *looked.watch.alarms)


if __name__ == "__main__":
    main()
