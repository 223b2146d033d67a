"""What a column's counts say about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """One comparison; ``p_value`` and ``effect`` as in ``core.watch.ColumnDrift``."""

    rows: int
    reference_rows: int
    p_value: float | None
    effect: float | None
    detail: str = ""
    untested: str = ""
