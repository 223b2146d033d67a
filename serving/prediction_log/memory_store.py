"""The twin of the stores: files in memory, with an end of one's own choosing."""

import threading

from serving.prediction_log.stores import Names, Rotation, StoreFailed


class MemoryStore:
    """Keeps files in a dict. While ``broken`` it refuses, and while ``open`` is not set it hangs.

    Attributes:
        files: the finished ones by name.
        under_way: the members of the one that is not.
    """

    rotation = Rotation(size=64 * 2**20, seconds=3600)

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.under_way: list[bytes] = []
        self.broken = False
        self.open = threading.Event()
        self.open.set()
        self._names = Names()

    def __str__(self) -> str:
        return "memory"

    def append(self, member: bytes, lines: int) -> int:
        """Keep a member; its lines are as safe as they get here."""
        self._answer()
        self.under_way.append(member)
        return lines

    def finish(self) -> int:
        """Make a file of the members."""
        self._answer()
        if self.under_way:
            self.files[self._names.next()] = b"".join(self.under_way)
            self.under_way = []
        return 0

    def _answer(self) -> None:
        self.open.wait()
        if self.broken:
            raise StoreFailed("memory cannot be written (broken)")
