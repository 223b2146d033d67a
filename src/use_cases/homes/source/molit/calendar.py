"""Months, and until when a month's trades may still change."""

from collections.abc import Iterator
from datetime import date, timedelta

REGISTRATION = timedelta(days=30)
"""By law a trade is registered within this time of its contract."""
SLACK = timedelta(days=60)
"""Cancellations come later than registrations: a trade may fall through until its balance is paid."""


def months(first: str, last: date) -> Iterator[str]:
    """From ``first``, such as "202401", to the month that ``last`` is in.

    >>> list(months("202311", date(2024, 2, 9)))
    ['202311', '202312', '202401', '202402']
    """
    year, month = int(first[:4]), int(first[4:])
    while (year, month) <= (last.year, last.month):
        yield f"{year}{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def settled_on(month: str) -> date:
    """The first day on which nothing more is expected to change in a month's trades.

    >>> settled_on("202312")
    datetime.date(2024, 3, 31)
    """
    year, number = int(month[:4]), int(month[4:])
    after = date(year + number // 12, number % 12 + 1, 1)
    return after + REGISTRATION + SLACK


def is_due(month: str, fetched: date | None, today: date) -> bool:
    """Whether a month is to be fetched: it never was, or it was before it had settled, and not today."""
    return fetched is None or fetched < min(settled_on(month), today)
