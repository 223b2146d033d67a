"""What reading a log brought up beyond its counts, in sentences."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from slipway.core.watch import Concern, Counts, Sighting, Weight

_MOST_TOLD = 5


@dataclass(frozen=True)
class Read:
    """What was read.

    Attributes:
        of_others: outcomes of rows that other versions answered.
        feedback: outcomes that came in the span, ``unfit`` ones of them that this model cannot have.
        words: outcomes that training would take for 0, by how often they came.
        absent, unfit_cells: input to the number of rows where it was not there, or of another type.
        problems: of refused requests, by how often.
    """

    counts: Counts
    feedback: int = 0
    of_others: int = 0
    unfit: int = 0
    told_twice: int = 0
    words: Mapping[str, int] = field(default_factory=dict)
    absent: Mapping[str, int] = field(default_factory=dict)
    unfit_cells: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, int] = field(default_factory=dict)


def findings(read: Read) -> tuple[Sighting, ...]:
    """What a person should know beyond the counts, which speak for themselves; the weightiest first."""
    order = list(Weight)
    found = [*_of_inputs(read), *_of_feedback(read)]
    return tuple(sorted(found, key=lambda sighting: order.index(sighting.weight), reverse=True))


def _of_inputs(read: Read) -> Iterator[Sighting]:
    rows = read.counts.predictions
    for name, absent in sorted(read.absent.items()):
        if 0 < absent < rows:
            yield _data(f"absent {name}", Weight.WARNING, f"{name} is lacking in {_share(absent, rows)}")
    for name, unfit in sorted(read.unfit_cells.items()):
        told = f"{name} is of a type that it cannot have in {_share(unfit, rows)}, which count as missing"
        yield _data(f"type of {name}", Weight.ALARM if unfit == rows else Weight.WARNING, told)
    if read.problems:
        most = ", ".join(f"{told} ({count:,})" for told, count in Counter(read.problems).most_common(_MOST_TOLD))
        yield _data("refused inputs", Weight.NOTE, f"what requests were refused for, most often: {most}")


def _of_feedback(read: Read) -> Iterator[Sighting]:
    if read.feedback and 2 * read.counts.orphaned > read.feedback:
        told = f"{read.counts.orphaned:,} of {read.feedback:,} outcomes are of no prediction in the log"
        told += ": their ids are wrong, or another log is meant"
        yield _performance("orphaned feedback", Weight.WARNING, told)
    if read.told_twice:
        told = f"{read.told_twice:,} outcomes were told before and count once"
        yield _performance("repeated feedback", Weight.NOTE, told)
    if read.of_others:
        told = f"{read.of_others:,} outcomes are of rows that other versions answered"
        yield _performance("feedback of other versions", Weight.NOTE, told)
    if read.unfit:
        told = f"{read.unfit:,} of {read.feedback:,} outcomes are none that this model could have predicted"
        yield _performance("unfit feedback", Weight.WARNING, told)
    if len(read.words) > 1:
        words = ", ".join(f"{word!r} ({count:,})" for word, count in Counter(read.words).most_common(_MOST_TOLD))
        told = f"more than one word was told as outcome that training takes for 0, so one may be misspelt: {words}"
        yield _performance("words of feedback", Weight.WARNING, told)


def _share(part: int, rows: int) -> str:
    return "every row" if part == rows else f"{part:,} of {rows:,} rows"


def _data(name: str, weight: Weight, told: str) -> Sighting:
    return Sighting(name=name, concern=Concern.DATA, weight=weight, told=told)


def _performance(name: str, weight: Weight, told: str) -> Sighting:
    return Sighting(name=name, concern=Concern.PERFORMANCE, weight=weight, told=told)
