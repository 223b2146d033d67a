"""The pieces a machine may have: what to look at, what a missing one switches off, and how to get it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from slipway.core.answer import Answer
from slipway.core.source import Variable
from slipway.ports import Probes, Registry

OLDEST_PYTHON = (3, 11)
DISK_NEEDED = 2 * 10**9
WORKSPACE = ".slipway folder"
_LOCK = "requirements/run.txt"


class Status(StrEnum):
    """Broken is there, or configured, and does not work."""

    OK = "ok"
    MISSING = "missing"
    BROKEN = "broken"


@dataclass(frozen=True)
class Asked:
    """A variable that a use case's source asks for, or why the use case could not be asked which."""

    use_case: str
    variable: Variable | None
    is_set: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Configured:
    """The settings that are examined; None where one is not set.

    Attributes:
        use_case: a name to ask the registry for; any will do.
        tracking: how the MLflow store is called in words, such as "local SQLite file"; an address may hold a password.
        sources: what the use cases' own sources ask the environment for.
    """

    root: Path
    use_case: str
    tracking: str
    slack_token: str | None = field(default=None, repr=False)
    slack_channel: str | None = None
    slack_webhook: str | None = field(default=None, repr=False)
    github_token: str | None = field(default=None, repr=False)
    docker_host: str | None = field(default=None, repr=False)
    kubeconfig: str | None = None
    sources: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a piece is like; ``words`` hold a version, a name, or why it does not work."""

    status: Status
    words: str


@dataclass(frozen=True)
class Piece:
    """A piece to look for: ``look`` says what it is like."""

    name: str
    look: Callable[[], Found]
    switches_off: str
    how: str
    required: bool = False


def pieces(configured: Configured, probes: Probes, registry: Callable[[], Registry]) -> tuple[Piece, ...]:
    """All pieces, those that nothing runs without first; nothing is looked at yet."""
    return (
        *_required(configured, probes),
        *_local(configured, probes),
        *_outside(configured, probes, registry),
        *map(_source, configured.sources),
    )


def _required(configured: Configured, probes: Probes) -> tuple[Piece, ...]:
    root = configured.root
    return (
        Piece("Python", lambda: _python(probes), "everything", "install Python 3.11 or newer, run make run", True),
        Piece(
            "git", lambda: _git(probes, root), "everything", "install git, work in a clone (git clone, git init)", True
        ),
        Piece(
            "DVC",
            lambda: _tool(probes, root, "dvc", "--version"),
            "every stage",
            "run make run, it sets up .venv",
            True,
        ),
        Piece(
            WORKSPACE,
            lambda: _answered(probes.write(root / ".slipway")),
            "every stage: nothing can be written",
            "mend the permissions of .slipway, or delete it",
            True,
        ),
    )


def _local(configured: Configured, probes: Probes) -> tuple[Piece, ...]:
    root = configured.root
    return (
        Piece(
            "packages",
            lambda: _packages(probes, root),
            "equal results on every machine",
            "delete .venv and run make run",
        ),
        Piece("disk space", lambda: _disk(probes, root), "large runs", "free some space; 2 GB are enough to start"),
        Piece("make", lambda: _tool(probes, root, "make", "--version"), "make run, make test", "install make"),
        Piece(
            "DVC remote",
            lambda: _dvc_remote(probes, root),
            "sharing data with others",
            "dvc remote add -d NAME URL (README tells the three lines)",
        ),
    )


def _outside(configured: Configured, probes: Probes, registry: Callable[[], Registry]) -> tuple[Piece, ...]:
    root = configured.root
    return (
        Piece(
            "MLflow",
            lambda: _mlflow(configured, registry),
            "register, history and rollback",
            "start the server, or mend or unset MLFLOW_TRACKING_URI",
        ),
        Piece(
            "Slack",
            lambda: _slack(configured, probes),
            "messages in Slack; results go to the terminal",
            "set SLACK_BOT_TOKEN and SLACK_CHANNEL, or SLACK_WEBHOOK_URL: docs/slack.md tells how",
        ),
        Piece(
            "GitHub",
            lambda: _github(configured, probes),
            "reports on pull requests",
            "set GITHUB_TOKEN (pull requests: write)",
        ),
        Piece(
            "CML", lambda: _tool(probes, root, "cml", "--version"), "posting with CML; the API is used", "install CML"
        ),
        Piece(
            "Docker",
            lambda: _docker(configured, probes),
            "building and pushing serving images",
            "install Docker and start its engine, or set DOCKER_HOST",
        ),
        Piece(
            "Kubernetes",
            lambda: _kubernetes(configured, probes),
            "deploying",
            "install kubectl and set KUBECONFIG to a cluster that answers",
        ),
    )


def _source(asked: Asked) -> Piece:
    """A variable of a source: whether it is set; its value is not tried, as that would use up somebody's quota."""
    variable = asked.variable
    if variable is None:
        return Piece(
            f"source of {asked.use_case}",
            lambda: Found(Status.BROKEN, asked.problem),
            f"everything of {asked.use_case}",
            f"mend src/use_cases/{asked.use_case}",
        )
    found = Found(Status.OK, "set") if asked.is_set else Found(Status.MISSING, "not set")
    return Piece(f"{asked.use_case}: {variable.name}", lambda: found, variable.unlocks, variable.how)


def _python(probes: Probes) -> Found:
    version = probes.python()
    words = ".".join(map(str, version))
    return Found(Status.OK if version[:2] >= OLDEST_PYTHON else Status.BROKEN, words)


def _git(probes: Probes, root: Path) -> Found:
    version = _tool(probes, root, "git", "--version")
    if version.status is not Status.OK:
        return version
    inside = probes.run(("git", "rev-parse", "--is-inside-work-tree"), folder=root)
    if inside is None or not inside.ok:
        return Found(Status.BROKEN, f"{version.words}, but the project is not in a Git repository")
    return version


def _tool(probes: Probes, root: Path, *command: str) -> Found:
    return _answered(probes.run(command, folder=root))


def _answered(answer: Answer | None) -> Found:
    if answer is None:
        return Found(Status.MISSING, "not on the PATH")
    return Found(Status.OK if answer.ok else Status.BROKEN, answer.said)


def _packages(probes: Probes, root: Path) -> Found:
    lock = probes.read(root / _LOCK)
    if lock is None:
        return Found(Status.MISSING, f"{_LOCK} is not there")
    locked, installed = locked_versions(lock), probes.installed()
    astray = sorted(n for n, versions in locked.items() if n in installed and installed[n] not in versions)
    if astray:
        examples = ", ".join(f"{n} {installed[n]}" for n in astray[:3])
        return Found(Status.BROKEN, f"{len(astray)} of {len(locked)} differ from {_LOCK}: {examples}")
    return Found(Status.OK, f"as in {_LOCK}")


def locked_versions(lock: str) -> dict[str, set[str]]:
    """Name to the versions that a compiled requirements file allows, one for each environment marker."""
    locked: dict[str, set[str]] = {}
    for line in lock.splitlines():
        name, pinned, version = line.partition(";")[0].rstrip(" \\").partition("==")
        if pinned and not line.startswith((" ", "#")):
            locked.setdefault(name.partition("[")[0].lower().replace("_", "-"), set()).add(version.strip())
    return locked


def _disk(probes: Probes, root: Path) -> Found:
    free = probes.free_bytes(root)
    return Found(Status.OK if free >= DISK_NEEDED else Status.BROKEN, f"{free / 1e9:.1f} GB free")


def _dvc_remote(probes: Probes, root: Path) -> Found:
    """Names only: addresses may hold keys."""
    answer = probes.run(("dvc", "remote", "list"), folder=root)
    if answer is None or not answer.ok:
        return _answered(answer)
    name = answer.said.partition("\t")[0].split()[:1]
    return Found(Status.OK, name[0]) if name else Found(Status.MISSING, "none is configured")


def _mlflow(configured: Configured, registry: Callable[[], Registry]) -> Found:
    versions = registry().versions(configured.use_case)
    return Found(Status.OK, f"{configured.tracking}, {len(versions)} versions of {configured.use_case}")


def _slack(configured: Configured, probes: Probes) -> Found:
    token, channel = configured.slack_token, configured.slack_channel
    if configured.slack_webhook and not token:
        return Found(Status.OK, "a webhook: messages without threads; it is not tried, as that would post")
    if not token or not channel:
        state = f"SLACK_BOT_TOKEN {_set(token)}, SLACK_CHANNEL {_set(channel)}"
        return Found(Status.BROKEN if token or channel else Status.MISSING, state)
    return _answered(probes.slack(token))


def _github(configured: Configured, probes: Probes) -> Found:
    if not configured.github_token:
        return Found(Status.MISSING, "GITHUB_TOKEN not set")
    return _answered(probes.github(configured.github_token))


def _docker(configured: Configured, probes: Probes) -> Found:
    answer = probes.run(("docker", "version", "--format", "{{.Server.Version}}"), folder=configured.root)
    engine = f"DOCKER_HOST {_set(configured.docker_host)}"
    if answer is None:
        status = Status.BROKEN if configured.docker_host else Status.MISSING
        return Found(status, f"docker is not on the PATH, {engine}")
    return (
        Found(Status.OK, f"engine {answer.said}")
        if answer.ok
        else Found(Status.BROKEN, f"the engine does not answer, {engine}")
    )


def _kubernetes(configured: Configured, probes: Probes) -> Found:
    answer = probes.run(("kubectl", "get", "--raw=/version", "--request-timeout=5s"), folder=configured.root)
    settings = f"KUBECONFIG {_set(configured.kubeconfig)}"
    if answer is None:
        return Found(
            Status.BROKEN if configured.kubeconfig else Status.MISSING, f"kubectl is not on the PATH, {settings}"
        )
    if answer.ok:
        return Found(Status.OK, "the cluster answers")
    return Found(Status.BROKEN if configured.kubeconfig else Status.MISSING, f"no cluster answers, {settings}")


def _set(value: str | None) -> str:
    return "set" if value else "not set"
