"""From a log's files to what the monitor counts: a span of it, and predictions that outcomes ask for."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from slipway.core.log_file import LogFile
from slipway.core.moment import DAY_SECONDS
from slipway.core.watch import Counts, Sighting
from slipway.monitoring.batch import Batch, Outcomes
from slipway.monitoring.log.feedback import Known
from slipway.monitoring.log.findings import Read, findings
from slipway.monitoring.log.keys import Keys, contained, in_order
from slipway.monitoring.log.lines import Lines
from slipway.monitoring.log.names import in_span
from slipway.monitoring.log.reading import LogReading, LookBack, Watched
from slipway.ports import PredictionLog

_TOLD_EVERY = 3.0

Say = Callable[[str], None]


class _Progress:
    """Says how far reading is, once in a while."""

    def __init__(self, say: Say) -> None:
        self._say, self._told = say, time.monotonic()

    def at(self, words: str) -> None:
        if time.monotonic() - self._told > _TOLD_EVERY:
            self._told = time.monotonic()
            self._say(words)


@dataclass(frozen=True)
class LogRead:
    """What a log held of a span.

    Attributes:
        outcomes: with what was predicted, whenever that was; None where no outcome came.
    """

    counts: Counts
    outcomes: Outcomes | None
    findings: tuple[Sighting, ...]


def read_log(
    log: PredictionLog,
    watched: Watched,
    take: Callable[[Batch], None],
    *,
    feedback_days: float,
    say: Say = lambda _: None,
) -> LogRead:
    """Read a span of a log once, in constant memory but for 32 bytes a prediction and 16 an outcome.

    Outcomes count from ``watched.heard`` on, and may be of predictions before the span: these are looked for in older
    files, the newest first, and only until all are found.

    Args:
        take: is given every batch of rows that the watched version answered.
        feedback_days: how long after its prediction an outcome may come.

    Raises:
        LogUnavailable: the log cannot be reached.
    """
    files = log.files()
    reading = LogReading(watched, take)
    of_span = in_span(files, watched.since, watched.until)
    torn = _read_span(log, of_span, reading, say)
    counts = reading.finish()
    counts = counts.model_copy(update={"files": len(of_span), "torn": torn})
    _hear(log, [file for file in in_span(files, watched.heard, watched.since) if file not in of_span], reading, say)
    known = reading.feedback.outcomes()
    since = watched.heard - feedback_days * DAY_SECONDS
    found_before = _look_back(log, files, watched, reading, known, since=since, say=say)
    return _composed(reading, counts, known, found_before)


def _read_span(log: PredictionLog, files: tuple[LogFile, ...], reading: LogReading, say: Say) -> int:
    """Returns how many files end in the middle."""
    torn, progress = 0, _Progress(say)
    for number, file in enumerate(files, 1):
        lines = Lines()
        for some in lines.read(log.pieces(file.name)):
            reading.read(some)
            progress.at(f"reading file {number} of {len(files)}, {reading.rows:,} predictions so far")
        torn += lines.torn
    return torn


def _hear(log: PredictionLog, files: Sequence[LogFile], reading: LogReading, say: Say) -> None:
    """Outcomes that came before the span."""
    progress = _Progress(say)
    for number, file in enumerate(files, 1):
        for some in Lines().read(log.pieces(file.name)):
            reading.hear(some)
        progress.at(f"reading earlier outcomes, file {number} of {len(files)}")


def _look_back(
    log: PredictionLog,
    files: tuple[LogFile, ...],
    watched: Watched,
    reading: LogReading,
    known: Known,
    *,
    since: float,
    say: Say,
) -> list[Keys]:
    """Add older predictions to those of the span; returns keys of rows that others answered."""
    wanted = known.without(in_order([*reading.predictions.keys, *reading.others]))
    back = LookBack(watched, wanted, since)
    older = in_span(files, since, watched.since) if len(wanted) else ()
    progress = _Progress(say)
    for number, file in enumerate(reversed(older), 1):
        for some in Lines().read(log.pieces(file.name)):
            back.read(some)
        if back.found >= len(wanted):
            break
        progress.at(f"{back.found:,} of {len(wanted):,} older predictions found, file {number} of {len(older)}")
    reading.predictions.keys += back.predictions.keys
    reading.predictions.scores += back.predictions.scores
    reading.predictions.times += back.predictions.times
    return [*reading.others, *back.others]


def _composed(reading: LogReading, counts: Counts, known: Known, others: list[Keys]) -> LogRead:
    outcomes, missing = known.joined(reading.predictions)
    lost = known.without(in_order(reading.predictions.keys))
    of_others = int(contained(lost, in_order(others)).sum())
    counts = counts.model_copy(
        update={
            "feedback": len(outcomes.targets),
            "contradictory": known.contradictory,
            "orphaned": missing - of_others,
        }
    )
    feedback, cells = reading.feedback, reading.cells
    read = Read(counts=counts, problems=reading.problems)
    read = replace(read, feedback=feedback.entries, unfit=feedback.unfit, words=feedback.words, of_others=of_others)
    read = replace(read, told_twice=known.repeated, absent=cells.absent, unfit_cells=cells.unfit)
    return LogRead(counts, outcomes if len(outcomes.targets) else None, findings(read))
