"""A small project with code, and a base to compare it with, for tests of what a change affects."""

import re
from collections.abc import Mapping
from pathlib import Path

from slipway.adapters.git import GitTwin

ROOT = Path(__file__).parents[2]
BASE = "a" * 40
PARAMS = re.sub(r"(?ms)^  (?!churn:)\w+:\n.*?(?=^  \w|\Z)", "", (ROOT / "params.yaml").read_text())
"""params.yaml with the section of churn alone."""

PIPELINE = (ROOT / "dvc.yaml").read_text()
LOCK = """schema: '2.0'
stages:
  collect@churn:
    cmd: slipway collect churn
    outs:
    - path: data/churn/raw.parquet
      md5: {}
  validate@churn:
    outs:
    - md5: not-raw-data
"""
CODE = {
    "src/slipway/__init__.py": "",
    "src/slipway/core/task.py": "",
    "src/slipway/core/errors.py": "",
    "src/slipway/training/lightgbm.py": "from slipway.core.task import Task",
    "src/slipway/training/table.csv": "a,b",
    "src/slipway/evaluation/gates.py": "from slipway.core import (\n    errors,  # all of them\n)",
    "src/slipway/stages/collect.py": "",
    "src/slipway/stages/validate.py": "",
    "src/slipway/stages/prepare.py": "",
    "src/slipway/stages/train.py": "from slipway.training.lightgbm import Trainer",
    "src/slipway/stages/incumbents.py": "",
    "src/slipway/stages/evaluate.py": "from slipway.evaluation import gates",
    "src/slipway/stages/image.py": "def f():\n    from slipway.stages import serve",
    "src/slipway/stages/serve.py": "",
    "src/slipway/cli/main.py": "from slipway.stages import train",
    "src/use_cases/__init__.py": "",
    "src/use_cases/churn/__init__.py": "from use_cases.churn.source import collect",
    "src/use_cases/churn/source/__init__.py": "",
}


def with_use_case(params: str, name: str) -> str:
    """The same, with a second use case like churn."""
    section = params.partition("  churn:\n")[2]
    return f"{params}\n  {name}:\n{section}"


def project(
    root: Path, *, params: str = PARAMS, lock: str = LOCK.format("aaa"), code: Mapping[str, str] | None = None
) -> Path:
    """A working tree of files."""
    files = {"dvc.yaml": PIPELINE, "params.yaml": params, "dvc.lock": lock, **CODE, **(code or {})}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def base(*changed: str, params: str = PARAMS, lock: str = LOCK.format("aaa"), pipeline: str = PIPELINE) -> GitTwin:
    """A repository in which ``main`` is what the working tree comes from, and ``changed`` differ."""
    texts = {"params.yaml": params, "dvc.lock": lock, "dvc.yaml": pipeline}
    return GitTwin(files={(BASE, path): text for path, text in texts.items()}, changed=changed, commits={"main": BASE})
