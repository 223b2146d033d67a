"""Which files of a log can hold entries of a span, told by their names and by when they were last written."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from slipway.core.log_file import LogFile

_NAME = re.compile(r"predictions-(\d{8}T\d{6}Z)-(.+)-(\d+)\.jsonl\.gz(\.part)?")
_OUTAGE = 86_400.0
"""Entries wait while their store is away; so long before its file was begun one may have come."""
_CLOCKS = 3_600.0
"""By so much the clock of a store may differ from that of an endpoint."""


def in_span(files: Iterable[LogFile], since: float, until: float) -> tuple[LogFile, ...]:
    """The files that can hold entries of a span, in order of their names; both ends in seconds since 1970.

    A file holds nothing younger than its last writing, nor than the next file of the same process; and nothing that is
    a day older than its name says. A name that says nothing is always among them.
    """
    listed = sorted(files, key=lambda file: file.name)
    followed = _followed(listed)
    return tuple(file for file in listed if _can_hold(file, followed, since, until))


def _can_hold(file: LogFile, followed: Mapping[str, float], since: float, until: float) -> bool:
    begun = _begun(file.name)
    if begun is None:
        return True
    ended = min(file.modified, followed.get(file.name, file.modified))
    return begun - _OUTAGE < until and ended + _CLOCKS >= since


def _followed(files: Iterable[LogFile]) -> dict[str, float]:
    """Name of a file to when the next of its process was begun."""
    by_process = {}
    for file in files:
        match = _NAME.fullmatch(file.name)
        if match is not None:
            by_process[match[2], int(match[3])] = file.name
    following = {name: by_process.get((process, number + 1)) for (process, number), name in by_process.items()}
    starts = {name: _begun(other) for name, other in following.items() if other is not None}
    return {name: begun for name, begun in starts.items() if begun is not None and begun >= (_begun(name) or begun)}


def _begun(name: str) -> float | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
