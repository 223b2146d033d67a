"""The same input gives the same bytes, in another process and with another number of threads."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.workspace import make_workspace, slipway

pytestmark = pytest.mark.pipeline

FROM_TRAINING_ON = ("train", "incumbents", "evaluate")
MADE = (
    "model/model.onnx",
    "model/signature.json",
    "model/background.json",
    "scores.parquet",
    "evaluation.json",
    "metrics.json",
)


def prepared(folder: Path) -> Path:
    workspace = make_workspace(folder)
    for stage in ("collect", "validate", "prepare"):
        assert slipway(workspace, stage, "churn").returncode == 0
    return workspace


def digests(workspace: Path, threads: int) -> dict[str, str]:
    for stage in FROM_TRAINING_ON:
        done = slipway(workspace, stage, "churn", env={"OMP_NUM_THREADS": str(threads)})
        assert done.returncode == 0, done.stderr
    return {name: sha256((workspace / "data/churn" / name).read_bytes()).hexdigest() for name in MADE}


def test_model_predictions_and_metrics_are_the_same_bytes_in_two_processes(tmp_path: Path) -> None:
    one = prepared(tmp_path / "one")
    two = Path(shutil.copytree(one, tmp_path / "two" / "project"))
    assert digests(one, threads=1) == digests(two, threads=2)
