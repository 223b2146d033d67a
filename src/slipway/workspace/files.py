"""Reading with errors that say what to do, and writing that is all or nothing."""

import errno
import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from slipway.core.errors import DataMissing, WriteFailed
from slipway.core.value import Value, sha256

if TYPE_CHECKING:
    import pandas as pd

Document = TypeVar("Document", bound=Value)
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary neighbour of ``path`` that takes its place when the block ends well.

    Raises:
        WriteFailed: the disk is full, or the folder may not be written; ``path`` is as it was.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with _claimed(handle):
            yield temporary
            temporary.chmod(0o644)
            temporary.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a new empty folder that takes the place of ``path`` when the block ends well."""
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        with _claimed(os.open(temporary, os.O_RDONLY)):
            yield temporary
            temporary.chmod(0o755)
            shutil.rmtree(path, ignore_errors=True)
            temporary.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _claimed(handle: int) -> Iterator[None]:
    """Hold a temporary as its living owner; the system lets go of it however the process ends."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _remove_abandoned(path: Path) -> None:
    """Remove temporary neighbours of ``path`` whose owner was killed."""
    for neighbour in path.parent.glob(f".{glob.escape(path.name)}.{'[a-z0-9_]' * 8}"):
        with suppress(OSError):
            handle = os.open(neighbour, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(neighbour) if neighbour.is_dir() else neighbour.unlink()
            finally:
                os.close(handle)


def unwritable(path: Path, error: OSError) -> WriteFailed:
    """The error to raise where ``path`` could not be written."""
    return WriteFailed(
        f"{path} could not be written: {error.strerror or error}",
        cause="the disk is full or the folder may not be written",
        next_step=f"free space or mend the permissions of {path.parent}, then run the same command again",
    )


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, all or nothing."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_document(path: Path, document: Value) -> None:
    """Write a value as indented JSON with a final newline."""
    write_text(path, document.model_dump_json(indent=2) + "\n")


def write_frame(path: Path, frame: "pd.DataFrame") -> None:
    """Write a table as Parquet; equal tables give equal bytes."""
    with replacing(path) as temporary:
        frame.to_parquet(temporary, index=False)


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes, all or nothing."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_frames(path: Path, frames: "Iterable[pd.DataFrame]") -> int:
    """Write a table that comes in pieces, each a row group, as one Parquet file; returns how many rows it has.

    One piece is held at a time. Equal pieces give equal bytes.

    Raises:
        ValueError: there is no piece, or one that has other columns or types than the first.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, writer = 0, None
    with replacing(path) as temporary:
        try:
            for frame in frames:
                if writer is not None and list(frame.columns) != writer.schema.names:
                    raise ValueError(f"a piece has the columns {', '.join(map(str, frame.columns))}")
                table = pa.Table.from_pandas(frame, schema=writer.schema if writer else None, preserve_index=False)
                if writer is None:
                    writer = pq.ParquetWriter(temporary, table.schema)
                writer.write_table(table)
                rows += len(frame)
            if writer is None:
                raise ValueError("there is not one piece of it")
        finally:
            if writer is not None:
                writer.close()
    return rows


def read_document(path: Path, kind: type[Document], *, made_by: str) -> Document:
    """Read a value back.

    Raises:
        DataMissing: the file is not there or does not fit its schema; ``made_by`` names the command that makes it.
    """
    content = _reading(path, path.read_bytes, made_by)
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise DataMissing(
            f"{path} is not a valid {kind.__name__}: {error.errors()[0]['msg']}",
            cause="it was changed by hand, cut short, or written by another version",
            next_step=f"delete it and run `{made_by}`",
        ) from error


def read_frame(path: Path, *, made_by: str, columns: list[str] | None = None) -> "pd.DataFrame":
    """Read a Parquet table, or some of its columns.

    Raises:
        DataMissing: the file is absent or is no Parquet file; ``made_by`` names the command that makes it.
    """
    import pandas as pd
    from pyarrow.lib import ArrowException

    try:
        return _reading(path, lambda: pd.read_parquet(path, columns=columns), made_by)
    except (ArrowException, OSError) as error:
        raise DataMissing(
            f"{path} is not a readable Parquet file: {error}",
            cause="the file was cut short, damaged or is of another format",
            next_step=f"delete it and run `{made_by}`",
        ) from error


Content = TypeVar("Content")


def _reading(path: Path, read: Callable[[], Content], made_by: str) -> Content:
    try:
        return read()
    except FileNotFoundError as error:
        raise absent(path, made_by) from error


def absent(path: Path, made_by: str) -> DataMissing:
    """The error to raise where ``path`` is not there; ``made_by`` names the command that makes it."""
    return DataMissing(
        f"{path} does not exist", cause="the stage before has not run here", next_step=f"run `{made_by}`"
    )


def file_digest(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    return sha256(path.read_bytes())


def written(write: Callable[[str], object]) -> bytes:
    """What a function writes to the path that it is given; nothing of it stays on the disk."""
    with tempfile.TemporaryDirectory(prefix="slipway-") as folder:
        path = Path(folder) / "written"
        write(str(path))
        return path.read_bytes()
