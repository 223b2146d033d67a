"""One call of kubectl, and what its words mean."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from slipway.core.errors import ClusterUnreachable

QUICK_SECONDS = 60.0

_UNREACHABLE = re.compile(
    r"unable to connect to the server|connection refused|was refused - did you specify|no such host|i/o timeout|"
    r"connection reset|deadline exceeded|handshake timeout|certificate|you must be logged in|\(unauthorized\)|"
    r"no configuration has been provided|invalid configuration|error loading config|current-context|"
    r"the server is currently unable|no route to host|network is unreachable|etcdserver",
    re.IGNORECASE,
)
_NOISE = re.compile(r"[EWI]\d{4} |Warning: ")


@dataclass(frozen=True)
class Kubectl:
    """The program; it reads ``KUBECONFIG`` as it does for anybody."""

    program: Sequence[str] = ("kubectl",)

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one quick command to its end.

        Raises:
            ClusterUnreachable: the program is missing, takes too long, or tells that no server answers.
        """
        try:
            done = subprocess.run(
                [*self.program, *arguments],
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=QUICK_SECONDS,
                check=False,
            )
        except OSError as error:
            raise unreachable(f"{self.program[0]} cannot be started ({error.strerror})") from error
        except subprocess.TimeoutExpired as error:
            raise unreachable(f"`kubectl {arguments[0]}` did not end within {QUICK_SECONDS:g} seconds") from error
        if done.returncode != 0 and _UNREACHABLE.search(done.stderr):
            raise unreachable(last_words(done.stderr))
        return done


def last_words(text: str) -> str:
    """What a command said last, without its own log and what may hold a secret."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _NOISE.match(line)]
    begun = [number for number, line in enumerate(lines) if line.lower().startswith(("error", "the "))]
    return re.sub(r"://[^\s/@]*@", "://", " ".join(lines[begun[-1] if begun else -2 :]))[:500]


def unreachable(what: str) -> ClusterUnreachable:
    """The error to raise where no cluster answers."""
    return ClusterUnreachable(
        f"no cluster answers: {what}",
        cause="it is stopped, KUBECONFIG points elsewhere, its login has expired, or kubectl is not installed",
        next_step="`kubectl get --raw /readyz` tells when it answers; then run the same command again",
    )
