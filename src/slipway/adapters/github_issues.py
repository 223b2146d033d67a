"""Issues and workflows of a repository on GitHub."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from slipway.adapters.github import checked_name, own_user, reached
from slipway.adapters.github_calls import PATIENCE, Calls
from slipway.core.issue import LABEL, Issue, is_about

_MOST_PAGES = 10  # of a hundred issues with our label, the newest first


class GithubIssues:
    """One repository; asked as :class:`slipway.adapters.github.GithubPullRequests` asks."""

    def __init__(
        self, token: str, repository: str, *, base_url: str, patience: float = PATIENCE, pause: float = 1.0
    ) -> None:
        self._calls = Calls(token, patience, pause)
        self._repository = reached(token, checked_name(repository), base_url, patience)

    def latest(self, use_case: str) -> Issue | None:
        return self._calls.make("find the issue", lambda: self._latest(use_case))

    def put(self, use_case: str, title: str, body: str) -> Issue:
        """Look again before every attempt: one that failed on its way back has opened an issue."""
        return self._calls.make("write the issue", lambda: self._put(use_case, title, body))

    def close(self, use_case: str, title: str, body: str, comment: str) -> None:
        self._calls.make("close the issue", lambda: self._close(use_case, title, body, comment))

    def _latest(self, use_case: str) -> Issue | None:
        return next(self._ours(use_case, "open"), None) or next(self._ours(use_case, "closed"), None)

    def _put(self, use_case: str, title: str, body: str) -> Issue:
        standing = list(self._ours(use_case, "open"))
        told = {"title": title, "body": body}
        if not standing:
            return _issue(self._send("POST", "/issues", {**told, "labels": [LABEL]}))
        oldest = min(standing, key=lambda issue: issue.number)
        for further in standing:
            if further.number != oldest.number:
                self._send("PATCH", f"/issues/{further.number}", {"state": "closed", "state_reason": "not_planned"})
        if oldest.body == body:
            return oldest
        return _issue(self._send("PATCH", f"/issues/{oldest.number}", told))

    def _close(self, use_case: str, title: str, body: str, comment: str) -> None:
        """The comment first, unless an attempt before has left it: a closed issue is not looked at again."""
        for issue in list(self._ours(use_case, "open")):
            comments = f"/issues/{issue.number}/comments"
            if comment not in [said["body"] for said in self._pages(comments) if self._is_own(said)]:
                self._send("POST", comments, {"body": comment})
            last = {"title": title, "body": body, "state": "closed", "state_reason": "completed"}
            self._send("PATCH", f"/issues/{issue.number}", last)

    def _ours(self, use_case: str, state: str) -> Iterator[Issue]:
        """The newest first."""
        for raw in self._pages("/issues", labels=LABEL, state=state, sort="created", direction="desc"):
            if "pull_request" not in raw and is_about(use_case, raw["body"] or "") and self._is_own(raw):
                yield _issue(raw)

    def _is_own(self, raw: Mapping[str, Any]) -> bool:
        user = raw["user"] or {}
        return user.get("type") == "Bot" or (bool(user) and user["login"] == own_user(self._repository))

    def _pages(self, path: str, **parameters: str) -> Iterator[Any]:
        address = f"{self._repository.url}{path}"
        for page in range(1, _MOST_PAGES + 1):
            asked = {**parameters, "per_page": 100, "page": page}
            found = self._repository.requester.requestJsonAndCheck("GET", address, parameters=asked)[1]
            yield from found
            if len(found) < 100:
                return

    def _send(self, method: str, path: str, content: Mapping[str, Any]) -> Any:
        address = f"{self._repository.url}{path}"
        return self._repository.requester.requestJsonAndCheck(method, address, input=dict(content))[1]


class GithubWorkflows:
    """Starts workflows of one repository; asked as :class:`slipway.adapters.github.GithubPullRequests` asks."""

    def __init__(
        self, token: str, repository: str, *, base_url: str, patience: float = PATIENCE, pause: float = 1.0
    ) -> None:
        self._calls = Calls(token, patience, pause)
        self._repository = reached(token, checked_name(repository), base_url, patience)

    def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> None:
        requester, address = self._repository.requester, self._repository.url

        def start() -> None:
            branch = requester.requestJsonAndCheck("GET", address)[1]["default_branch"]
            path = f"{address}/actions/workflows/{quote(workflow, safe='')}/dispatches"
            requester.requestJsonAndCheck("POST", path, input={"ref": branch, "inputs": dict(inputs)})

        self._calls.make(f"start {workflow}", start)


def _issue(raw: Mapping[str, Any]) -> Issue:
    return Issue(
        number=int(raw["number"]), body=raw["body"] or "", url=str(raw["html_url"]), is_open=raw["state"] == "open"
    )
