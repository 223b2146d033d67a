"""Brings the kept months up to date: what is missing, and what may have changed since it was fetched."""

import time
from collections.abc import Callable, Sequence
from datetime import date

from slipway.core.errors import SlipwayError
from use_cases.homes.source.molit.calendar import is_due
from use_cases.homes.source.molit.client import Client
from use_cases.homes.source.molit.store import Store

TOLD_EVERY = 10.0
"""Seconds."""


def bring_up_to_date(
    store: Store,
    client: Client,
    wanted: Sequence[tuple[str, str]],
    today: date,
    tell: Callable[[str], None],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Fetch every wanted district and month that is due, keeping each as soon as it is whole.

    Killed anywhere and run again, it goes on with the month it was at.

    Raises:
        SourceUnavailable: the API gives no more for now; what was fetched is kept.
    """
    due = [(district, month) for district, month in wanted if is_due(month, store.fetched(district, month), today)]
    tell(f"{len(wanted) - len(due)} of {len(wanted)} months of districts are kept and settled, {len(due)} to fetch")
    last = clock()
    for done, (district, month) in enumerate(due):
        try:
            records = client.month(district, month)
        except SlipwayError:
            tell(f"{done} of {len(due)} fetched before the API gave no more; they are kept")
            raise
        store.put(district, month, records, today)
        if clock() - last >= TOLD_EVERY:
            last = clock()
            tell(f"{done + 1} of {len(due)} fetched")
