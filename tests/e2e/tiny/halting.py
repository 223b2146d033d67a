"""Stops a process at a named place, for a test to kill it there or to let it go on.

``TINY_HALT`` names the command, the event that Python reports to its audit hooks, and a part of the path concerned,
such as ``train os.rename scores.parquet``. There the process writes its id into the file ``TINY_HALTED`` and stays
until that file is removed.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def install() -> None:
    """Watch for the place, when this process is the command it lies in."""
    command, _, place = os.environ.get("TINY_HALT", "").partition(" ")
    if place and sys.argv[1:2] == [command]:
        event, _, part = place.partition(" ")
        sys.addaudithook(_halt_at(event, part, Path(os.environ["TINY_HALTED"])))


def _halt_at(event: str, part: str, halted: Path) -> Callable[[str, tuple[Any, ...]], None]:
    seen: list[str] = []

    def watch(name: str, arguments: tuple[Any, ...]) -> None:
        if name == event and not seen and any(part in str(argument) for argument in arguments):
            seen.append(name)
            halted.write_text(str(os.getpid()))
            while halted.exists():
                time.sleep(0.02)

    return watch
