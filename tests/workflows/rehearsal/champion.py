"""What main left behind before a scenario begins: a champion in MLflow, and what was computed for it."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.workflows.rehearsal.repository import git, make_repository
from tests.workflows.rehearsal.standins.environment import place, stamp_of
from tests.workflows.rehearsal.tracking import tracking_server

_DECIDES = ("src", "serving", "params.yaml", "dvc.yaml", "dvc.lock", "data", "requirements", "pyproject.toml")
_COMMANDS = (
    ("run", "churn", "--until", "evaluate"),
    ("register", "churn"),
    ("cache", "push", "churn"),
)


@dataclass(frozen=True)
class Before:
    """Folders to begin with: an MLflow server's, and one that run caches are shared through."""

    tracking: Path
    run_cache: Path


def before(checkout: Path, commit: str, into: Path) -> Before:
    """Make churn's champion with the commands of that commit, unless it was made for the same files already."""
    listing = git(checkout, "ls-tree", commit, "--", *_DECIDES)
    key = hashlib.sha256(listing.encode()).hexdigest()[:16]
    folder = into.resolve() / f"before-{key}"
    made = Before(folder / "mlflow", folder / "run-cache")
    into.mkdir(parents=True, exist_ok=True)
    with (into / ".before").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another rehearsal may be making it
        if not (folder / "done").exists():
            for old in into.glob("before-*"):
                shutil.rmtree(old)
            _make(checkout, commit, folder, made)
            (folder / "done").touch()
    return made


def _make(checkout: Path, commit: str, folder: Path, made: Before) -> None:
    repository = make_repository(checkout, commit, folder / "repository")
    made.run_cache.mkdir(parents=True)
    if not place(repository.clone, checkout, stamp_of(checkout)):
        raise RuntimeError("the environment is not that of requirements/dev.txt: run `make setup` first")
    with tracking_server(made.tracking) as tracking:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(repository.home), "MLFLOW_TRACKING_URI": tracking.uri,
            "SLIPWAY_RUN_CACHE": str(made.run_cache),
        }  # fmt: skip
        for command in _COMMANDS:
            _run(repository.clone, command, environment)
    shutil.rmtree(folder / "repository")


def _run(clone: Path, command: tuple[str, ...], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [str(clone / ".venv" / "bin" / "slipway"), *command], cwd=clone, env=environment, capture_output=True,
        text=True, timeout=600, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"slipway {' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
