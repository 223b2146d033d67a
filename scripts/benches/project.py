"""A copy of this project with nothing cached, and the command line run in it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.benches.watch import Watched, watch

ROOT = Path(__file__).resolve().parents[2]
SLIPWAY = Path(sys.executable).with_name("slipway")
OURS = ("MLFLOW_", "SLACK_", "SLIPWAY_", "GIT_", "DVC_", "GX_")
AUTHOR = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.org", "-c", "commit.gpgsign=false")
LEFT_BEHIND = ("docs/", "tests/")
STAGE_LINE = re.compile(r"^(✓|·) (\w+) +(?:([\d.]+) s|as is)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One ``slipway run``: what it took, and for each stage whether it ran and its seconds as displayed."""

    watched: Watched
    seconds_by_stage: dict[str, float]
    ran: tuple[str, ...]


def make_project(folder: Path) -> Path:
    """Copy what Git tracks or would track, and commit it; no cache, no registry, no raw table is there."""
    project = folder / "project"
    for name in _own_files():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, project / name)
    git(project, "init", "--quiet", "--initial-branch=main")
    commit(project)
    return project


def commit(project: Path) -> None:
    """Commit everything."""
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--allow-empty", "--message", "State to measure")


def git(project: Path, *arguments: str) -> None:
    """Run Git in the project."""
    subprocess.run(["git", *AUTHOR, *arguments], cwd=project, env=environment(), check=True, capture_output=True)


def run(project: Path) -> Run:
    """``slipway run churn``; raises Failed."""
    watched = slipway(project, "run", "churn")
    lines = STAGE_LINE.findall(watched.output)
    seconds = {stage: float(seconds or 0) for _, stage, seconds in lines}
    return Run(watched, seconds, tuple(stage for mark, stage, _ in lines if mark == "✓"))


def slipway(project: Path, *arguments: str) -> Watched:
    """Run the command in the project, by the project's own code and with no settings; raises Failed."""
    return watch([str(SLIPWAY), *arguments], project, environment() | {"PYTHONPATH": f"{project / 'src'}:{project}"})


def environment() -> dict[str, str]:
    """This process's environment without anything that would configure the project."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | {"COLUMNS": "200"}


def _own_files() -> Sequence[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [n for n in listed if n and not n.startswith(LEFT_BEHIND) and (ROOT / n).is_file()]
