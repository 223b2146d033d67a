"""What ``slipway doctor`` asks of this machine, and a twin that answers what it is told to."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from slipway.core.answer import Answer

_CREDENTIALS = re.compile(r"://[^/\s@]+@")


@dataclass(frozen=True)
class MachineProbes:
    """The machine itself. ``timeout`` in seconds bounds each program and each request."""

    slack_url: str
    github_url: str
    timeout: float = 10.0

    def python(self) -> tuple[int, int, int]:
        return sys.version_info[:3]

    def run(self, command: Sequence[str], *, folder: Path) -> Answer | None:
        program = shutil.which(command[0])
        if program is None:
            return None
        try:
            done = subprocess.run(
                [program, *command[1:]],
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Answer(ok=False, said=f"no answer within {self.timeout:g} s")
        except OSError as error:
            return Answer(ok=False, said=f"does not start: {error.strerror}")
        return Answer(ok=done.returncode == 0, said=_first_line(done.stdout if done.returncode == 0 else done.stderr))

    def read(self, path: Path) -> str | None:
        try:
            return path.read_text(encoding="utf-8")
        except OSError:
            return None

    def installed(self) -> Mapping[str, str]:
        named = ((d.metadata["Name"], d.version) for d in metadata.distributions())
        return {name.lower().replace("_", "-"): version for name, version in named if name}

    def free_bytes(self, folder: Path) -> int:
        return shutil.disk_usage(folder).free

    def write(self, folder: Path) -> Answer:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor.") as file:
                file.write(b"x" * 4096)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return Answer(ok=False, said=f"cannot be written: {error.strerror}")
        return Answer(ok=True, said="can be written")

    def slack(self, token: str) -> Answer:
        from slipway.adapters.slack.identity import identity

        return identity(token, base_url=self.slack_url, patience=self.timeout)

    def github(self, token: str) -> Answer:
        """Ask for the rate limit: it needs no permission and costs nothing, yet a bad token is refused."""
        if not self.github_url.startswith(("https://", "http://")):
            return Answer(ok=False, said="GITHUB_API_URL is not an address of the web")
        address = f"{self.github_url.rstrip('/')}/rate_limit"
        try:
            request = Request(address, headers={"Authorization": f"Bearer {token.strip()}"})  # noqa: S310  # checked
            with urlopen(request, timeout=self.timeout):  # noqa: S310  # checked above
                return Answer(ok=True, said="the token is accepted")
        except HTTPError as error:
            refused = error.code in {401, 403}
            return Answer(
                ok=False, said="the token is refused" if refused else f"GitHub answers with HTTP {error.code}"
            )
        except URLError as error:
            return Answer(ok=False, said=f"GitHub cannot be reached: {error.reason}")
        except (OSError, ValueError) as error:
            return Answer(ok=False, said=f"GitHub cannot be asked: {type(error).__name__}")


def _first_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return _CREDENTIALS.sub("://***@", lines[0])[:200] if lines else ""


@dataclass(frozen=True)
class FixedProbes:
    """The twin: a machine as described. ``programs`` maps a command, or its first word, to its answer."""

    programs: Mapping[str, Answer] = field(default_factory=dict)
    files: Mapping[Path, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    version: tuple[int, int, int] = (3, 11, 9)
    free: int = 10**11
    writing: Answer = Answer(ok=True, said="can be written")  # noqa: RUF009  # frozen
    slack_says: Answer = Answer(ok=True, said="slipway in Test")  # noqa: RUF009  # frozen
    github_says: Answer = Answer(ok=True, said="the token is accepted")  # noqa: RUF009  # frozen

    def python(self) -> tuple[int, int, int]:
        return self.version

    def run(self, command: Sequence[str], *, folder: Path) -> Answer | None:
        return self.programs.get(" ".join(command), self.programs.get(command[0]))

    def read(self, path: Path) -> str | None:
        return self.files.get(path)

    def installed(self) -> Mapping[str, str]:
        return self.packages

    def free_bytes(self, folder: Path) -> int:
        return self.free

    def write(self, folder: Path) -> Answer:
        return self.writing

    def slack(self, token: str) -> Answer:
        return self.slack_says

    def github(self, token: str) -> Answer:
        return self.github_says
