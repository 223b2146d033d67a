"""A prediction log in a folder."""

from collections.abc import Iterator
from pathlib import Path

from slipway.core.errors import LogUnavailable
from slipway.core.log_file import LogFile

FILES = "predictions-*.jsonl.gz"
UNDER_WAY = ".part"
_PIECE = 2**20


class FolderLog:
    """Reads what ``--log-to FOLDER`` writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> tuple[LogFile, ...]:
        """All files; see the port."""
        if not self._folder.is_dir():
            raise LogUnavailable(
                f"there is no folder {self._folder} with a prediction log",
                cause="another folder is meant, or no endpoint was started with --log-to yet",
                next_step="name the folder that the endpoint's --log-to names, with --log or SLIPWAY_PREDICTION_LOG",
            )
        try:
            found = [self._listed(path) for end in ("", UNDER_WAY) for path in self._folder.glob(FILES + end)]
        except OSError as error:
            raise self._failed(error) from error
        named = {file.name.removesuffix(UNDER_WAY): file for file in found if file is not None}
        return tuple(sorted(named.values(), key=lambda file: file.name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes; see the port."""
        try:
            with self._open(name) as file:
                while piece := file.read(_PIECE):
                    yield piece
        except OSError as error:
            raise self._failed(error) from error

    def _open(self, name: str):  # type: ignore[no-untyped-def]
        try:
            return (self._folder / name).open("rb")
        except FileNotFoundError:
            return (self._folder / name.removesuffix(UNDER_WAY)).open("rb")

    @staticmethod
    def _listed(path: Path) -> LogFile | None:
        try:
            stat = path.stat()
        except FileNotFoundError:  # finished while we looked: it is listed under its final name, or next time
            return None
        return LogFile(path.name, stat.st_mtime, stat.st_size)

    def _failed(self, error: OSError) -> LogUnavailable:
        return LogUnavailable(
            f"the prediction log in {self._folder} cannot be read: {error.strerror or type(error).__name__}",
            cause="its files may not be read by this account, or somebody deleted one meanwhile",
            next_step="mend the permissions, which let the owner and its group read, then run the same command again",
        )
