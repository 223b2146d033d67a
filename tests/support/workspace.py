"""A project of one's own in a temporary folder, and the command line run there."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PARTS = (
    ".dockerignore",
    ".dvc",
    ".dvcignore",
    ".gitignore",
    "Dockerfile.serve",
    "Dockerfile.train",
    "data",
    "dvc.lock",
    "dvc.yaml",
    "params.yaml",
    "pyproject.toml",
    "requirements",
    "serving",
    "src",
)
OURS = ("MLFLOW_", "SLACK_", "SLIPWAY_", "GIT_", "DVC_", "MOLIT_")
AUTHOR = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false")


def make_workspace(folder: Path) -> Path:
    """Copy this project's own files (not what Git ignores) to ``folder / "project"`` and commit them on ``main``."""
    workspace = folder / "project"
    for name in _own_files():
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, workspace / name)
    git(workspace, "init", "--quiet", "--initial-branch=main")
    commit(workspace, "Start from the project")
    return workspace


def slipway(
    workspace: Path, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run the installed command in ``workspace`` with no settings but those in ``env``."""
    return subprocess.run(
        [command_path(), *arguments],
        cwd=workspace,
        env=clean_environment() | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def command_path(name: str = "slipway") -> str:
    """A console script installed beside this interpreter."""
    return str(Path(sys.executable).parent / name)


def clean_environment() -> dict[str, str]:
    """This process's environment without anything that would configure the project; wide, so that no line breaks."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | {"COLUMNS": "200"}


def git(workspace: Path, *arguments: str) -> str:
    """Run Git in ``workspace``; returns what it printed."""
    command = ["git", *AUTHOR, *arguments]
    answer = subprocess.run(command, cwd=workspace, env=clean_environment(), capture_output=True, text=True, check=True)
    return answer.stdout


def commit(workspace: Path, message: str) -> None:
    """Commit everything that Git does not ignore."""
    git(workspace, "add", "--all")
    git(workspace, "commit", "--quiet", "--allow-empty", "--message", message)


def _own_files() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PARTS]
    listed = subprocess.run(command, cwd=PROJECT, env=clean_environment(), capture_output=True, text=True, check=True)
    return sorted({name for name in listed.stdout.split("\0") if name and (PROJECT / name).is_file()})
