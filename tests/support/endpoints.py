"""The endpoint as a process of its own, for clients that want an address."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(bundle: Path, *options: str) -> Iterator[str]:
    """Host and port of ``python -m serving``, once it says that it listens; ended with the block."""
    command = [sys.executable, "-m", "serving", str(bundle), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            address = re.fullmatch(r"listening on http://(127\.0\.0\.1:\d+)\n", said)
            assert address, said or process.communicate()[1]
            yield address[1]
        finally:
            process.kill()
