"""Whether what is collected follows what is sent: where requests drift and the table does not, one of them is wrong.

A model learns from the table and answers requests. A column that arrives in another unit, or as a default, is as it
was in the table: retraining cannot help, and every time teaches the model to trust what arrives wrong. When the world
changes, requests and the rows that are collected of the same time change alike.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from slipway.core.params import MonitorParams
from slipway.core.watch import ColumnDrift, Concern, Sighting, Watch, Weight
from slipway.monitoring.batch import Batch, Floats, Words
from slipway.monitoring.drift import PREDICTIONS, drifts
from slipway.monitoring.reference import Reference
from slipway.monitoring.situation import moment
from slipway.monitoring.standing import name_of
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

    def since(self, time: float) -> Batch:
        """The rows of a moment and later, as predictions that nobody made."""
        late = np.flatnonzero(self.times >= time)
        nothing = np.full(late.size, np.nan)
        columns = {name: values[late] for name, values in self.columns.items()}
        return Batch(columns, nothing, late.astype(np.uint64), self.times[late], nothing)


Collect = Callable[[], Collected | None]
"""Reads the raw table; None where there is none, its rows have no time, or it does not fit the model."""


def skews(
    lasting: Sequence[ColumnDrift],
    reference: Reference,
    collect: Collect,
    looks: Sequence[Watch],
    params: MonitorParams,
) -> Iterator[Sighting]:
    """Lasting drifts of important inputs that the table, in rows of the time since they began, does not show.

    What nobody saw begin is none: requests may always have been of others than those whose outcomes are collected.

    Args:
        lasting: drifts of this window that stood long enough.
        looks: before this one, at whatever champion, the newest first.
    """
    suspects = [(drift, _begun(drift, looks)) for drift in lasting if drift.matters and drift.column != PREDICTIONS]
    collected = collect() if any(since for _, since in suspects) else None
    for drift, since in suspects:
        if collected is not None and since is not None:
            yield from _skew(drift, since, reference, collected.since(moment(since).timestamp()), params)


def _skew(
    drift: ColumnDrift, since: str, reference: Reference, rows: Batch, params: MonitorParams
) -> Iterator[Sighting]:
    if rows.rows < params.least_rows:
        return
    tally = Tally(reference)
    tally.add(rows)
    columns, _ = drifts(reference, tally, params)
    theirs = next(other for other in columns if name_of(other) == name_of(drift))
    if drift.effect is None or theirs.effect is None or theirs.effect >= FOLLOWED * drift.effect:
        return
    told = (
        f"{name_of(drift)} by {drift.effect:.2g} in requests since {since[:10]}, and by {theirs.effect:.2g} in the "
        f"{rows.rows:,} rows collected of that time: what is sent and what is collected disagree"
    )
    yield Sighting(name=_named(drift), concern=Concern.DATA, weight=Weight.ALARM, told=told)


def _named(drift: ColumnDrift) -> str:
    return f"skew of {drift.column}"


def _begun(drift: ColumnDrift, looks: Sequence[Watch]) -> str | None:
    """Since when it stands; None where every look that is kept had it, and none of them told it as a skew."""
    since, was_told = None, False
    for look in looks:
        if name_of(drift) not in look.standing:
            return since
        since, was_told = look.span.since, was_told or _named(drift) in look.alarms
    return since if was_told else None
