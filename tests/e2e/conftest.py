"""Whole projects in temporary folders: churn as it is, and a tiny use case, bare or trained once for all tests."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from tests.support.workspace import commit, make_workspace, slipway

TINY = Path(__file__).parent / "tiny"


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the use case tiny in the place of all others, nothing run; only to be copied."""
    workspace = make_workspace(tmp_path_factory.mktemp("bare"))
    for folder in [*(workspace / "src" / "use_cases").glob("*/"), workspace / "data"]:
        shutil.rmtree(folder)
    (workspace / "dvc.lock").unlink(missing_ok=True)
    (workspace / "data").mkdir()
    add_use_case(workspace, "tiny")
    shutil.copy2(TINY / "params.yaml", workspace / "params.yaml")
    commit(workspace, "Put tiny in the place of all others")
    return workspace


@pytest.fixture(scope="session")
def trained(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after one run: version 1 is champion. Made once for all workers; only to be copied."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    workspace, done = shared / "trained" / "project", shared / "trained.done"
    with (shared / "trained.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            copy_project(bare, workspace)
            result = slipway(workspace, "run", "tiny")
            assert result.returncode == 0, result.stdout + result.stderr
            done.touch()
    return workspace


@pytest.fixture
def fresh(bare: Path, tmp_path: Path) -> Path:
    """A project of one's own with the use case tiny, nothing run."""
    return copy_project(bare, tmp_path / "project")


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Path:
    """A project of one's own with the use case tiny, run once: version 1 is champion."""
    return copy_project(trained, tmp_path / "project")


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    """A clone of this very project."""
    return make_workspace(tmp_path)


def add_use_case(workspace: Path, name: str) -> None:
    """Put a copy of tiny there, under another name."""
    folder = workspace / "src" / "use_cases" / name
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("__pycache__", "params.yaml"))
    for path in folder.glob("*.py"):
        path.write_text(path.read_text().replace("use_cases.tiny", f"use_cases.{name}").replace('"tiny"', f'"{name}"'))


def copy_project(source: Path, target: Path) -> Path:
    """Copy everything; MLflow's database notes where its artifacts lie, so that is mended."""
    shutil.copytree(source, target, symlinks=True)
    database = target / ".slipway" / "mlflow.db"
    if database.exists():
        _move(database, str(source), str(target))
    return target


def _move(database: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(database)) as store, store:
        tables = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for _, column, kind, *_ in list(store.execute(f'PRAGMA table_info("{table}")')):
                if kind.startswith(("VARCHAR", "TEXT")):
                    store.execute(f'UPDATE "{table}" SET "{column}" = replace("{column}", ?, ?)', (old, new))  # noqa: S608


def change_params(workspace: Path, old: str, new: str) -> None:
    """Replace text in params.yaml."""
    path = workspace / "params.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def needs_collecting(workspace: Path) -> None:
    """Make one stage of a finished project run again."""
    source = workspace / "src/use_cases/tiny/source/__init__.py"
    source.write_text(source.read_text() + "\n# changed\n")


def change_table(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Rewrite a Parquet file."""
    change(pd.read_parquet(path)).to_parquet(path, index=False)


def keepsakes(workspace: Path) -> dict[str, bytes]:
    """Content of every file that runs of tiny make and need: no logs, results, locks or data docs."""
    passing = {"logs", "results", "run.lock", "stage.lock", "data_docs"}
    folders = (workspace / "data" / "tiny", workspace / ".slipway" / "tiny")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    named = {path.relative_to(workspace): path for path in files}
    return {str(name): path.read_bytes() for name, path in named.items() if not passing & set(name.parts)}


def refused(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Assert that a command failed the way every failure is told: three parts, its own code, no traceback."""
    told = result.stdout + result.stderr
    assert result.returncode == code, told
    for part in ("error: ", "likely cause: ", "next step: ", *words):
        assert part in result.stderr, f"{part!r} is missing in\n{told}"
    assert "Traceback" not in told


def succeeded(result: subprocess.CompletedProcess[str]) -> str:
    """Assert that a command did what it was asked; returns what it printed."""
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    return result.stdout


def leftovers(workspace: Path) -> list[str]:
    """Temporary neighbours of files and folders: whoever writes must take them away, or the next one."""
    return [
        str(path.relative_to(workspace))
        for folder in ("data", ".slipway")
        for path in (workspace / folder).rglob(".*")
        if path.name != ".gitignore"
    ]


def versions(workspace: Path) -> dict[int, set[str]]:
    """Number to aliases of every registered version of tiny, read off the store itself; deleted ones left out."""
    database = workspace / ".slipway" / "mlflow.db"
    if not database.exists():
        return {}
    with closing(sqlite3.connect(database)) as store:
        numbers = store.execute("SELECT version FROM model_versions WHERE current_stage != 'Deleted_Internal'")
        found: dict[int, set[str]] = {number: set() for (number,) in numbers}
        for alias, number in store.execute("SELECT alias, version FROM registered_model_aliases"):
            found[number].add(alias)
    return found


def live_runs(workspace: Path) -> int:
    """How many MLflow runs there are that were not deleted."""
    database = workspace / ".slipway" / "mlflow.db"
    if not database.exists():
        return 0
    with closing(sqlite3.connect(database)) as store:
        [(count,)] = store.execute("SELECT count(*) FROM runs WHERE lifecycle_stage = 'active'")
    return int(count)
