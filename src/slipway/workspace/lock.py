"""One run of a use case at a time, on this machine."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from slipway.core.errors import LockHeld
from slipway.workspace.files import unwritable


@contextmanager
def locked(path: Path, purpose: str, *, patience: float, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file ``path``; the system lets go of it however the process ends.

    Args:
        patience: seconds to wait for another holder.
        waiting: told once, in words, who holds the lock.

    Raises:
        LockHeld: another process still held it when patience ended.
        WriteFailed: the file cannot be written.
    """
    with _opened(path) as file:
        _acquire(file.fileno(), path, patience, waiting)
        _sign(file, path, purpose)
        yield


def _opened(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab+", buffering=0)
    except OSError as error:
        raise unwritable(path, error) from error


def _sign(file: BinaryIO, path: Path, purpose: str) -> None:
    note = {"purpose": purpose, "pid": os.getpid(), "since": datetime.now(UTC).isoformat()}
    try:
        file.truncate(0)
        file.write(json.dumps(note).encode())
    except OSError as error:
        raise unwritable(path, error) from error


def _acquire(handle: int, path: Path, patience: float, waiting: Callable[[str], None]) -> None:
    deadline = time.monotonic() + patience
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = _holder(path)
            if time.monotonic() >= deadline:
                raise LockHeld(
                    f"another run is at work: {holder}",
                    cause="two runs of the same use case were started",
                    next_step="wait until it ends, or stop that process, and run the same command again",
                ) from None
            if not told:
                waiting(holder)
                told = True
            time.sleep(0.1)


def _holder(path: Path) -> str:
    try:
        note = json.loads(path.read_text())
        return f"{note['purpose']}, process {note['pid']}, since {note['since'][:19]}Z"
    except (OSError, ValueError, KeyError):
        return "a process that has not said who it is"
