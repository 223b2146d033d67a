"""Stage results as lines in the terminal, and the notifier that only remembers them."""

import logging

from rich.console import Console
from rich.text import Text

from slipway.core.digest import Digest
from slipway.core.release_thread import Announcement, ReleaseThread
from slipway.core.stage_result import StageResult
from slipway.report.digest import heading, sentence

_log = logging.getLogger(__name__)


class TerminalNotifier:
    """One line a result; without colour where there is no terminal, in ASCII where there is no UTF-8."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def notify(self, result: StageResult) -> None:
        """Print the result's line."""
        self._print(self._line(result), f"{result.stage} {result.use_case}")

    def announce(self, announcement: Announcement) -> None:
        """Print what a release sets out to do."""
        names = ", ".join(announcement.use_cases) or "no use case"
        line = self._fitting(f"release {announcement.release}: {names}; {announcement.reason or 'no reason given'}")
        self._print(Text(line), f"release {announcement.release}")

    def sum_up(self, digest: Digest) -> None:
        """Print a line a use case."""
        lines = (heading(digest), *map(sentence, digest.lived))
        self._print(Text("\n".join(map(self._fitting, lines))), "the digest")

    def _print(self, line: Text, what: str) -> None:
        try:
            self._console.print(line, soft_wrap=True)
        except (Exception, SystemExit) as error:  # rich answers a closed pipe with SystemExit
            _log.warning("the line of %s was not printed: %s", what, type(error).__name__)

    def _line(self, result: StageResult) -> Text:
        failed = result.calls
        style = "red" if failed else "green"
        return Text.assemble(
            (self._mark(result), style),
            f" {self._fitting(result.stage):<10} {self._fitting(result.use_case)}  ",
            (self._fitting(result.headline), style if failed else ""),
            (f"  {result.seconds:.1f} s" if result.seconds else "", "dim"),
        )

    def _mark(self, result: StageResult) -> str:
        if self._console.options.ascii_only:
            return result.status.upper() if result.calls else "ok"
        return {"failed": "✗", "alarm": "!"}.get(result.status, "✓")

    def _fitting(self, text: str) -> str:
        """One line of what the terminal's encoding can show, without control characters."""
        line = "".join(c if c.isprintable() else " " for c in text)
        encoding = self._console.encoding or "ascii"
        return " ".join(line.encode(encoding, "replace").decode(encoding).split())


class RecordingNotifier:
    """The twin: remembers every result, in order, and the thread of its release as it stands."""

    def __init__(self, release: str = "") -> None:
        self.results: list[StageResult] = []
        self.thread = ReleaseThread(announcement=Announcement(release=release))
        self.digests: list[Digest] = []

    def notify(self, result: StageResult) -> None:
        """Remember the result."""
        self.results.append(result)
        self.thread = self.thread.told(result)

    def announce(self, announcement: Announcement) -> None:
        """Remember what the release sets out to do."""
        self.thread = self.thread.model_copy(update={"announcement": announcement})

    def sum_up(self, digest: Digest) -> None:
        """Remember what was summed up."""
        self.digests.append(digest)
