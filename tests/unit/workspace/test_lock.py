import subprocess
import sys
from pathlib import Path

import pytest

from slipway.core.errors import LockHeld, WriteFailed
from slipway.workspace.lock import locked

HOLD = """
import sys, pathlib
from slipway.workspace.lock import locked
with locked(pathlib.Path(sys.argv[1]), "slipway run churn", patience=0, waiting=print):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    first = holder(tmp_path / "lock")
    told: list[str] = []
    with pytest.raises(LockHeld) as refused, locked(tmp_path / "lock", "mine", patience=0.3, waiting=told.append):
        pass
    assert f"slipway run churn, process {first.pid}" in refused.value.what
    assert len(told) == 1
    first.communicate()


def test_the_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    first = holder(tmp_path / "lock")
    first.kill()
    first.communicate()
    with locked(tmp_path / "lock", "mine", patience=0, waiting=print):
        pass


def test_a_waiting_run_goes_on_when_the_first_ends(tmp_path: Path) -> None:
    first = holder(tmp_path / "lock")
    with locked(tmp_path / "lock", "mine", patience=30, waiting=lambda _: first.communicate()):
        assert first.returncode == 0


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(WriteFailed, match="could not be written"),
        locked(tmp_path / "file" / "lock", "mine", patience=0, waiting=print),
    ):
        pass
