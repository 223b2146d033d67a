"""Log files in a folder."""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from serving.prediction_log.stores import Names, Rotation, StoreFailed

UNDER_WAY = ".part"
_MODE = 0o640


@dataclass(slots=True)
class _File:
    path: Path
    descriptor: int
    size: int = 0

    def is_in_place(self) -> bool:
        """Whether the name still leads to this file; a deleted one can be written, to no avail."""
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self.descriptor))
        except OSError:
            return False


class FolderStore:
    """Appends to ``NAME.part`` and renames it to ``NAME`` when it is finished.

    What was appended survives the end of the process; a finished file survives a power failure too (fsync).
    """

    rotation = Rotation(size=64 * 2**20, seconds=3600)

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._names = Names(clock=clock)
        self._file: _File | None = None

    def __str__(self) -> str:
        return f"folder {self._folder}"

    def append(self, member: bytes, lines: int) -> int:
        """Write a member as a whole or not at all; its lines are safe then."""
        try:
            _write(self._file_under_way(), member)
        except OSError as error:
            raise self._failed(error) from error
        return lines

    def finish(self) -> int:
        """Sync and rename. A file for which that fails is left as it is, readable, and not tried again."""
        file, self._file = self._file, None
        if file is None:
            return 0
        try:
            os.fsync(file.descriptor)
            file.path.rename(file.path.with_suffix(""))
            _sync_names(self._folder)
        except OSError as error:
            raise self._failed(error) from error
        finally:
            os.close(file.descriptor)
        return 0

    def _file_under_way(self) -> _File:
        if self._file is not None and not self._file.is_in_place():
            self._abandon()
        if self._file is None:
            self._folder.mkdir(exist_ok=True)
            self._file = self._begin()
        return self._file

    def _begin(self) -> _File:
        """A new file; its final name is free as long as its present one is held."""
        while True:
            path = self._folder / (self._names.next() + UNDER_WAY)
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
            except FileExistsError:
                continue
            if not path.with_suffix("").exists():
                return _File(path, descriptor)
            os.close(descriptor)
            path.unlink()

    def _abandon(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                os.close(file.descriptor)

    def _failed(self, error: OSError) -> StoreFailed:
        return StoreFailed(f"{self} cannot be written ({error.strerror or type(error).__name__})")


def _write(file: _File, member: bytes) -> None:
    rest = memoryview(member)
    try:
        while rest:
            rest = rest[os.write(file.descriptor, rest) :]
    except OSError:
        os.ftruncate(file.descriptor, file.size)  # half a member would make all that follows unreadable
        raise
    file.size += len(member)


def _sync_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
