"""``slipway plan`` in a repository of many use cases."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median

from scripts.benches.commands import MOST_SECONDS
from scripts.benches.project import commit, git, make_project, slipway
from scripts.benches.report import Part, bar, part

USE_CASES = 100


def measure(folder: Path, repeats: int) -> Part:
    """The whole command, for a change of a document and for one of code, params and data that affects all."""
    project = make_project(folder / "many")
    multiply(project, USE_CASES)
    commit(project)
    git(project, "checkout", "--quiet", "-b", "work")
    rows: list[list[object]] = []
    for what, change in CHANGES.items():
        change(project)
        commit(project)
        seconds = sorted(slipway(project, "plan").seconds for _ in range(repeats))
        rows.append([what, median(seconds), seconds[0], seconds[-1]])
    return part(
        f"`slipway plan` with {USE_CASES} use cases",
        ["what changed", "median, s", "fastest", "slowest"],
        rows,
        bars=[bar(f"plan for {USE_CASES} use cases: {what}", seconds, MOST_SECONDS, "s") for what, seconds, *_ in rows],  # type: ignore[arg-type]
    )


def multiply(project: Path, number: int) -> None:
    """Make ``number`` use cases of churn: folders, sections of params.yaml, and their parts of dvc.lock."""
    names = [f"churn_{n:03}" for n in range(1, number)]
    _repeat(project / "params.yaml", re.compile(r"(?ms)^  churn:\n.*"), names)
    lock = project / "dvc.lock"
    if lock.exists():
        _repeat(lock, re.compile(r"(?ms)^  \w+@churn:\n.*"), names)
    for name in names:
        package = project / "src/use_cases" / name
        shutil.copytree(project / "src/use_cases/churn", package, ignore=shutil.ignore_patterns("__pycache__"))
        for module in package.rglob("*.py"):
            module.write_text(module.read_text().replace("use_cases.churn", f"use_cases.{name}"))


def _repeat(file: Path, part_of_churn: "re.Pattern[str]", names: list[str]) -> None:
    text = file.read_text()
    found = part_of_churn.search(text)
    if found is None:
        raise ValueError(f"{file} has nothing of churn to repeat")
    copies = (re.sub(r"\bchurn\b", name, found[0].rstrip("\n") + "\n") for name in names)
    file.write_text(text.rstrip("\n") + "\n" + "".join(copies))


def _append(name: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        with (project / name).open("a") as file:
            file.write("\n# changed\n")

    return change


def _everything(project: Path) -> None:
    _append("src/slipway/core/task.py")(project)
    _replace(project / "params.yaml", "num_leaves: ", "num_leaves: 1")
    _replace(project / "dvc.lock", "md5: ", "md5: 0")


def _replace(file: Path, old: str, new: str) -> None:
    if file.exists():
        file.write_text(file.read_text().replace(old, new))


CHANGES: dict[str, Callable[[Path], None]] = {
    "a document": _append("README.md"),
    "code of one use case": _append("src/use_cases/churn/expectations.py"),
    "code, params and data of all": _everything,
}
