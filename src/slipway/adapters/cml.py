"""Posting the report with CML's command; where that fails, GitHub's API does it."""

import logging
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from slipway.adapters.github import Comment, GithubPullRequests

PATIENCE = 60.0
INHERITED = (
    "PATH",
    "LANG",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "CI",
    "GITHUB_API_URL",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_REF",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ID",
    "GITHUB_SHA",
    "GITHUB_WORKFLOW",
)
_LABEL = "slipway"
_WATERMARK = re.compile(rf'!\[\]\(https://cml\.dev/watermark\.png#[0-9a-fA-F]+ "CML watermark {_LABEL}"\)')
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CmlPullRequests:
    """CML posts, ``api`` finds and repairs.

    CML updates the last comment that has its watermark, whoever wrote it, and makes another where there is none. So it
    is only asked to where ``api`` has seen what will come of it.

    Attributes:
        program: the command, by its path.
        repository: its address, such as ``https://github.com/acme/models``.
        environment: what the command inherits; of ours only INHERITED is needed, and no other secret is its business.
        patience: seconds, after which the command is ended.
    """

    api: GithubPullRequests
    program: Path
    repository: str
    token: str = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    patience: float = PATIENCE

    def report(self, number: int, body: str) -> str:
        verb = self._verb(number)
        if verb is not None and self._posted(verb, number, body):
            written = self.api.ours(number)
            if written is not None and written.body.startswith(body):
                return written.url
            _log.warning("CML said that it posted, but the report is not there; the API posts it")
        return self.api.report(number, body)

    def with_head(self, sha: str, *, repository: str, branch: str) -> tuple[int, ...]:
        return self.api.with_head(sha, repository=repository, branch=branch)

    def artifact(self, run: int, name: str, *, at_most: int) -> bytes | None:
        return self.api.artifact(run, name, at_most=at_most)

    def _verb(self, number: int) -> str | None:
        """Create, update, or neither, which is the API's to do."""
        ours = self.api.ours(number)
        if ours is None:
            return "create"
        return "update" if self._is_last_of_cml(ours) else None

    def _is_last_of_cml(self, ours: Comment) -> bool:
        if not _WATERMARK.search(ours.body):
            return False
        return self.api.bodies_matching(ours.number, _WATERMARK)[-1].id == ours.id

    def _posted(self, verb: str, number: int, body: str) -> bool:
        with tempfile.TemporaryDirectory(prefix="slipway-cml-") as home:
            report = Path(home) / "report.md"
            report.write_text(body, encoding="utf-8")
            wrong = self._run(self._command(verb, number, report), home)
        if wrong is not None:
            _log.warning("CML did not post the report (%s); the API posts it", wrong)
        return wrong is None

    def _command(self, verb: str, number: int, report: Path) -> list[str]:
        """Publishing is off: CML would upload to its makers' server every local file that the text links to."""
        return [
            str(self.program),
            "comment",
            verb,
            f"--target=pr/{number}",
            "--publish=false",
            f"--watermark-title={_LABEL}",
            "--driver=github",
            f"--repo={self.repository}",
            str(report),
        ]

    def _run(self, command: list[str], home: str) -> str | None:
        """What went wrong, without what the command said: it may repeat its token.

        The home is an own one, as CML writes into Git's settings there.
        """
        told = {"HOME": home, "REPO_TOKEN": self.token.strip(), "ITERATIVE_DO_NOT_TRACK": "1"}
        try:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**self.environment, **told},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"it does not start: {type(error).__name__}"
        try:
            code = process.wait(self.patience)
        except subprocess.TimeoutExpired:
            return f"not done within {self.patience:g} s"
        finally:
            _end(process)
        return None if code == 0 else f"exit code {code}"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it with all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
