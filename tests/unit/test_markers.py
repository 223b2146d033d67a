"""A test that needs an engine or a cluster says so where there is none, and fails in CI, where there must be one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documents import PROJECT


@pytest.mark.parametrize("marker", ["engine", "cluster", "prometheus"])
@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("true", "1 error")])
def test_what_is_not_there_is_skipped_and_fails_in_ci(tmp_path: Path, marker: str, ci: str, outcome: str) -> None:
    needing = tmp_path / "test_needing.py"
    needing.write_text(f"import pytest\n\n@pytest.mark.{marker}\ndef test_it():\n    pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", "pyproject.toml", "-n", "0", "-rs"]
    nothing = {"CI": ci, "PATH": str(tmp_path), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [*command, str(needing)], cwd=PROJECT, env=os.environ | nothing, capture_output=True, text=True, check=False
    )
    assert outcome in done.stdout
    assert f"no {marker}: " in done.stdout
