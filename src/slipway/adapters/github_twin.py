"""A repository on GitHub that is kept in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from slipway.core.comment import is_marked
from slipway.core.errors import GitHubRefused, ReportRefused, SlipwayError
from slipway.core.issue import LABEL, Issue, is_about

_T = TypeVar("_T")


@dataclass
class Said:
    """A comment and its author; only a bot is one of ours."""

    author: str
    bot: bool
    body: str


@dataclass(frozen=True)
class Head:
    """An open pull request's head."""

    number: int
    sha: str
    repository: str
    branch: str


@dataclass
class PullRequestsInMemory:
    """The twin of GitHub's pull requests; ``failing`` is raised by every method while it is set."""

    heads: tuple[Head, ...] = ()
    artifacts: Mapping[tuple[int, str], bytes] = field(default_factory=dict)
    comments: dict[int, list[Said]] = field(default_factory=dict)
    failing: SlipwayError | None = None

    def report(self, number: int, body: str) -> str:
        self._answer()
        said = self.comments.setdefault(number, [])
        ours = next((comment for comment in said if comment.bot and is_marked(comment.body)), None)
        if ours is None:
            ours = Said("slipway[bot]", bot=True, body=body)
            said.append(ours)
        ours.body = body
        return f"memory://pull/{number}#{said.index(ours) + 1}"

    def with_head(self, sha: str, *, repository: str, branch: str) -> tuple[int, ...]:
        self._answer()
        return tuple(head.number for head in self.heads if head == Head(head.number, sha, repository, branch))

    def artifact(self, run: int, name: str, *, at_most: int) -> bytes | None:
        self._answer()
        content = self.artifacts.get((run, name))
        if content is not None and len(content) > at_most:
            raise ReportRefused(
                f"the artifact has more than the {at_most:,} bytes that are read",
                cause="the run made a larger one",
                next_step="look at the run",
            )
        return content

    def _answer(self) -> None:
        if self.failing is not None:
            raise self.failing


@dataclass
class Opened:
    """An issue and its author; only a bot is one of ours."""

    number: int
    title: str
    body: str
    bot: bool = True
    labels: tuple[str, ...] = (LABEL,)
    is_open: bool = True
    comments: list[str] = field(default_factory=list)


@dataclass
class IssuesInMemory:
    """The twin of GitHub's issues; ``failing`` is raised by every method while it is set."""

    issues: list[Opened] = field(default_factory=list)
    failing: SlipwayError | None = None

    def latest(self, use_case: str) -> Issue | None:
        found = sorted(self._ours(use_case), key=lambda one: (one.is_open, one.number))
        return _as_issue(found[-1]) if found else None

    def put(self, use_case: str, title: str, body: str) -> Issue:
        standing = [one for one in self._ours(use_case) if one.is_open]
        if not standing:
            standing = [Opened(1 + len(self.issues), title, body)]
            self.issues += standing
        for further in standing[1:]:
            further.is_open = False
        standing[0].title, standing[0].body = title, body
        return _as_issue(standing[0])

    def close(self, use_case: str, title: str, body: str, comment: str) -> None:
        for one in self._ours(use_case):
            if one.is_open:
                one.title, one.body, one.is_open = title, body, False
                one.comments.append(comment)

    def _ours(self, use_case: str) -> list[Opened]:
        if self.failing is not None:
            raise self.failing
        return [one for one in self.issues if one.bot and LABEL in one.labels and is_about(use_case, one.body)]


def _as_issue(one: Opened) -> Issue:
    return Issue(number=one.number, body=one.body, url=f"memory://issues/{one.number}", is_open=one.is_open)


@dataclass
class WorkflowsInMemory:
    """The twin of GitHub's workflows: remembers what was started."""

    started: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    failing: SlipwayError | None = None

    def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> None:
        if self.failing is not None:
            raise self.failing
        self.started.append((workflow, dict(inputs)))


@dataclass(frozen=True)
class SettingsInMemory:
    """The twin of a repository's settings; None where the token cannot see it."""

    secret_names: frozenset[str] | None = frozenset()
    environment_secrets: Mapping[str, frozenset[str]] | None = field(default_factory=dict)
    variable_names: frozenset[str] | None = frozenset()
    opens_pull_requests: bool | None = False
    approvals: Mapping[str, bool] | None = field(default_factory=dict)
    checks: frozenset[str] | None = frozenset()

    def default_branch(self) -> str:
        return "main"

    def secrets(self, environment: str | None = None) -> frozenset[str]:
        if environment is not None:
            return _seen(self.environment_secrets).get(environment, frozenset())
        return _seen(self.secret_names)

    def variables(self) -> frozenset[str]:
        return _seen(self.variable_names)

    def may_open_pull_requests(self) -> bool:
        return _seen(self.opens_pull_requests)

    def environments(self) -> Mapping[str, bool]:
        return _seen(self.approvals)

    def required_checks(self, branch: str) -> frozenset[str]:
        return _seen(self.checks)


def _seen(value: _T | None) -> _T:
    if value is None:
        raise GitHubRefused(
            "could not read it", cause="GitHub refuses (HTTP 403)", next_step="give the token the permission"
        )
    return value
