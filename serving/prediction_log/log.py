"""The prediction log as the request path knows it."""

import logging
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from serving.bundle.signature import Signature
from serving.inputs.rows import Row
from serving.prediction_log.buffer import Buffer
from serving.prediction_log.entries import Entries, Outcome, Sizes
from serving.prediction_log.stores import Store
from serving.prediction_log.writer import Pace, Writer
from serving.telemetry.counters import Counter

_log = logging.getLogger("serving.prediction_log")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How much and how often; sizes in bytes, times in seconds.

    Attributes:
        rotate_bytes: compressed size from which a file is finished; None for what suits the store.
        rotate_seconds: age from which a file is finished; None for what suits the store.
        buffer_bytes: of lines that wait to be written; beyond it, entries are dropped and counted.
        flush_seconds: between two writings.
        retry_seconds: after a failure, doubled up to ``longest_retry_seconds`` while it lasts.
    """

    rotate_bytes: int | None = None
    rotate_seconds: float | None = None
    buffer_bytes: int = 4 * 2**20
    flush_seconds: float = 1.0
    retry_seconds: float = 0.5
    longest_retry_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class LogCounters:
    """Entries that the store keeps, entries that were lost, and attempts at writing that failed."""

    written: Counter
    dropped: Counter
    failed: Counter


class PredictionLog:
    """Takes entries in microseconds and has a thread of its own write them.

    Args:
        model: what answers: its name, version and record digest.
        salt: the key of hashed fields; without one, a random key that lives as long as this object.
    """

    def __init__(
        self,
        signature: Signature,
        store: Store,
        *,
        counters: LogCounters,
        model: Mapping[str, Any],
        salt: bytes | None = None,
        settings: LogSettings | None = None,
    ) -> None:
        settings = settings or LogSettings()
        wake = threading.Event()
        self._entries = Entries(signature, model, salt or secrets.token_bytes(32))
        self._sizes = Sizes(signature)
        self._buffer = Buffer(settings.buffer_bytes, counters.dropped, wake)
        self._writer = Writer(
            self._buffer,
            store,
            _pace(settings, store),
            wake,
            written=counters.written,
            dropped=counters.dropped,
            failed=counters.failed,
        )

    def start(self) -> None:
        """Start the writer, in the process that answers requests; what was logged before waits for it."""
        self._writer.start()

    def prediction(
        self,
        request_id: str,
        at: float,
        rows: Sequence[Row],
        outputs: Sequence[Any],
        *,
        seconds: float,
        route: str,
        trace: str | None = None,
    ) -> None:
        """Log an answered request; never raises, never waits for a store.

        Args:
            at: Unix seconds at which it came.
            outputs: what was answered, one a row.
            seconds: that the answer took.
            trace: the request's W3C traceparent.
        """
        make = partial(
            self._entries.prediction, request_id, at, rows, outputs, seconds=seconds, route=route, trace=trace
        )
        self._buffer.add(make, self._sizes.prediction(len(rows)))

    def refused(
        self,
        request_id: str,
        at: float,
        problems: Sequence[Mapping[str, Any]],
        *,
        route: str,
        trace: str | None = None,
    ) -> None:
        """Log a request that did not fit; values of hashed, left out and unknown fields are not shown."""
        make = partial(self._entries.refused, request_id, at, problems, route=route, trace=trace)
        self._buffer.add(make, self._sizes.refused(len(problems)))

    def feedback(self, request_id: str, at: float, row: int, outcome: Outcome) -> bool:
        """Log what came true of a row; False when there is no room, so that the sender can be asked to try again."""
        line = self._entries.feedback(request_id, at, row, outcome)
        return self._buffer.add(lambda: line, len(line) + 1)

    def stop(self, seconds: float) -> None:
        """Write all that was accepted, for that long at most; further calls do nothing."""
        self._writer.stop(seconds)


class NoLog:
    """A log that is switched off."""

    def start(self) -> None:
        """Do nothing."""

    def prediction(
        self,
        request_id: str,
        at: float,
        rows: Sequence[Row],
        outputs: Sequence[Any],
        *,
        seconds: float,
        route: str,
        trace: str | None = None,
    ) -> None:
        """Do nothing."""

    def refused(
        self,
        request_id: str,
        at: float,
        problems: Sequence[Mapping[str, Any]],
        *,
        route: str,
        trace: str | None = None,
    ) -> None:
        """Do nothing."""

    def feedback(self, request_id: str, at: float, row: int, outcome: Outcome) -> bool:
        """Keep nothing: the sender must not believe that it was."""
        return False

    def stop(self, seconds: float) -> None:
        """Do nothing."""


def _pace(settings: LogSettings, store: Store) -> Pace:
    size, seconds = settings.rotate_bytes, settings.rotate_seconds
    return Pace(
        rotate_bytes=store.rotation.size if size is None else size,
        rotate=store.rotation.seconds if seconds is None else seconds,
        flush=settings.flush_seconds,
        retry=settings.retry_seconds,
        longest_retry=settings.longest_retry_seconds,
    )
