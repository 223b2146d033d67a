"""What reading a log brought up, in sentences."""

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
        absent, null, unfit_cells: input to the number of rows where it was not there, null, of another type.
        nullable: inputs that may be null.
        problems: of refused requests, by how often.
    """

    version: int
    counts: Counts
    feedback: int = 0
    of_others: int = 0
    unfit: int = 0
    told_twice: int = 0
    words: Mapping[str, int] = field(default_factory=dict)
    absent: Mapping[str, int] = field(default_factory=dict)
    null: Mapping[str, int] = field(default_factory=dict)
    unfit_cells: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, int] = field(default_factory=dict)


def findings(read: Read) -> tuple[Sighting, ...]:
    """Everything about the log and its feedback that a person should know, the weightiest first."""
    order = list(Weight)
    found = [*_of_the_log(read), *_of_inputs(read), *_of_feedback(read)]
    return tuple(sorted(found, key=lambda sighting: order.index(sighting.weight), reverse=True))


def _of_the_log(read: Read) -> Iterator[Sighting]:
    counts = read.counts
    if not counts.requests:
        others = " by this version" if counts.others else ""
        told = f"the log has no request answered or refused{others} in this span, in {counts.files} files"
        yield _log("empty log", Weight.WARNING, f"{told}: nothing was asked, or another log is meant")
    if counts.others:
        told = ", ".join(f"{rows:,} by version {version}" for version, rows in counts.others.items())
        yield _log(
            "other versions",
            Weight.NOTE,
            f"rows answered by others than version {read.version} were not looked at: {told}",
        )
    if counts.torn:
        told = f"{counts.torn} of {counts.files} files end in the middle; what is before that was read"
        yield _log("torn files", Weight.NOTE, f"{told}: they are under way, or their process was killed")
    if counts.unreadable:
        yield _log(
            "unreadable lines",
            Weight.WARNING,
            f"{counts.unreadable:,} lines are no entry of a prediction log and were left out",
        )
    if counts.repeated:
        told = f"{counts.repeated:,} entries were there before, with the same id and time, and count once"
        yield _log("repeated entries", Weight.NOTE, f"{told}: files are there twice, perhaps as a copy")
    if counts.misdated:
        told = f"{counts.misdated:,} entries have a time that cannot be (none, in the future, or before this model was made)"
        yield _log("misdated entries", Weight.WARNING, f"{told} and were left out: look at the clocks of the endpoints")


def _of_inputs(read: Read) -> Iterator[Sighting]:
    rows = read.counts.predictions
    for name in sorted({*read.absent, *read.null, *read.unfit_cells}):
        absent, null, unfit = (part.get(name, 0) for part in (read.absent, read.null, read.unfit_cells))
        if absent:
            weight = Weight.ALARM if absent == rows else Weight.WARNING
            yield _data(f"{name} disappeared", weight, f"{name} is not in {_share(absent, rows)}")
        if unfit:
            told = f"{name} is of a type that it cannot have in {_share(unfit, rows)}, which count as missing"
            yield _data(f"type of {name}", Weight.ALARM if unfit == rows else Weight.WARNING, told)
        if null == rows and rows:
            yield _data(f"{name} is null", Weight.WARNING, f"{name} is null in {_share(null, rows)}")
    if read.problems:
        most = ", ".join(f"{told} ({count:,})" for told, count in Counter(read.problems).most_common(_MOST_TOLD))
        yield _data(
            "refused inputs", Weight.NOTE, f"requests were refused {read.counts.refused:,} times; most often: {most}"
        )


def _of_feedback(read: Read) -> Iterator[Sighting]:
    counts = read.counts
    if counts.contradictory:
        told = f"{counts.contradictory:,} rows were given different outcomes; none of them counts"
        yield _performance("contradictory feedback", Weight.WARNING, told)
    if read.told_twice:
        yield _performance(
            "repeated feedback", Weight.NOTE, f"{read.told_twice:,} outcomes were told before and count once"
        )
    if counts.orphaned:
        told = f"{counts.orphaned:,} of {read.feedback:,} outcomes are of no prediction in the log"
        weight = Weight.WARNING if 2 * counts.orphaned > read.feedback else Weight.NOTE
        yield _performance(
            "feedback without a prediction", weight, f"{told}: their id is wrong, or the prediction is too old"
        )
    if read.of_others:
        yield _performance(
            "feedback of other versions",
            Weight.NOTE,
            f"{read.of_others:,} outcomes are of rows that other versions answered",
        )
    if read.unfit:
        told = f"{read.unfit:,} of {read.feedback:,} outcomes are none that this model could have predicted, and do not count"
        yield _performance("unfit feedback", Weight.WARNING, told)
    if len(read.words) > 1:
        words = ", ".join(f"{word!r} ({count:,})" for word, count in Counter(read.words).most_common(_MOST_TOLD))
        told = f"more than one word was told as outcome that training takes for 0: {words}"
        yield _performance("words of feedback", Weight.WARNING, f"{told}; one of them may be misspelt")


def _share(part: int, rows: int) -> str:
    return "every row" if part == rows else f"{part:,} of {rows:,} rows"


def _log(name: str, weight: Weight, told: str) -> Sighting:
    return Sighting(name=name, concern=Concern.LOG, weight=weight, told=told)


def _data(name: str, weight: Weight, told: str) -> Sighting:
    return Sighting(name=name, concern=Concern.DATA, weight=weight, told=told)


def _performance(name: str, weight: Weight, told: str) -> Sighting:
    return Sighting(name=name, concern=Concern.PERFORMANCE, weight=weight, told=told)
