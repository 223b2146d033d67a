"""Examines what this machine has and is told to use; says what each missing piece switches off."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from slipway.core.answer import Answer
from slipway.core.errors import SlipwayError, ToolFailed, WriteFailed
from slipway.core.value import Value
from slipway.ports import Registry

OLDEST_PYTHON = (3, 11)
DISK_NEEDED = 2 * 10**9
PATIENCE = 30.0
_LOCK = "requirements/run.txt"


class Status(StrEnum):
    """Broken is there, or configured, and does not work."""

    OK = "ok"
    MISSING = "missing"
    BROKEN = "broken"


class Check(Value):
    """What was found out about one piece.

    Attributes:
        required: whether nothing runs without it.
        found: a version, a name, or why it does not work; never a secret.
        switches_off: what cannot be done without it.
        how: how to get or mend it.
    """

    name: str
    status: Status
    required: bool
    found: str
    switches_off: str
    how: str


class Probes(Protocol):
    """What is asked of the machine. No answer holds a secret that it was given, and every answer comes in seconds."""

    def python(self) -> tuple[int, int, int]:
        """The version of the interpreter that runs us."""
        ...

    def run(self, command: Sequence[str], *, folder: Path) -> Answer | None:
        """Run a program; the answer is its first line. None where it is not on the PATH."""
        ...

    def read(self, path: Path) -> str | None:
        """A text file, or None where there is none."""
        ...

    def installed(self) -> Mapping[str, str]:
        """Installed distributions: normalised name to version."""
        ...

    def free_bytes(self, folder: Path) -> int:
        """Free space on the disk that holds ``folder``."""
        ...

    def write(self, folder: Path) -> Answer:
        """Try to write a file into ``folder``, which is made if need be, and remove it again."""
        ...

    def slack(self, token: str) -> Answer:
        """Whose token it is, as Slack says."""
        ...

    def github(self, token: str) -> Answer:
        """Whether GitHub accepts the token."""
        ...


@dataclass(frozen=True)
class Configured:
    """The settings that are examined; None where one is not set.

    Attributes:
        use_case: a name to ask the registry for; any will do.
        tracking: how the MLflow store is called in words, such as "local SQLite file"; an address may hold a password.
    """

    root: Path
    use_case: str
    tracking: str
    slack_token: str | None = field(default=None, repr=False)
    slack_channel: str | None = None
    github_token: str | None = field(default=None, repr=False)
    docker_host: str | None = field(default=None, repr=False)
    kubeconfig: str | None = None


@dataclass(frozen=True)
class _Piece:
    """A piece to look for: ``look`` says what it is like."""

    name: str
    look: Callable[[], "_Found"]
    switches_off: str
    how: str
    required: bool = False


@dataclass(frozen=True)
class _Found:
    status: Status
    words: str


def examine(
    configured: Configured, probes: Probes, registry: Callable[[], Registry], *, patience: float = PATIENCE
) -> tuple[Check, ...]:
    """Look at every piece at once; what has not answered after ``patience`` seconds is broken.

    Args:
        registry: makes the registry's adapter; called only here, as its import is slow.
    """
    pieces = (*_required(configured, probes), *_local(configured, probes), *_outside(configured, probes, registry))
    found: dict[str, _Found] = {}
    threads = [threading.Thread(target=_look, args=(piece, found), daemon=True) for piece in pieces]
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    silence = _Found(Status.BROKEN, f"no answer within {patience:g} s")
    return tuple(_check(piece, _told(found.get(piece.name, silence), configured)) for piece in pieces)


def failure(checks: Sequence[Check]) -> SlipwayError | None:
    """The first required piece that is not in order as an error; None when only optional ones are missing."""
    for check in checks:
        if check.required and check.status is not Status.OK:
            kind = WriteFailed if check.name == _WORKSPACE else ToolFailed
            return kind(f"{check.name}: {check.found}", cause=f"without it: {check.switches_off}", next_step=check.how)
    return None


def _look(piece: _Piece, found: dict[str, _Found]) -> None:
    try:
        found[piece.name] = piece.look()
    except SlipwayError as error:
        found[piece.name] = _Found(Status.BROKEN, " ".join(error.what.split()))
    except Exception as error:  # one piece that cannot be examined must not hide the others
        found[piece.name] = _Found(Status.BROKEN, f"could not be examined: {type(error).__name__}")


def _told(found: _Found, configured: Configured) -> _Found:
    """What was found, without a secret that some tool repeated."""
    words = found.words
    for secret in (configured.slack_token, configured.github_token, configured.docker_host):
        words = words.replace(secret, "***") if secret else words
    return _Found(found.status, words)


def _check(piece: _Piece, found: _Found) -> Check:
    return Check(
        name=piece.name,
        status=found.status,
        required=piece.required,
        found=found.words,
        switches_off=piece.switches_off,
        how=piece.how,
    )


_WORKSPACE = ".slipway folder"


def _required(configured: Configured, probes: Probes) -> tuple[_Piece, ...]:
    root = configured.root
    return (
        _Piece("Python", lambda: _python(probes), "everything", "install Python 3.11 or newer, run make run", True),
        _Piece(
            "git", lambda: _git(probes, root), "everything", "install git, work in a clone (git clone, git init)", True
        ),
        _Piece(
            "DVC",
            lambda: _tool(probes, root, "dvc", "--version"),
            "every stage",
            "run make run, it sets up .venv",
            True,
        ),
        _Piece(
            _WORKSPACE,
            lambda: _answered(probes.write(root / ".slipway")),
            "every stage: nothing can be written",
            "mend the permissions of .slipway, or delete it",
            True,
        ),
    )


def _local(configured: Configured, probes: Probes) -> tuple[_Piece, ...]:
    root = configured.root
    return (
        _Piece(
            "packages",
            lambda: _packages(probes, root),
            "equal results on every machine",
            "delete .venv and run make run",
        ),
        _Piece("disk space", lambda: _disk(probes, root), "large runs", "free some space; 2 GB are enough to start"),
        _Piece("make", lambda: _tool(probes, root, "make", "--version"), "make run, make test", "install make"),
        _Piece(
            "DVC remote",
            lambda: _dvc_remote(probes, root),
            "sharing data with others",
            "dvc remote add -d NAME URL (README tells the three lines)",
        ),
    )


def _outside(configured: Configured, probes: Probes, registry: Callable[[], Registry]) -> tuple[_Piece, ...]:
    root = configured.root
    return (
        _Piece(
            "MLflow",
            lambda: _mlflow(configured, registry),
            "register, history and rollback",
            "start the server, or mend or unset MLFLOW_TRACKING_URI",
        ),
        _Piece(
            "Slack",
            lambda: _slack(configured, probes),
            "messages in Slack; results go to the terminal",
            "set SLACK_BOT_TOKEN (scope chat:write) and SLACK_CHANNEL",
        ),
        _Piece(
            "GitHub",
            lambda: _github(configured, probes),
            "reports on pull requests",
            "set GITHUB_TOKEN (pull requests: write)",
        ),
        _Piece(
            "CML", lambda: _tool(probes, root, "cml", "--version"), "posting with CML; the API is used", "install CML"
        ),
        _Piece(
            "Docker",
            lambda: _docker(configured, probes),
            "building and pushing serving images",
            "install Docker and start its engine, or set DOCKER_HOST",
        ),
        _Piece(
            "Kubernetes",
            lambda: _kubernetes(configured, probes),
            "deploying",
            "install kubectl and set KUBECONFIG to a cluster that answers",
        ),
    )


def _python(probes: Probes) -> _Found:
    version = probes.python()
    words = ".".join(map(str, version))
    return _Found(Status.OK if version[:2] >= OLDEST_PYTHON else Status.BROKEN, words)


def _git(probes: Probes, root: Path) -> _Found:
    version = _tool(probes, root, "git", "--version")
    if version.status is not Status.OK:
        return version
    inside = probes.run(("git", "rev-parse", "--is-inside-work-tree"), folder=root)
    if inside is None or not inside.ok:
        return _Found(Status.BROKEN, f"{version.words}, but the project is not in a Git repository")
    return version


def _tool(probes: Probes, root: Path, *command: str) -> _Found:
    return _answered(probes.run(command, folder=root))


def _answered(answer: Answer | None) -> _Found:
    if answer is None:
        return _Found(Status.MISSING, "not on the PATH")
    return _Found(Status.OK if answer.ok else Status.BROKEN, answer.said)


def _packages(probes: Probes, root: Path) -> _Found:
    lock = probes.read(root / _LOCK)
    if lock is None:
        return _Found(Status.MISSING, f"{_LOCK} is not there")
    locked, installed = locked_versions(lock), probes.installed()
    astray = sorted(n for n, versions in locked.items() if n in installed and installed[n] not in versions)
    if astray:
        examples = ", ".join(f"{n} {installed[n]}" for n in astray[:3])
        return _Found(Status.BROKEN, f"{len(astray)} of {len(locked)} differ from {_LOCK}: {examples}")
    return _Found(Status.OK, f"as in {_LOCK}")


def locked_versions(lock: str) -> dict[str, set[str]]:
    """Name to the versions that a compiled requirements file allows, one for each environment marker."""
    locked: dict[str, set[str]] = {}
    for line in lock.splitlines():
        name, pinned, version = line.partition(";")[0].rstrip(" \\").partition("==")
        if pinned and not line.startswith((" ", "#")):
            locked.setdefault(name.partition("[")[0].lower().replace("_", "-"), set()).add(version.strip())
    return locked


def _disk(probes: Probes, root: Path) -> _Found:
    free = probes.free_bytes(root)
    return _Found(Status.OK if free >= DISK_NEEDED else Status.BROKEN, f"{free / 1e9:.1f} GB free")


def _dvc_remote(probes: Probes, root: Path) -> _Found:
    """Names only: addresses may hold keys."""
    answer = probes.run(("dvc", "remote", "list"), folder=root)
    if answer is None or not answer.ok:
        return _answered(answer)
    name = answer.said.partition("\t")[0].split()[:1]
    return _Found(Status.OK, name[0]) if name else _Found(Status.MISSING, "none is configured")


def _mlflow(configured: Configured, registry: Callable[[], Registry]) -> _Found:
    versions = registry().versions(configured.use_case)
    return _Found(Status.OK, f"{configured.tracking}, {len(versions)} versions of {configured.use_case}")


def _slack(configured: Configured, probes: Probes) -> _Found:
    token, channel = configured.slack_token, configured.slack_channel
    if not token or not channel:
        state = f"SLACK_BOT_TOKEN {_set(token)}, SLACK_CHANNEL {_set(channel)}"
        return _Found(Status.BROKEN if token or channel else Status.MISSING, state)
    return _answered(probes.slack(token))


def _github(configured: Configured, probes: Probes) -> _Found:
    if not configured.github_token:
        return _Found(Status.MISSING, "GITHUB_TOKEN not set")
    return _answered(probes.github(configured.github_token))


def _docker(configured: Configured, probes: Probes) -> _Found:
    answer = probes.run(("docker", "version", "--format", "{{.Server.Version}}"), folder=configured.root)
    engine = f"DOCKER_HOST {_set(configured.docker_host)}"
    if answer is None:
        status = Status.BROKEN if configured.docker_host else Status.MISSING
        return _Found(status, f"docker is not on the PATH, {engine}")
    return (
        _Found(Status.OK, f"engine {answer.said}")
        if answer.ok
        else _Found(Status.BROKEN, f"the engine does not answer, {engine}")
    )


def _kubernetes(configured: Configured, probes: Probes) -> _Found:
    answer = probes.run(("kubectl", "get", "--raw=/version", "--request-timeout=5s"), folder=configured.root)
    settings = f"KUBECONFIG {_set(configured.kubeconfig)}"
    if answer is None:
        return _Found(
            Status.BROKEN if configured.kubeconfig else Status.MISSING, f"kubectl is not on the PATH, {settings}"
        )
    if answer.ok:
        return _Found(Status.OK, "the cluster answers")
    return _Found(Status.BROKEN if configured.kubeconfig else Status.MISSING, f"no cluster answers, {settings}")


def _set(value: str | None) -> str:
    return "set" if value else "not set"
