"""The twin of a prediction log's stores: files in memory."""

from collections.abc import Iterator, Mapping

from slipway.core.errors import LogUnavailable
from slipway.core.log_file import LogFile


class InMemoryLog:
    """Files by name, each with its bytes and when it was written to last; None for a store out of reach."""

    def __init__(self, held: Mapping[str, tuple[bytes, float]] | None) -> None:
        self.held = held
        self.opened: list[str] = []

    def files(self) -> tuple[LogFile, ...]:
        """All files."""
        files = [LogFile(name, modified, len(content)) for name, (content, modified) in self._answer().items()]
        return tuple(sorted(files, key=lambda file: file.name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes."""
        held = self._answer()
        self.opened.append(name)
        if name not in held:
            name = name.removesuffix(".part")
        if name not in held:
            raise LogUnavailable(f"there is no {name}", cause="it was deleted meanwhile", next_step="run again")
        yield held[name][0]

    def _answer(self) -> Mapping[str, tuple[bytes, float]]:
        if self.held is None:
            raise LogUnavailable(
                "the prediction log cannot be read", cause="it was told not to answer", next_step="make it reachable"
            )
        return self.held
