"""Several processes that answer on one port. They share the port and the table of counters, and nothing else."""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

SLOWEST_START_SECONDS = 1.0
STOP_SECONDS = 20.0

_log = logging.getLogger("serving.workers")


class Workers:
    """Forks workers, starts one again in place of one that dies, and ends them all together.

    Args:
        work: what a worker does, given its number from 0 and a file descriptor that comes to its end when we do,
            however we end; its result is the worker's exit code.
    """

    def __init__(self, number: int, work: Callable[[int, int], int]) -> None:
        self._number = number
        self._work = work
        self._running: dict[int, tuple[int, float]] = {}
        self._stopping = False
        self._ours, self._theirs = 0, 0

    def run_until_stopped(self) -> int:
        """Returns 0 when asked to stop, else the exit code of a worker that could not even start."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self._theirs, self._ours = os.pipe()
        for worker in range(self._number):
            self._start(worker)
        code = 0
        while self._running:
            code = max(code, self._after_one_ended())
        return code

    def stop(self) -> None:
        """Ask all workers for their end; safe to call any number of times."""
        self._stopping = True
        for process in list(self._running):
            _signal(process, signal.SIGTERM)

    def _start(self, worker: int) -> None:
        process = os.fork()
        if process == 0:
            code = 1
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._ours)
            try:
                code = self._work(worker, self._theirs)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        self._running[process] = (worker, time.monotonic())
        if self._stopping:
            _signal(process, signal.SIGTERM)

    def _after_one_ended(self) -> int:
        process, status = os.wait()
        worker, since = self._running.pop(process, (None, 0.0))
        code = os.waitstatus_to_exitcode(status)
        if worker is None or self._stopping:
            return max(code, 0)
        if code > 0 and time.monotonic() - since < SLOWEST_START_SECONDS:
            self.stop()
            return code
        _log.error("worker %d ended with %d and is started again", worker, code)
        self._start(worker)
        return 0


def _signal(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)
