"""Whether what is collected follows what is sent: where requests drift and the table does not, one of them is wrong.

A model learns from the table and answers requests. A column that arrives in another unit, or as a default, is as it
was in the table: retraining cannot help, and every time teaches the model to trust what arrives wrong. When the world
changes, requests and the rows that are collected of the same time change alike.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from slipway.core.moment import moment
from slipway.core.params import MonitorParams
from slipway.core.watch import ColumnDrift, Concern, Sighting, Span, Watch, Weight
from slipway.monitoring.batch import Batch, Floats, Words
from slipway.monitoring.drift import drifts
from slipway.monitoring.reference import Reference
from slipway.monitoring.situation import Situation
from slipway.monitoring.standing import OVERLAP, name_of
from slipway.monitoring.tally import Tally

FOLLOWED = 0.5
"""The table follows a drift when it shows this share of its effect."""


@dataclass(frozen=True, eq=False)
class Collected:
    """Rows of the raw table, in order of time.

    Attributes:
        columns: as those of a batch, (n,).
        times: when each was, float64 seconds since 1970-01-01 UTC, (n,).
    """

    columns: dict[str, Floats | Words]
    times: Floats

    def within(self, span: Span) -> Batch | None:
        """The rows of a span, as predictions that nobody made; None where they do not reach to its end."""
        since, until = moment(span.since).timestamp(), moment(span.until).timestamp()
        if not self.times.size or self.times[-1] < until - OVERLAP * (until - since):
            return None
        rows = np.flatnonzero((self.times >= since) & (self.times < until))
        nothing = np.full(rows.size, np.nan)
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Batch(columns, nothing, rows.astype(np.uint64), self.times[rows], nothing)


Collect = Callable[[], Collected | None]
"""Reads the raw table; None where there is none, its rows have no time, or it does not fit the model."""


def skews(
    lasting: Sequence[ColumnDrift], reference: Reference, collect: Collect, situation: Situation, params: MonitorParams
) -> Iterator[Sighting]:
    """Lasting drifts of important inputs that the table did not show in a window in which requests did.

    It is that of the newest earlier look which saw the drift and whose rows are all collected by now. What nobody saw
    begin is none: requests may always have been of others than those whose outcomes are collected.

    Args:
        lasting: drifts of important inputs of this window that stood long enough.
    """
    suspects = [drift for drift in lasting if _began(drift, situation.earlier_looks, params.windows)]
    collected = collect() if suspects else None
    if collected is None:
        return
    shown = cache(partial(_shown, collected, reference, params))
    for drift in suspects:
        for look in situation.own_looks:
            table = shown(look.span) if name_of(drift) in look.standing else None
            if table is not None:
                yield from _skew(drift, look, table)
                break


@dataclass(frozen=True, eq=False)
class _Table:
    """What the table shows of a window."""

    rows: int
    columns: tuple[ColumnDrift, ...]


def _shown(collected: Collected, reference: Reference, params: MonitorParams, span: Span) -> _Table | None:
    """None where its rows are too few, or not all collected."""
    rows = collected.within(span)
    if rows is None or rows.rows < params.least_rows:
        return None
    tally = Tally(reference)
    tally.add(rows)
    return _Table(rows.rows, drifts(reference, tally, params)[0])


def _skew(drift: ColumnDrift, look: Watch, table: _Table) -> Iterator[Sighting]:
    ours, theirs = _effect(drift, look.columns), _effect(drift, table.columns)
    if ours is None or theirs is None or theirs >= FOLLOWED * ours:
        return
    told = (
        f"{name_of(drift)} by {ours:.2g} in requests from {look.span.since[:10]} to {look.span.until[:10]}, and by "
        f"{theirs:.2g} in the {table.rows:,} rows collected of that time: what is sent and what is collected disagree"
    )
    yield Sighting(name=_named(drift), concern=Concern.DATA, weight=Weight.ALARM, told=told)


def _effect(drift: ColumnDrift, columns: Sequence[ColumnDrift]) -> float | None:
    return next((other.effect for other in columns if name_of(other) == name_of(drift)), None)


def _named(drift: ColumnDrift) -> str:
    return f"skew of {drift.column}"


def _began(drift: ColumnDrift, looks: Sequence[Watch], windows: int) -> bool:
    """Whether of the looks that are kept ``windows`` in a row were without it, or one told it as a skew."""
    if any(_named(drift) in look.alarms for look in looks):
        return True
    without = [name_of(drift) not in look.standing for look in looks]
    return any(all(without[at : at + windows]) for at in range(len(without) - windows + 1))
