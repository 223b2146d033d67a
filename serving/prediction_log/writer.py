"""The thread that brings lines to a store: in batches, compressed, again and again until the store takes them."""

import gzip
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from serving.prediction_log.buffer import Buffer, Entry
from serving.prediction_log.stores import Store, StoreFailed
from serving.telemetry.counters import Counter

MEMBER_BYTES = 256 * 1024  # joined in one step that holds the interpreter, so it must be short
COMPRESSION_LEVEL = 3  # of the cheap ones the smallest, see docs/prediction-log.md
LINES_AT_ONCE = 32
_PAUSE = 0.0005
_WAIT_AT_THE_END = 0.05

_log = logging.getLogger("serving.prediction_log")


@dataclass(frozen=True, slots=True)
class Pace:
    """When the writer does what; all times in seconds.

    Attributes:
        rotate_bytes: compressed size from which a file is finished.
        retry: wait after the first failure; doubled at each further one up to ``longest_retry``.
    """

    rotate_bytes: int
    rotate: float
    flush: float
    retry: float
    longest_retry: float


class Writer:
    """Takes from a buffer, gives to a store.

    Args:
        written: counts lines that the store keeps even if this process dies.
        dropped: counts lines that were accepted and had to be given up at the end.
        failed: counts attempts that the store refused.
    """

    def __init__(
        self,
        buffer: Buffer,
        store: Store,
        pace: Pace,
        wake: threading.Event,
        *,
        written: Counter,
        dropped: Counter,
        failed: Counter,
    ) -> None:
        self._buffer, self._store, self._pace, self._wake = buffer, store, pace, wake
        self._written, self._dropped, self._failed = written, dropped, failed
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._deadline = float("inf")
        self._size = 0
        self._since: float | None = None
        self._safe = 0
        self._settled = False
        self._settling = threading.Lock()
        self._told_unfit = False
        self._wait = 0.0  # of the outage under way

    def start(self) -> None:
        """Begin writing, in the process that calls."""
        if self._thread is None and not self._stopping.is_set():
            self._thread = threading.Thread(target=self._run, name="prediction-log", daemon=True)
            self._thread.start()

    def stop(self, seconds: float) -> None:
        """Write what is left and finish the file, for that long at most; the rest counts as dropped."""
        if not self._stopping.is_set():
            self._deadline = time.monotonic() + seconds
            self._buffer.close()
            self._stopping.set()
            self._wake.set()
        if self._thread is not None:
            self._thread.join(max(0.0, self._deadline - time.monotonic()) + _WAIT_AT_THE_END)
        self._settle()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._pace.flush)
            self._wake.clear()
            if self._flush() and self._is_due():
                self._finish()
        if self._flush():
            self._finish()
        self._settle()

    def _flush(self) -> bool:
        while True:
            entries, size = self._buffer.take(MEMBER_BYTES)
            if not entries:
                return True
            if not self._append(self._lines(entries), size):
                return False
            if self._size >= self._pace.rotate_bytes and not self._finish():
                return False

    def _lines(self, entries: Sequence[Entry]) -> list[bytes]:
        """Made a few at a time, with pauses in which requests have the interpreter to themselves."""
        lines = []
        for position, entry in enumerate(entries, 1):
            try:
                lines.append(entry())
            except Exception as error:  # an entry that cannot be encoded must not cost the others their place
                self._buffer.give_up()
                self._tell_unfit(error)
            if position % LINES_AT_ONCE == 0 and not self._stopping.is_set():
                time.sleep(_PAUSE)
        return lines

    def _append(self, lines: Sequence[bytes], size: int) -> bool:
        if lines:
            member = gzip.compress(b"\n".join(lines) + b"\n", COMPRESSION_LEVEL, mtime=0)
            if not self._kept(lambda: self._store.append(member, len(lines))):
                return False
            self._size += len(member)
        self._buffer.free(size)
        self._since = self._since or time.monotonic()
        return True

    def _is_due(self) -> bool:
        return self._since is not None and time.monotonic() - self._since >= self._pace.rotate

    def _finish(self) -> bool:
        if not self._kept(self._store.finish):
            return False
        self._size, self._since = 0, None
        return True

    def _kept(self, attempt: Callable[[], int]) -> bool:
        """Try until the store agrees; False when time is up."""
        while True:
            try:
                safe = attempt()
            except Exception as error:  # whatever it is, the next batch may fare better, and requests go on
                self._tell_failure(error)
                if not self._wait_for_another():
                    return False
            else:
                self._tell_success(safe)
                return True

    def _tell_failure(self, error: Exception) -> None:
        self._failed.add()
        if self._wait == 0.0:
            problem = str(error) if isinstance(error, StoreFailed) else f"{self._store}: {type(error).__name__}"
            _log.warning(
                "predictions are answered but not logged: %s; trying again until it works, "
                "and counting as dropped what finds no room meanwhile",
                problem,
            )

    def _tell_success(self, safe: int) -> None:
        if self._wait > 0.0:
            _log.info("predictions are logged again: %s", self._store)
            self._wait = 0.0
        with self._settling:
            if not self._settled:
                self._safe += safe
                self._written.add(safe)

    def _tell_unfit(self, error: Exception) -> None:
        if not self._told_unfit:
            self._told_unfit = True
            _log.warning(
                "an entry of the prediction log could not be encoded and was dropped: %s", type(error).__name__
            )

    def _wait_for_another(self) -> bool:
        self._wait = min(self._wait * 2 or self._pace.retry, self._pace.longest_retry)
        if self._stopping.wait(self._wait):
            time.sleep(_WAIT_AT_THE_END)
        return time.monotonic() < self._deadline

    def _settle(self) -> None:
        """Once, at the end: what was accepted and is not safe is lost."""
        with self._settling:
            if self._settled:
                return
            self._settled = True
            lost = self._buffer.accepted - self._safe
            if lost:
                self._dropped.add(lost)
                _log.warning("%d entries of the prediction log were lost at the end: %s", lost, self._store)
