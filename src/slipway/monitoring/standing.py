"""What drifted window after window: one that overlaps the next does not count as another."""

from collections.abc import Iterator, Sequence
from itertools import islice

from slipway.core.watch import ColumnDrift, Span, Watch
from slipway.monitoring.drift import PREDICTIONS
from slipway.monitoring.situation import hours_between

OVERLAP = 0.1
"""Windows may overlap by this share, because schedules are late now and then."""


def name_of(drift: ColumnDrift) -> str:
    """The name of a drift as long as it lasts."""
    if drift.column == PREDICTIONS:
        return "drift of predictions"
    return f"drift of {drift.column}" if drift.test == "distribution" else f"missing {drift.column}"


def windows_before(span: Span, looks: Sequence[Watch]) -> Iterator[Watch]:
    """Earlier looks that tested anything, the newest first, none of them on the rows of another."""
    for look in looks:
        slack = OVERLAP * hours_between(span.since, span.until)
        if hours_between(span.since, look.span.until) <= slack and _tested(look):
            yield look
            span = look.span


def lasts(name: str, span: Span, looks: Sequence[Watch], windows: int) -> bool:
    """Whether what drifts in this window drifted in those before it too, ``windows`` in all."""
    before = tuple(islice(windows_before(span, looks), windows - 1))
    return len(before) == windows - 1 and all(name in look.standing for look in before)


def _tested(look: Watch) -> bool:
    return any(drift.p_value is not None for drift in look.columns)
