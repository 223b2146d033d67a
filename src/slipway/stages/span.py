"""From when to when a command asks to look: a length of time, or moments."""

import re
from datetime import UTC, datetime, timedelta

from slipway.core.errors import ParamsInvalid
from slipway.core.moment import moment
from slipway.core.watch import Span

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span_of(since: str | None, until: str | None, days: float, now: datetime) -> Span:
    """The span that a command asks for.

    Args:
        since: how long it is, such as 7d, 12h or 2w, or when it begins, in ISO 8601; None for ``days``.
        until: when it ends, in ISO 8601; None for ``now``.

    Raises:
        ParamsInvalid: one of them is neither, or the span ends before it begins.
    """
    end = now if until is None else _moment(until)
    length = _LENGTH.fullmatch(since or "")
    if since is None:
        begin = end - timedelta(days=days)
    else:
        begin = _moment(since) if length is None else end - timedelta(**{_UNITS[length[2]]: float(length[1])})
    if begin >= end:
        raise _no_span(f"the span ends at {end.isoformat()}, before it begins at {begin.isoformat()}")
    return Span(since=begin.isoformat(timespec="milliseconds"), until=end.isoformat(timespec="milliseconds"))


def _moment(text: str) -> datetime:
    try:
        return moment(text).astimezone(UTC)
    except ValueError as error:
        raise _no_span(f"{text!r} is no time and no length of time") from error


def _no_span(what: str) -> ParamsInvalid:
    return ParamsInvalid(
        what,
        cause="a typing mistake",
        next_step="give --since 7d, 12h or 2026-01-31, and --until a time such as 2026-02-07T00:00:00Z",
    )
