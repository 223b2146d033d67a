"""Numbers that count up, kept in memory which all workers share, so that any of them can tell the sum."""

import mmap
from collections.abc import Sequence

_BYTES = 8


class Counter:
    """One number of one worker. Only that worker adds to it, so no lock is needed."""

    __slots__ = ("_cells", "_position")

    def __init__(self, cells: "memoryview[float]", position: int) -> None:
        self._cells = cells
        self._position = position

    def add(self, amount: float = 1.0) -> None:
        """Count up by ``amount``."""
        self._cells[self._position] += amount

    def set(self, value: float) -> None:
        """Say what it is now; for numbers that go up and down."""
        self._cells[self._position] = value


class Counters:
    """A table of float64 numbers, one row a worker and one column a name, made before the workers are forked.

    A worker that is started again in place of one that died goes on counting in the same row.

    Args:
        names: every number there will ever be; the table cannot grow.
    """

    def __init__(self, names: Sequence[str], workers: int = 1) -> None:
        self._columns = {name: column for column, name in enumerate(names)}
        self._workers = workers
        self._row = 0
        shared = mmap.mmap(-1, max(1, len(self._columns) * workers) * _BYTES)
        self._cells: memoryview[float] = memoryview(shared).cast("d")

    def work_as(self, worker: int) -> None:
        """Count in the row of that worker from now on, for counters taken after this."""
        self._row = worker

    def counter(self, name: str) -> Counter:
        """This worker's number of that name."""
        return Counter(self._cells, self._row * len(self._columns) + self._columns[name])

    def sum(self, name: str) -> float:
        """The number over all workers."""
        return float(sum(self._cells[self._columns[name] :: len(self._columns)]))
