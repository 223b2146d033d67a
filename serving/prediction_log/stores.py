"""Where the log's files go: what a store does, and which one an address means."""

import os
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

SUFFIX = ".jsonl.gz"


class StoreFailed(Exception):
    """A store cannot be written now; the message holds no secret."""


class TargetInvalid(ValueError):
    """An address that no store can be made of."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """From which compressed size, or after how many seconds, a file is finished."""

    size: int
    seconds: float


class Store(Protocol):
    """Keeps files made of gzip members, each of whole lines. Used by one thread; ``str`` of it is its address."""

    @property
    def rotation(self) -> Rotation:
        """What suits this store when nobody says otherwise."""

    def append(self, member: bytes, lines: int) -> int:
        """Add to the file under way, or begin one.

        Returns:
            How many lines have become safe against the end of this process.

        Raises:
            StoreFailed: nothing of it was kept; the same member may be tried again.
        """

    def finish(self) -> int:
        """Give the file under way its final name; without one, do nothing.

        Returns:
            How many lines have become safe.

        Raises:
            StoreFailed: not done; it may be tried again.
        """


class Names:
    """Names for the files of this process, each with the time it was begun: no two are the same on one machine."""

    def __init__(self, distinction: str = "", clock: Callable[[], float] = time.time) -> None:
        self._distinction = distinction
        self._clock = clock
        self._number = 0

    def next(self) -> str:
        """``predictions-START-HOST-PID-N.jsonl.gz``, with START in UTC."""
        host = re.sub(r"[^A-Za-z0-9.]+", "_", socket.gethostname())
        parts = [time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock())), host, str(os.getpid()), self._distinction]
        name = "-".join(["predictions", *filter(None, parts), str(self._number)])
        self._number += 1
        return name + SUFFIX


def open_store(target: str, environment: Mapping[str, str], clock: Callable[[], float] = time.time) -> Store:
    """The store of a folder's path or of ``s3://bucket/prefix``; nothing is written or asked yet.

    Args:
        environment: for an object store its ``AWS_...`` settings, as Amazon's own tools know them.
        clock: by which files are named, seconds since 1970 in UTC.

    Raises:
        TargetInvalid: no such kind of store, no bucket, or the library for it is not installed.
    """
    scheme, separator, _ = target.partition("://")
    if not separator:
        from serving.prediction_log.folder_store import FolderStore

        return FolderStore(Path(target), clock)
    if scheme != "s3":
        raise TargetInvalid(f"{target!r} is neither a folder nor an s3:// address; give a path or s3://bucket/prefix")
    from serving.prediction_log.object_store import ObjectStore

    return ObjectStore(target, environment, clock)
