"""What is wrong with a column whatever the tests say: gone, empty, constant, in another unit, out of range."""

from collections.abc import Iterator

from slipway.core.params import MonitorParams
from slipway.core.watch import Concern, Sighting, Weight
from slipway.monitoring.category_column import CategoryCounts
from slipway.monitoring.hidden_column import HiddenCounts
from slipway.monitoring.number_column import NumberCounts
from slipway.monitoring.reference import Reference
from slipway.monitoring.tally import Counted, Tally

CHANCE = 1e-6
"""What happens by chance more rarely than this is a fault, and needs no second window."""
TIMES = 5.0
"""A median so many times as large, or as small, and beyond what the reference has there, is another unit."""


def faults(reference: Reference, tally: Tally, params: MonitorParams) -> Iterator[Sighting]:
    """Faults of the inputs, by column, and of the predictions."""
    for name in sorted(tally.foreign):
        told = f"{name} is in the log of {tally.foreign[name]:,} rows, and no input of this model"
        yield Sighting(name=f"unknown {name}", concern=Concern.DATA, weight=Weight.WARNING, told=told)
    for name, counts in tally.columns.items():
        yield from _of_column(name, counts, _weight(reference, name, params), params)
    yield from _of_predictions(tally)


def _weight(reference: Reference, name: str, params: MonitorParams) -> Weight:
    importance = reference.importance(name)
    return Weight.ALARM if importance is None or importance >= params.least_importance else Weight.WARNING


def _of_column(name: str, counts: Counted, weight: Weight, params: MonitorParams) -> Iterator[Sighting]:
    if counts.rows == 0 or counts.column.rows == 0 or _is_left_out(counts):
        return
    if counts.absent:
        gone = counts.absent == counts.rows
        told = "is in no row of the log" if gone else f"is lacking in {counts.absent / counts.rows:.1%} of the log"
        yield _sighting(f"absent {name}", weight if gone else Weight.WARNING, f"{name} {told}")
    elif counts.present == 0 and _is_no_chance(counts.column.missing / counts.column.rows, counts.rows):
        yield _sighting(f"empty {name}", weight, f"{name} has no value in any of {counts.rows:,} rows")
    if counts.is_constant and _is_no_chance(_largest_share(counts), counts.present):
        yield _sighting(f"constant {name}", weight, f"{name} is the same in all {counts.present:,} rows that have it")
    if isinstance(counts, NumberCounts) and not counts.column.is_date and counts.present:
        yield from _of_numbers(name, counts, weight, params)
    if isinstance(counts, CategoryCounts):
        yield from _of_categories(name, counts, params)


def _of_numbers(name: str, counts: NumberCounts, weight: Weight, params: MonitorParams) -> Iterator[Sighting]:
    times = _times(counts)
    if times is not None:
        told = f"values of {name} are {times:.3g} times those of the reference: in another unit?"
        yield _sighting(f"unit of {name}", weight, told)
    if counts.outside:
        share = counts.outside / counts.rows
        told = f"{name} is outside of what training saw in {counts.outside:,} rows ({share:.1%})"
        yield _sighting(f"out of range {name}", _by_share(share, params), told)


def _of_categories(name: str, counts: CategoryCounts, params: MonitorParams) -> Iterator[Sighting]:
    new = counts.never_seen
    if new:
        rows = sum(new.values())
        most = sorted(new, key=lambda value: (-new[value], value))[:3]
        told = f"{name} has values never seen before in {rows:,} rows ({rows / counts.rows:.1%}): {', '.join(most)}"
        yield _sighting(f"new values {name}", _by_share(rows / counts.rows, params), told)


def _of_predictions(tally: Tally) -> Iterator[Sighting]:
    scores = tally.prediction
    if scores.rows and scores.missing:
        share = scores.missing / scores.rows
        told = f"{scores.missing:,} predictions ({share:.1%}) are no number"
        yield _sighting("predictions without a number", Weight.ALARM, told, Concern.PREDICTIONS)
    if scores.is_constant and _is_no_chance(scores.column.largest_share if scores.column.present else 0, scores.rows):
        told = f"all {scores.present:,} predictions are the same"
        yield _sighting("constant predictions", Weight.ALARM, told, Concern.PREDICTIONS)


def _times(counts: NumberCounts) -> float | None:
    """How many times as large the median is, where the window's lies outside of all but 1 % of the reference."""
    column = counts.column
    if not column.present or column.median == 0 or not _is_no_chance(0.5, counts.present):
        return None
    times = counts.median / column.median
    below = float(column.counts[column.points < counts.median].sum()) / column.present
    return times if (times >= TIMES and below > 0.99) or (0 < times <= 1 / TIMES and below < 0.01) else None


def _largest_share(counts: Counted) -> float:
    if isinstance(counts, HiddenCounts) or not counts.column.present:
        return 1.0
    return counts.column.largest_share


def _is_no_chance(share: float, rows: int) -> bool:
    return bool(share**rows < CHANCE)


def _is_left_out(counts: Counted) -> bool:
    return isinstance(counts, HiddenCounts) and not counts.column.shows_missing


def _by_share(share: float, params: MonitorParams) -> Weight:
    return Weight.WARNING if share >= params.floors.missing else Weight.NOTE


def _sighting(name: str, weight: Weight, told: str, concern: Concern = Concern.DATA) -> Sighting:
    return Sighting(name=name, concern=concern, weight=weight, told=told)
