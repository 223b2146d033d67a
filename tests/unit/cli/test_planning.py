import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slipway.cli.app import app
from slipway.cli.commands import COMMANDS  # noqa: F401 - they are commands by being imported
from tests.support.plans import project


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = project(tmp_path / "clone")
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    monkeypatch.chdir(root)
    monkeypatch.delenv("SLIPWAY_BASE", raising=False)
    return root


def ask(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["plan", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_outputs_are_what_a_matrix_is_made_of(clone: Path, tmp_path: Path) -> None:
    (clone / "serving").mkdir()
    (clone / "serving" / "app.py").write_text("")
    ask("--outputs", str(tmp_path / "outputs"))
    told = dict(line.split("=", 1) for line in (tmp_path / "outputs").read_text().splitlines())
    assert {name: json.loads(value) for name, value in told.items()} == {
        "use_cases": [],
        "images": ["churn"],
        "added": [],
        "removed": [],
        "affected": True,
    }


def test_where_nothing_is_affected_the_outputs_say_so(clone: Path, tmp_path: Path) -> None:
    (clone / "README.md").write_text("new")
    said = ask("--outputs", str(tmp_path / "outputs"), "--summary", str(tmp_path / "summary"))
    assert "affected=false\n" in (tmp_path / "outputs").read_text()
    assert said == "nothing is affected\nCompared with main.\nAffects nothing: README.md.\n"
    assert "no use case is affected" in (tmp_path / "summary").read_text()


def test_outputs_and_summary_are_appended(clone: Path, tmp_path: Path) -> None:
    for name in ("outputs", "summary"):
        (tmp_path / name).write_text("before\n")
    ask("--outputs", str(tmp_path / "outputs"), "--summary", str(tmp_path / "summary"))
    assert all((tmp_path / name).read_text().startswith("before\n") for name in ("outputs", "summary"))


def test_a_removed_use_case_is_among_the_outputs(clone: Path, tmp_path: Path) -> None:
    shutil.rmtree(clone / "src/use_cases/churn")
    (clone / "params.yaml").write_text("use_cases: {}\n")
    said = ask("--outputs", str(tmp_path / "outputs"))
    assert 'removed=["churn"]\n' in (tmp_path / "outputs").read_text()
    assert "Removed since: churn." in said


def test_everything_is_affected_without_a_base(clone: Path) -> None:
    assert json.loads(ask("--json", "--since", ""))["use_cases"] == ["churn"]
    assert json.loads(ask("--json", "--all"))["images"] == ["churn"]


def test_planning_loads_no_library_for_values_or_tables() -> None:
    modules = "slipway.cli.planning, slipway.stages.plan, slipway.wiring, slipway.adapters.git"
    heavy = "{'pydantic', 'pandas', 'numpy', 'dvc', 'mlflow', 'rich'}"
    code = f"import sys, {modules}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n"
