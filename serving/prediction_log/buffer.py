"""Lines that wait to be written, bounded in bytes."""

import threading
from collections import deque

from serving.telemetry.counters import Counter


class Buffer:
    """Lines between the requests, which add, and one writer, which takes.

    A line's bytes count until the writer frees them, so lines that are being written are within the bound too.

    Args:
        most: bytes of all lines with their line ends.
        dropped: counts each line there was no room for.
        wake: set as soon as the buffer is half full.
    """

    def __init__(self, most: int, dropped: Counter, wake: threading.Event) -> None:
        self._most = most
        self._dropped = dropped
        self._wake = wake
        self._lines: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self.held = 0
        self.accepted = 0

    def add(self, line: bytes) -> bool:
        """Whether there was room."""
        size = len(line) + 1
        with self._lock:
            if self._closed or self.held + size > self._most:
                self._dropped.add()
                return False
            self._lines.append(line)
            self.held += size
            self.accepted += 1
        if self.held * 2 >= self._most and not self._wake.is_set():
            self._wake.set()
        return True

    def drop(self) -> None:
        """Count a line that could not even be made."""
        with self._lock:
            self._dropped.add()

    def take(self, some: int) -> list[bytes]:
        """The oldest lines, of about ``some`` bytes; their room is not freed yet."""
        taken: list[bytes] = []
        size = 0
        while self._lines and size < some:
            line = self._lines.popleft()
            taken.append(line)
            size += len(line) + 1
        return taken

    def free(self, size: int) -> None:
        """Give back the room of lines that are with the store."""
        with self._lock:
            self.held -= size

    def close(self) -> None:
        """Accept nothing more."""
        with self._lock:
            self._closed = True
