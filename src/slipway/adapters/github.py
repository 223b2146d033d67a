"""Pull requests and settings of a repository on GitHub."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from github import Auth, Github, GithubException
from github.IssueComment import IssueComment
from github.Repository import Repository

from slipway.adapters.github_calls import PATIENCE, Calls, download, refused, too_large
from slipway.core.comment import is_marked
from slipway.core.errors import GitHubRefused

_SECONDS_A_REQUEST = 10
_MOST_PULL_REQUESTS = 10


@dataclass(frozen=True)
class Comment:
    """A comment on the pull request of a number."""

    number: int
    id: int
    body: str
    url: str


class GithubPullRequests:
    """One repository; what GitHub refuses for the moment is tried again within ``patience`` seconds a call.

    The first retry follows after about ``pause`` seconds, each further one after twice as long, unless GitHub asks for
    another wait.
    """

    def __init__(
        self, token: str, repository: str, *, base_url: str, patience: float = PATIENCE, pause: float = 1.0
    ) -> None:
        self._calls = Calls(token, patience, pause)
        self.base_url = base_url
        self._name = checked_name(repository)
        self._repository = reached(token, self._name, base_url, patience)

    def __repr__(self) -> str:
        return f"GithubPullRequests({self._name!r})"

    def report(self, number: int, body: str) -> str:
        """Look again before every attempt: one that failed on its way back has left a comment."""
        return self._calls.make("post the report", lambda: self._put(number, body))

    def ours(self, number: int) -> Comment | None:
        """The comment that we would update."""
        return self._calls.make("read the comments", lambda: next(self._ours(number), None))

    def bodies_matching(self, number: int, pattern: re.Pattern[str]) -> tuple[Comment, ...]:
        """All comments, whoever wrote them, in whose text a pattern is found; oldest first."""

        def read() -> tuple[Comment, ...]:
            return tuple(_comment(number, raw) for raw in self._comments(number) if pattern.search(raw.body or ""))

        return self._calls.make("read the comments", read)

    def with_head(self, sha: str, *, repository: str, branch: str) -> tuple[int, ...]:
        """The list by branch knows forks; the list by commit knows branches whose name we were told wrongly."""
        owner = repository.partition("/")[0]

        def look() -> tuple[int, ...]:
            by_branch = self._repository.get_pulls(state="open", head=f"{owner}:{branch}")
            found = _with_head(by_branch, sha, repository)
            return found or _with_head(self._repository.get_commit(sha).get_pulls(), sha, repository)

        return self._calls.make("find the pull request", look)

    def artifact(self, run: int, name: str, *, at_most: int) -> bytes | None:
        """GitHub says the size and then sends us to its store, which may send something else: both are bounded."""
        identity = self._calls.make("list the artifacts of the run", lambda: self._artifact(run, name, at_most))
        if identity is None:
            return None
        where = self._calls.make("find the artifact", lambda: self._location(identity))
        return self._calls.make("download the artifact", lambda: download(where, self.base_url, at_most))

    def _put(self, number: int, body: str) -> str:
        for comment in self._ours(number):
            with suppress(_NotOurs):
                return self._edit(comment, body)
        return str(self._repository.get_issue(number).create_comment(body).html_url)

    def _edit(self, comment: Comment, body: str) -> str:
        path = f"{self._repository.url}/issues/comments/{comment.id}"
        try:
            self._repository.requester.requestJsonAndCheck("PATCH", path, input={"body": body})
        except GithubException as error:
            if refused(error) and error.status in {403, 404}:  # of another bot, or deleted meanwhile
                raise _NotOurs from error
            raise
        return comment.url

    def _ours(self, number: int) -> Iterator[Comment]:
        """Comments that begin with the marker and are written by whom nobody else can write as, oldest first.

        The token of a workflow cannot be asked whose it is, but its user is a bot, as which no person can write.
        """
        for raw in self._comments(number):
            is_own = raw.user.type == "Bot" or raw.user.login == own_user(self._repository)
            if is_marked(raw.body or "") and is_own:
                yield _comment(number, raw)

    def _comments(self, number: int) -> Iterable[IssueComment]:
        return self._repository.get_issue(number).get_comments()

    def _artifact(self, run: int, name: str, at_most: int) -> int | None:
        address = f"{self._repository.url}/actions/runs/{run}/artifacts"
        _, found = self._repository.requester.requestJsonAndCheck("GET", address, parameters={"name": name})
        usable = [entry for entry in found["artifacts"] if entry["name"] == name and not entry["expired"]]
        if not usable:
            return None
        newest = max(usable, key=lambda entry: int(entry["id"]))
        if int(newest["size_in_bytes"]) > at_most:
            raise too_large(at_most)
        return int(newest["id"])

    def _location(self, identity: int) -> str:
        address = f"{self._repository.url}/actions/artifacts/{identity}/zip"
        requester = self._repository.requester
        status, headers, text = requester.requestJson("GET", address)
        if status >= 400:
            raise requester.createException(status, headers, {"message": text[:200]})
        return str(headers["location"])


class GithubSettings:
    """How a repository is set up; asked as :class:`GithubPullRequests` asks."""

    def __init__(
        self, token: str, repository: str, *, base_url: str, patience: float = PATIENCE, pause: float = 1.0
    ) -> None:
        self._calls = Calls(token, patience, pause)
        self._repository = reached(token, checked_name(repository), base_url, patience)

    def default_branch(self) -> str:
        return self._calls.make("read the repository", lambda: str(self._get("")["default_branch"]))

    def secrets(self, environment: str | None = None) -> frozenset[str]:
        path = "/actions" if environment is None else f"/environments/{quote(environment, safe='')}"
        return self._names("list the secrets", f"{path}/secrets", "secrets")

    def variables(self) -> frozenset[str]:
        return self._names("list the variables", "/actions/variables", "variables")

    def may_open_pull_requests(self) -> bool:
        path = "/actions/permissions/workflow"
        read = lambda: bool(self._get(path)["can_approve_pull_request_reviews"])  # noqa: E731
        return self._calls.make("read what workflows may do", read)

    def environments(self) -> Mapping[str, bool]:
        return self._calls.make(
            "list the environments", lambda: {e["name"]: _approved(e) for e in self._environments()}
        )

    def required_checks(self, branch: str) -> frozenset[str]:
        return self._calls.make("read the rules of the branch", lambda: self._checks(quote(branch, safe="")))

    def _environments(self) -> list[Any]:
        return list(self._all("/environments", "environments"))

    def _checks(self, branch: str) -> frozenset[str]:
        """Everybody may read rulesets, and only administrators the older protection."""
        rules = [r for r in self._get(f"/rules/branches/{branch}") if r["type"] == "required_status_checks"]
        by_rules = {c["context"] for rule in rules for c in rule["parameters"]["required_status_checks"]}
        if by_rules:
            return frozenset(by_rules)
        try:
            protection = self._get(f"/branches/{branch}/protection/required_status_checks")
        except GithubException as error:
            if error.status == 404 and "not protected" in str(error.data).lower():
                return frozenset()
            raise
        return frozenset(protection["contexts"])

    def _names(self, what: str, path: str, under: str) -> frozenset[str]:
        return self._calls.make(what, lambda: frozenset(entry["name"] for entry in self._all(path, under)))

    def _all(self, path: str, under: str) -> Iterator[Any]:
        page, seen = 1, 0
        while True:
            found = self._get(path, per_page=100, page=page)
            yield from found[under]
            page, seen = page + 1, seen + len(found[under])
            if not found[under] or seen >= found["total_count"]:
                return

    def _get(self, path: str, **parameters: int) -> Any:
        address = f"{self._repository.url}{path}"
        return self._repository.requester.requestJsonAndCheck("GET", address, parameters=parameters)[1]


class _NotOurs(Exception):
    """A comment that looked like ours and that we may not write to."""


def checked_name(repository: str) -> str:
    """``owner/name`` as it is; raises GitHubRefused for anything else, which would lead to another address."""
    if re.fullmatch(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}", repository) and ".." not in repository:
        return repository
    raise GitHubRefused(
        f"{repository[:100]!r} names no repository",
        cause="GITHUB_REPOSITORY is not of the form owner/name",
        next_step="set GITHUB_REPOSITORY to owner/name",
    )


def reached(token: str, name: str, base_url: str, patience: float) -> Repository:
    """Nothing is asked yet. Retrying is ours: the client's own waits as long as GitHub asks, be it an hour."""
    github = Github(
        auth=Auth.Token(token.strip() or "none"),
        base_url=base_url.rstrip("/"),
        timeout=max(1, min(_SECONDS_A_REQUEST, round(patience))),
        per_page=100,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
    )
    return github.get_repo(name)


def own_user(repository: Repository) -> str | None:
    """Whose token we ask with; None for a workflow's, which may not ask."""
    try:
        _, user = repository.requester.requestJsonAndCheck("GET", "/user")
    except GithubException as error:
        if refused(error):
            return None
        raise
    return str(user["login"])


def _comment(number: int, raw: IssueComment) -> Comment:
    return Comment(number, raw.id, raw.body or "", raw.html_url)


def _with_head(pulls: Iterable[Any], sha: str, repository: str) -> tuple[int, ...]:
    """Those whose head is exactly this; a repository that was deleted has no name."""
    found: list[int] = []
    for pull in pulls:
        head = pull.raw_data["head"]
        name = (head["repo"] or {}).get("full_name", "")
        if pull.state == "open" and head["sha"] == sha and name.lower() == repository.lower():
            found.append(pull.number)
    return tuple(found[:_MOST_PULL_REQUESTS])


def _approved(environment: Mapping[str, Any]) -> bool:
    rules = environment.get("protection_rules") or []
    return any(rule["type"] == "required_reviewers" and rule.get("reviewers", True) for rule in rules)
