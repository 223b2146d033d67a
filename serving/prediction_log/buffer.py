"""Entries that wait to be written, bounded in bytes."""

import threading
from collections import deque
from collections.abc import Callable

from serving.telemetry.counters import Counter

Entry = Callable[[], bytes]
"""Makes a line when the writer has time for it: a request waits for no encoder."""


class Buffer:
    """Entries between the requests, which add, and one writer, which takes.

    An entry counts with about the bytes of its line, until the writer frees them; so entries that are being written are
    within the bound too.

    Args:
        most: bytes of all lines with their line ends.
        dropped: counts each entry there was no room for.
        wake: set as soon as the buffer is half full.
    """

    def __init__(self, most: int, dropped: Counter, wake: threading.Event) -> None:
        self._most = most
        self._dropped = dropped
        self._wake = wake
        self._entries: deque[tuple[Entry, int]] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self.held = 0
        self.accepted = 0

    def add(self, entry: Entry, size: int) -> bool:
        """Whether there was room for an entry of about ``size`` bytes."""
        with self._lock:
            if self._closed or self.held + size > self._most:
                self._dropped.add()
                return False
            self._entries.append((entry, size))
            self.held += size
            self.accepted += 1
        if self.held * 2 >= self._most and not self._wake.is_set():
            self._wake.set()
        return True

    def give_up(self) -> None:
        """Count an accepted entry of which no line could be made."""
        with self._lock:
            self.accepted -= 1
            self._dropped.add()

    def take(self, some: int) -> tuple[list[Entry], int]:
        """The oldest entries, of about ``some`` bytes, and their bytes; their room is not freed yet."""
        taken: list[Entry] = []
        size = 0
        while self._entries and size < some:
            entry, its_size = self._entries.popleft()
            taken.append(entry)
            size += its_size
        return taken, size

    def free(self, size: int) -> None:
        """Give back the room of entries that are with the store."""
        with self._lock:
            self.held -= size

    def close(self) -> None:
        """Accept nothing more."""
        with self._lock:
            self._closed = True
