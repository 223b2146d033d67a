"""The entries of a span, sorted into batches of the version that is watched, outcomes, and what cannot be used."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from slipway.core.signature import Signature
from slipway.core.watch import Counts
from slipway.monitoring.batch import Batch, Floats
from slipway.monitoring.log.entries import Clock, Entry, Models, read_entry
from slipway.monitoring.log.feedback import Feedback, Predictions
from slipway.monitoring.log.keys import Keys, SeenKeys, contained, keys_of, with_times
from slipway.monitoring.log.rows import Cells, RowReader, scores_reader

_ROWS_AT_ONCE = 16_384
_ORDER_OF_REFUSED = 2**31
_UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError)


@dataclass(frozen=True)
class Watched:
    """The version that is watched, and when.

    Attributes:
        since, until: the span, seconds since 1970; ``until`` not included.
        heard: from when on outcomes count, not after ``since``.
        born, latest: no entry of this version can be older, and none at all younger.
        positive: the word for 1, see ``Feedback``.
    """

    record_digest: str
    signature: Signature
    since: float
    until: float
    born: float
    latest: float
    heard: float
    positive: str | float | None = None


class LogReading:
    """Takes the lines of a log, in any order.

    Args:
        take: is given every batch of rows of the watched version in the span.

    Attributes:
        predictions: keys, scores and times of these rows.
        others: keys of rows that other versions answered in the span.
        problems: of refused requests: which field had which problem how often.
    """

    def __init__(self, watched: Watched, take: Callable[[Batch], None]) -> None:
        self._watched, self._take = watched, take
        self._models, self._clock, self._seen = Models(), Clock(), SeenKeys()
        self._scores_of = scores_reader(watched.signature)
        self._waiting = _Waiting()
        self.cells = RowReader(watched.signature)
        self.feedback = Feedback(watched.signature.task, watched.positive)
        self.predictions = Predictions()
        self.others: list[Keys] = []
        self.problems: Counter[str] = Counter()
        self._by_others: Counter[str] = Counter()
        self._found: Counter[str] = Counter()

    def read(self, lines: Sequence[bytes]) -> None:
        """Take some whole lines."""
        for line in lines:
            if line:
                self._line(line)
        if len(self._waiting.cells) >= _ROWS_AT_ONCE:
            self._settle()

    def hear(self, lines: Sequence[bytes]) -> None:
        """Take outcomes alone, of lines from before the span."""
        for line in lines:
            if b'"feedback"' in line[:40]:
                self._hear(line)

    def finish(self) -> Counts:
        """Give the last batch away; returns counts of all but files and of what feedback came to."""
        self._settle()
        found = self._found
        return Counts(
            unreadable=found["unreadable"],
            repeated=found["repeated"],
            predictions=found["predictions"],
            others=dict(sorted(self._by_others.items())),
            requests=found["requests"] + found["refused"],
            refused=found["refused"],
            misdated=found["misdated"],
        )

    @property
    def rows(self) -> int:
        """Rows of the watched version so far, with those that may turn out to be repeated."""
        return self._found["predictions"] + len(self._waiting.cells)

    def _line(self, line: bytes) -> None:
        try:
            self._entry(read_entry(line))
        except _UNREADABLE:
            self._found["unreadable"] += 1

    def _hear(self, line: bytes) -> None:
        try:
            entry = read_entry(line)
            at = self._clock(entry.time)
            if at is not None and entry.kind == "feedback" and self._watched.heard <= at < self._watched.since:
                self.feedback.add(entry.id, entry.row, entry.outcome)
        except _UNREADABLE:
            return  # it was counted where it belongs: in the look at its own span

    def _entry(self, entry: Entry) -> None:
        at, watched = self._clock(entry.time), self._watched
        if at is None or at > watched.latest:
            self._found["misdated"] += 1
        elif entry.kind == "feedback":
            if watched.heard <= at < watched.until:
                self.feedback.add(entry.id, entry.row, entry.outcome)
        elif self._models.of(entry).record != watched.record_digest:
            if watched.since <= at < watched.until:
                self._other(entry)
        elif at < watched.born:
            self._found["misdated"] += 1
        elif watched.since <= at < watched.until:
            self._own(entry, at)

    def _own(self, entry: Entry, at: float) -> None:
        if entry.kind == "refused":
            self._waiting.refuse(entry.id, at)
            self._note_problems(entry)
            return
        if entry.kind != "prediction":
            raise ValueError("no kind of entry that is known")
        cells, scores = self.cells.read(entry.inputs), self._scores_of(entry.outputs)
        if not cells or len(cells) != len(scores):
            raise ValueError("as many answers as rows are needed")
        self._waiting.add(entry, at, cells, scores)

    def _note_problems(self, entry: Entry) -> None:
        for problem in msgspec.json.decode(entry.problems, type=list[dict[str, object]] | None) or ():
            told = f"{problem.get('field') or 'the request'} {problem.get('problem')}"[:120]
            if told in self.problems or len(self.problems) < 1_000:
                self.problems[told] += 1

    def _other(self, entry: Entry) -> None:
        if entry.kind != "prediction":
            return
        rows = len(msgspec.json.decode(entry.outputs, type=list[msgspec.Raw]))
        self._by_others[self._models.of(entry).called] += rows
        self.others.append(keys_of([entry.id] * rows, range(rows)))

    def _settle(self) -> None:
        """Leave out what was there before, and hand on the rest."""
        waiting, self._waiting = self._waiting, _Waiting()
        if waiting.refused:
            self._found["refused"] += self._count_new(
                waiting.refused, [_ORDER_OF_REFUSED] * len(waiting.refused), waiting.refused_at
            )
        if not waiting.cells:
            return
        keys, times, scores = (
            keys_of(waiting.ids, waiting.rows),
            np.array(waiting.times),
            np.concatenate(waiting.scores),
        )
        first = np.array(waiting.rows) == 0
        new = self._seen.add(with_times(keys, times))
        self._found["repeated"] += int((first & ~new).sum())
        self._found["requests"] += int((first & new).sum())
        self._found["predictions"] += int(new.sum())
        if not new.any():
            return
        cells = waiting.cells if new.all() else [row for row, is_new in zip(waiting.cells, new, strict=True) if is_new]
        keys, times, scores, latencies = (
            keys[new],
            times[new],
            scores[new],
            np.array(waiting.latencies, np.float64)[new],
        )
        self.predictions.add(keys, scores, times)
        self._take(Batch(self.cells.columns(cells), scores, keys, times, latencies))

    def _count_new(self, ids: Sequence[str], rows: Sequence[int], times: Sequence[float]) -> int:
        new = self._seen.add(with_times(keys_of(ids, rows), np.array(times)))
        self._found["repeated"] += int((~new).sum())
        return int(new.sum())


class _Waiting:
    """Rows until there are enough for a batch."""

    def __init__(self) -> None:
        self.cells: list[Cells] = []
        self.scores: list[Floats] = []
        self.ids: list[str] = []
        self.rows: list[int] = []
        self.times: list[float] = []
        self.latencies: list[float | None] = []
        self.refused: list[str] = []
        self.refused_at: list[float] = []

    def add(self, entry: Entry, at: float, cells: list[Cells], scores: Floats) -> None:
        """An answered request; its latency counts once, with the first of its rows."""
        count = len(cells)
        self.cells += cells
        self.scores.append(scores)
        self.ids += [entry.id] * count
        self.rows += range(count)
        self.times += [at] * count
        self.latencies += [entry.latency_ms, *[None] * (count - 1)]

    def refuse(self, request: str, at: float) -> None:
        """A request that did not fit."""
        self.refused.append(request)
        self.refused_at.append(at)


class LookBack:
    """Finds predictions from before the span, of which outcomes came within it.

    Args:
        wanted: keys of these rows, sorted.
        since: how far to look back, seconds since 1970.

    Attributes:
        found: how many rows with such a key there were; one that was logged twice counts twice.
    """

    def __init__(self, watched: Watched, wanted: Keys, since: float) -> None:
        self._watched, self._wanted, self._since = watched, wanted, since
        self._models, self._clock = Models(), Clock()
        self._scores_of = scores_reader(watched.signature)
        self.predictions = Predictions()
        self.others: list[Keys] = []
        self.found = 0

    def read(self, lines: Sequence[bytes]) -> None:
        """Take some whole lines."""
        own, others = _Waiting(), _Waiting()
        for line in lines:
            if b'"prediction"' in line[:40]:
                self._line(line, own, others)
        self._settle(own, others)

    def _line(self, line: bytes, own: _Waiting, others: _Waiting) -> None:
        try:
            entry = read_entry(line)
            at = self._clock(entry.time)
            if at is None or not self._since <= at < self._watched.since:
                return
            scores = self._scores_of(entry.outputs)
            side = own if self._models.of(entry).record == self._watched.record_digest else others
            side.add(entry, at, [()] * len(scores), scores)
        except _UNREADABLE:
            return  # it was counted where it belongs: in the look at its own span

    def _settle(self, own: _Waiting, others: _Waiting) -> None:
        for side in (own, others):
            if not side.ids:
                continue
            keys = keys_of(side.ids, side.rows)
            found = contained(keys, self._wanted)
            self.found += int(found.sum())
            if side is own:
                self.predictions.add(keys[found], np.concatenate(side.scores)[found], np.array(side.times)[found])
            else:
                self.others.append(keys[found])
