"""A file of a prediction log, as its store lists it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file.

    Attributes:
        name: ``predictions-START-HOST-PID-N.jsonl.gz``, with ``.part`` behind it while it is under way.
        modified: when it was written to last, seconds since 1970-01-01 UTC.
        size: compressed, bytes.
    """

    name: str
    modified: float
    size: int
