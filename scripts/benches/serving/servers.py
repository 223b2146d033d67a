"""The servers that are measured: how each is started, asked and understood."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.benches.project import ROOT

PEERS = Path(__file__).parent / "peers"
PYTHON = sys.executable
OURS, BARE, EMPTY, MLFLOW, LITSERVE, BENTOML = (
    "ours, everything on", "ours, bare", "empty FastAPI", "mlflow models serve", "LitServe", "BentoML",
)  # fmt: skip

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Peer:
    """One server.

    Attributes:
        command: starts it, given a port.
        asked: the JSON that asks for some rows.
        answered: probabilities of its answer's JSON; empty where it has no model.
    """

    name: str
    command: Callable[[int], Sequence[str]]
    asked: Callable[[Sequence[Row]], Any]
    answered: Callable[[Any], Sequence[float]]
    path: str = "/predict"
    folder: Path = ROOT
    environment: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, rows: Sequence[Row]) -> str:
        """The body that asks for some rows."""
        return json.dumps(self.asked(rows))


def peers(bundle: Path, temporary: Path, venv: Path) -> list[Peer]:
    """All of them, over one bundle; what they write goes to a temporary folder."""
    over = {"BENCH_BUNDLE": str(bundle)}
    return [
        *_ours(bundle, temporary),
        Peer(EMPTY, _uvicorn, _one_or_many, lambda _: (), environment=over),
        Peer(MLFLOW, _mlflow(bundle, temporary / "model"), _records, _of_mlflow, "/invocations", temporary),
        Peer(LITSERVE, lambda port: [f"{venv}/bin/python", "litserve_app.py", str(port)], _rows, _listed, folder=PEERS,
             environment=over),
        Peer(BENTOML, _bentoml(venv), _rows, _listed, folder=PEERS,
             environment=over | {"BENTOML_DO_NOT_TRACK": "true", "BENTOML_HOME": str(temporary / "bentoml")}),
    ]  # fmt: skip


def environment_of(peer: Peer) -> dict[str, str]:
    """The environment that a server runs in: ours, without settings of this project."""
    settings = ("SLIPWAY_", "MLFLOW_", "OTEL_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    return kept | {"PYTHONPATH": str(ROOT)} | dict(peer.environment)


def _ours(bundle: Path, temporary: Path) -> list[Peer]:
    from serving.access import keys

    key, line = keys.new("bench")
    file = temporary / "keys"
    file.write_text(f"{line}\n")
    guarded = ["--keys", str(file), "--log-to", str(temporary / "log")]

    def command(*options: str) -> Callable[[int], Sequence[str]]:
        return lambda port: [PYTHON, "-m", "serving", str(bundle), "--port", str(port), *options]

    return [
        Peer(OURS, command(*guarded), _one_or_many, _ours_said, headers={"Authorization": f"Bearer {key}"}),
        Peer(BARE, command(), _one_or_many, _ours_said),
    ]


def _uvicorn(port: int) -> Sequence[str]:
    app = "scripts.benches.serving.peers.empty_fastapi:app"
    fastest = ["--http", "httptools", "--loop", "uvloop", "--no-access-log", "--log-level", "warning"]
    return [PYTHON, "-m", "uvicorn", app, "--port", str(port), *fastest]


def _mlflow(bundle: Path, folder: Path) -> Callable[[int], Sequence[str]]:
    from slipway.adapters.mlflow.model import write_mlflow_model

    write_mlflow_model(folder, bundle)
    program = Path(PYTHON).with_name("mlflow")
    options = ["--env-manager", "local", "--workers", "1"]
    return lambda port: [str(program), "models", "serve", "-m", str(folder), "-p", str(port), *options]


def _bentoml(venv: Path) -> Callable[[int], Sequence[str]]:
    return lambda port: [f"{venv}/bin/bentoml", "serve", "bentoml_app:Churn", "--port", str(port), "--quiet"]


def _one_or_many(rows: Sequence[Row]) -> Any:
    return rows[0] if len(rows) == 1 else {"rows": rows}


def _rows(rows: Sequence[Row]) -> Any:
    return {"rows": rows}


def _records(rows: Sequence[Row]) -> Any:
    return {"dataframe_records": rows}


def _ours_said(answer: Any) -> Sequence[float]:
    return [said["probability"] for said in answer.get("predictions", [answer])]


def _of_mlflow(answer: Any) -> Sequence[float]:
    found = answer["predictions"]
    cells = found["prediction"] if isinstance(found, dict) else found
    return [_number(cell) for cell in cells]


def _number(cell: Any) -> float:
    while not isinstance(cell, int | float):
        cell = next(iter(cell.values())) if isinstance(cell, dict) else cell[0]
    return cell


def _listed(answer: Any) -> Sequence[float]:
    probabilities: Sequence[float] = answer["probabilities"]
    return probabilities
