"""A local server that speaks as much of GitHub's REST API as we use, and keeps what it was asked.

In a test: ``with github_server() as server``. As a program of its own, for workflows that run on this machine:
``python -m tests.support.github_server --port 0 --state state.json --log calls.jsonl --port-file port``.
``GET /_control/state`` tells what it holds, ``POST /_control/faults`` gives it faults to answer with, and
``POST /_control/state`` changes what it holds (top-level keys of the state are replaced).
"""

import argparse
import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REPOSITORY = "acme/models"
BOT = {"login": "github-actions[bot]", "type": "Bot", "id": 41898282}


@dataclass(frozen=True)
class Fault:
    """What goes wrong ``times`` times with requests whose "METHOD /path" matches ``on``.

    ``done`` carries the request out before it answers wrongly, as a server does that fails on its way back.
    """

    on: str = ""
    status: int = 500
    message: str = "Server Error"
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    trickle: bool = False
    done: bool = False
    times: int = 1


def secondary_limit(on: str = "", *, retry_after: str | None = "0", status: int = 403, times: int = 1) -> Fault:
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Fault(on, status, message, headers, times=times)


def primary_limit(on: str = "", *, seconds: int, status: int = 403, times: int = 1) -> Fault:
    """The limit of an hour, which ends ``seconds`` from now."""
    reset = str(int(time.time()) + seconds)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": reset}
    return Fault(on, status, "API rate limit exceeded for installation ID 1.", headers, times=times)


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    authorization: str
    body: Any


@dataclass
class State:
    """What the repository holds.

    Attributes:
        user: whose token it is; None for the token of a workflow, which GET /user refuses.
        comments: by number of issue or pull request.
        issues: as GitHub lists them; those of pull requests have a member ``pull_request``.
        dispatched: workflows that were started, each with its file, ref and inputs.
        artifacts: as GitHub lists them, with ``run_id`` and the archive's bytes as ``base64``.
        pages: whether the repository has a page.
        hidden: patterns of paths that the token may not read (403).
    """

    repository: str = REPOSITORY
    private: bool = False
    user: str | None = None
    token: str | None = None
    comments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    dispatched: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    environment_secrets: dict[str, list[str]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    environments: list[dict[str, Any]] = field(default_factory=list)
    required_checks: list[str] | None = None
    rules: list[dict[str, Any]] = field(default_factory=list)
    workflow_permissions: dict[str, Any] = field(
        default_factory=lambda: {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
    )
    pages: bool = False
    hidden: list[str] = field(default_factory=list)


class GithubServer:
    """A repository and the faults that its server is to have."""

    def __init__(self, state: State | None = None, log: Path | None = None) -> None:
        self.state = state or State()
        self.calls: list[Call] = []
        self.base_url = ""
        self.stopping = threading.Event()
        self.lock = threading.RLock()
        self._log = log
        self._faults: list[list[Any]] = []

    def fail(self, *faults: Fault) -> None:
        """Answer with faults, the first that matches a request and has times left."""
        with self.lock:
            self._faults += [[fault, fault.times] for fault in faults]

    def fault_for(self, call: Call) -> Fault | None:
        with self.lock:
            for entry in self._faults:
                if entry[1] > 0 and re.search(entry[0].on, f"{call.method} {call.path}"):
                    entry[1] -= 1
                    return entry[0]  # type: ignore[no-any-return]
        return None

    def record(self, call: Call) -> None:
        with self.lock:
            self.calls.append(call)
            if self._log is not None:
                token = call.authorization.rpartition(" ")[2]
                line = {
                    "at": time.time(),
                    "method": call.method,
                    "path": call.path,
                    "query": call.query,
                    "token_sha256": hashlib.sha256(token.encode()).hexdigest() if token else None,
                    "body": call.body,
                }
                with self._log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")

    def comment(self, number: int, body: str, *, login: str = BOT["login"], kind: str = "Bot") -> dict[str, Any]:  # type: ignore[assignment]
        """Add a comment as somebody."""
        with self.lock:
            identity = 1 + sum(len(comments) for comments in self.state.comments.values())
            repo = f"{self.base_url}/repos/{self.state.repository}"
            made = {
                "id": identity,
                "url": f"{repo}/issues/comments/{identity}",
                "html_url": f"https://github.com/{self.state.repository}/pull/{number}#issuecomment-{identity}",
                "issue_url": f"{repo}/issues/{number}",
                "user": {"login": login, "type": kind, "id": 1 if kind == "User" else BOT["id"]},
                "body": body,
                "created_at": "2026-01-01T00:00:00Z",
                "updated_at": "2026-01-01T00:00:00Z",
            }
            self.state.comments.setdefault(str(number), []).append(made)
            return made

    def issue(
        self, title: str, body: str, *, labels: tuple[str, ...] = (), login: str = "github-actions[bot]",
        kind: str = "Bot", pull_request: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Open an issue as somebody."""
        with self.lock:
            taken = [entry["number"] for entry in (*self.state.issues, *self.state.pulls)]
            number = 1 + max(taken, default=100)
            made = {
                "number": number,
                "state": "open",
                "state_reason": None,
                "title": title,
                "body": body,
                "labels": [{"name": label} for label in labels],
                "user": {"login": login, "type": kind, "id": 1 if kind == "User" else BOT["id"]},
                "url": f"{self.base_url}/repos/{self.state.repository}/issues/{number}",
                "html_url": f"https://github.com/{self.state.repository}/issues/{number}",
                **({"pull_request": {}} if pull_request else {}),
            }
            self.state.issues.append(made)
            return made

    def bodies(self, number: int) -> list[str]:
        """The comments of a pull request, oldest first."""
        return [comment["body"] for comment in self.state.comments.get(str(number), [])]

    @property
    def comments_made(self) -> int:
        return sum(call.method == "POST" and call.path.endswith("/comments") for call in self.calls)

    def pull(
        self, number: int, *, sha: str, repository: str = REPOSITORY, branch: str = "topic", state: str = "open"
    ) -> None:
        """Add a pull request."""
        owner = repository.partition("/")[0]
        self.state.pulls.append(
            {
                "number": number,
                "state": state,
                "title": f"Pull request {number}",
                "url": f"{self.base_url}/repos/{self.state.repository}/pulls/{number}",
                "head": {
                    "sha": sha,
                    "ref": branch,
                    "label": f"{owner}:{branch}",
                    "repo": {"full_name": repository, "name": repository.partition("/")[2]},
                },
                "base": {"ref": "main", "sha": "0" * 40, "repo": {"full_name": self.state.repository}},
            }
        )

    def artifact(self, run: int, name: str, archive: bytes, *, size: int | None = None, expired: bool = False) -> None:
        """Add an artifact to a run; ``size`` is what the server says it weighs."""
        identity = 1 + len(self.state.artifacts)
        self.state.artifacts.append(
            {
                "id": identity,
                "run_id": run,
                "name": name,
                "size_in_bytes": len(archive) if size is None else size,
                "expired": expired,
                "base64": base64.b64encode(archive).decode(),
            }
        )


@contextmanager
def github_server(state: State | None = None) -> Iterator[GithubServer]:
    """Run the server on a free port of this machine."""
    server = GithubServer(state)
    with _listening(server, 0):
        yield server


@contextmanager
def _listening(server: GithubServer, port: int) -> Iterator[ThreadingHTTPServer]:
    http = ThreadingHTTPServer(("127.0.0.1", port), _handler(server))
    http.daemon_threads = True
    server.base_url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield http
    finally:
        server.stopping.set()
        http.shutdown()
        http.server_close()
        thread.join()


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None


NOT_FOUND = Answer(404, {"message": "Not Found", "status": "404"})
FORBIDDEN = Answer(403, {"message": "Resource not accessible by integration", "status": "403"})
Route = Callable[[GithubServer, Call, re.Match[str]], Answer]


def _user(server: GithubServer, _: Call, __: re.Match[str]) -> Answer:
    login = server.state.user
    return FORBIDDEN if login is None else Answer(body={"login": login, "type": "User", "id": 1})


def _rate_limit(_: GithubServer, __: Call, ___: re.Match[str]) -> Answer:
    limit = {"limit": 5000, "remaining": 4999, "reset": int(time.time()) + 3600, "used": 1}
    return Answer(body={"resources": {"core": limit}, "rate": limit})


def _repository(server: GithubServer, _: Call, __: re.Match[str]) -> Answer:
    state = server.state
    url = f"{server.base_url}/repos/{state.repository}"
    return Answer(
        body={
            "id": 1,
            "name": state.repository.partition("/")[2],
            "full_name": state.repository,
            "private": state.private,
            "default_branch": "main",
            "url": url,
            "html_url": f"https://github.com/{state.repository}",
        }
    )


def _list_comments(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    return _page(server, call, server.state.comments.get(match["number"], []))


def _create_comment(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    if len(call.body["body"]) > 65536:
        return Answer(422, {"message": "Validation Failed: body is too long (maximum is 65536 characters)"})
    login, kind = (server.state.user, "User") if server.state.user else (str(BOT["login"]), "Bot")
    return Answer(201, server.comment(int(match["number"]), call.body["body"], login=login, kind=kind))


def _update_comment(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    if len(call.body["body"]) > 65536:
        return Answer(422, {"message": "Validation Failed: body is too long (maximum is 65536 characters)"})
    for comments in server.state.comments.values():
        for comment in comments:
            if comment["id"] == int(match["id"]):
                if comment.get("locked"):
                    return FORBIDDEN
                comment["body"] = call.body["body"]
                return Answer(body=comment)
    return NOT_FOUND


def _list_issues(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    state, wanted = call.query.get("state", "open"), set(filter(None, call.query.get("labels", "").split(",")))
    found = [
        issue
        for issue in server.state.issues
        if state in {issue["state"], "all"} and wanted <= {label["name"] for label in issue["labels"]}
    ]
    return _page(server, call, found if call.query.get("direction") == "asc" else found[::-1])


def _create_issue(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    if len(call.body["body"]) > 65536:
        return Answer(422, {"message": "Validation Failed: body is too long (maximum is 65536 characters)"})
    login, kind = (server.state.user, "User") if server.state.user else (str(BOT["login"]), "Bot")
    labels = tuple(call.body.get("labels", ()))
    return Answer(201, server.issue(call.body["title"], call.body["body"], labels=labels, login=login, kind=kind))


def _update_issue(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    found = [issue for issue in server.state.issues if issue["number"] == int(match["number"])]
    if not found:
        return NOT_FOUND
    found[0] |= {name: call.body[name] for name in ("title", "body", "state", "state_reason") if name in call.body}
    return Answer(body=found[0])


def _dispatch(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    """As GitHub does: nothing is told of the run that was started."""
    if not match["workflow"].endswith(".yml"):
        return NOT_FOUND
    if set(call.body) - {"ref", "inputs"} or call.body["ref"] != "main":
        return Answer(422, {"message": f"No ref found for: {call.body.get('ref')}"})
    server.state.dispatched.append({"workflow": match["workflow"], **call.body})
    return Answer(204)


def _pages(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    if not server.state.pages:
        return NOT_FOUND
    return Answer(body={"build_type": "workflow", "html_url": "https://example.github.io/slipway/"})


def _list_pulls(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    state, head = call.query.get("state", "open"), call.query.get("head")
    found = [p for p in server.state.pulls if state in {p["state"], "all"} and head in {None, p["head"]["label"]}]
    return _page(server, call, found)


def _create_pull(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    number = 1 + max((pull["number"] for pull in server.state.pulls), default=0)
    server.pull(number, sha="0" * 40, repository=server.state.repository, branch=call.body["head"])
    server.state.pulls[-1] |= {"title": call.body["title"], "body": call.body.get("body")}
    return Answer(201, server.state.pulls[-1])


def _pull(server: GithubServer, _: Call, match: re.Match[str]) -> Answer:
    found = [pull for pull in server.state.pulls if pull["number"] == int(match["number"])]
    return Answer(body=found[0]) if found else NOT_FOUND


def _pulls_of_commit(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    """As GitHub does: those whose head lies in this repository, and not those of forks."""
    found = [
        pull
        for pull in server.state.pulls
        if pull["head"]["sha"] == match["sha"] and pull["head"]["repo"]["full_name"] == server.state.repository
    ]
    return _page(server, call, found)


def _run(server: GithubServer, _: Call, match: re.Match[str]) -> Answer:
    found = [run for run in server.state.runs if run["id"] == int(match["run"])]
    return Answer(body=found[0]) if found else NOT_FOUND


def _list_artifacts(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    name = call.query.get("name")
    found = [
        {k: v for k, v in artifact.items() if k not in {"base64", "run_id"}}
        | {
            "archive_download_url": f"{server.base_url}/repos/{server.state.repository}"
            f"/actions/artifacts/{artifact['id']}/zip",
            "url": f"{server.base_url}/repos/{server.state.repository}/actions/artifacts/{artifact['id']}",
            "workflow_run": {"id": artifact["run_id"]},
        }
        for artifact in server.state.artifacts
        if artifact["run_id"] == int(match["run"]) and name in {None, artifact["name"]}
    ]
    return _page(server, call, found, under="artifacts")


def _download(server: GithubServer, _: Call, match: re.Match[str]) -> Answer:
    return Answer(302, headers={"Location": f"{server.base_url}/_storage/{match['id']}?signature=of-the-store"})


def _storage(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    """The store of archives; it refuses whoever shows it a token of GitHub's, as the real one does."""
    if call.authorization:
        return Answer(400, {"message": "AuthenticationFailed"})
    found = [a for a in server.state.artifacts if a["id"] == int(match["id"])]
    return Answer(content=base64.b64decode(found[0]["base64"])) if found else NOT_FOUND


def _secrets(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    return _page(server, call, [{"name": name} for name in server.state.secrets], under="secrets")


def _environment_secrets(server: GithubServer, call: Call, match: re.Match[str]) -> Answer:
    names = server.state.environment_secrets.get(unquote(match["environment"]), [])
    return _page(server, call, [{"name": name} for name in names], under="secrets")


def _variables(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    held = [{"name": name, "value": value} for name, value in server.state.variables.items()]
    return _page(server, call, held, under="variables")


def _environments(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    return _page(server, call, server.state.environments, under="environments")


def _permissions(server: GithubServer, _: Call, __: re.Match[str]) -> Answer:
    return Answer(body=server.state.workflow_permissions)


def _protection(server: GithubServer, _: Call, __: re.Match[str]) -> Answer:
    checks = server.state.required_checks
    if checks is None:
        return Answer(404, {"message": "Branch not protected"})
    return Answer(body={"strict": True, "contexts": checks, "checks": [{"context": name} for name in checks]})


def _branch_rules(server: GithubServer, call: Call, _: re.Match[str]) -> Answer:
    return _page(server, call, server.state.rules)


_REPO = r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)"
_ROUTES: tuple[tuple[str, Route], ...] = (
    (r"GET /user", _user),
    (r"GET /rate_limit", _rate_limit),
    (rf"GET {_REPO}", _repository),
    (rf"GET {_REPO}/issues/(?P<number>\d+)/comments", _list_comments),
    (rf"POST {_REPO}/issues/(?P<number>\d+)/comments", _create_comment),
    (rf"PATCH {_REPO}/issues/comments/(?P<id>\d+)", _update_comment),
    (rf"GET {_REPO}/issues", _list_issues),
    (rf"POST {_REPO}/issues", _create_issue),
    (rf"PATCH {_REPO}/issues/(?P<number>\d+)", _update_issue),
    (rf"POST {_REPO}/actions/workflows/(?P<workflow>[^/]+)/dispatches", _dispatch),
    (rf"GET {_REPO}/pulls", _list_pulls),
    (rf"POST {_REPO}/pulls", _create_pull),
    (rf"GET {_REPO}/pulls/(?P<number>\d+)", _pull),
    (rf"GET {_REPO}/commits/(?P<sha>[0-9a-f]+)/pulls", _pulls_of_commit),
    (rf"GET {_REPO}/actions/runs/(?P<run>\d+)", _run),
    (rf"GET {_REPO}/actions/runs/(?P<run>\d+)/artifacts", _list_artifacts),
    (rf"GET {_REPO}/actions/artifacts/(?P<id>\d+)/zip", _download),
    (r"GET /_storage/(?P<id>\d+)", _storage),
    (rf"GET {_REPO}/actions/secrets", _secrets),
    (rf"GET {_REPO}/actions/variables", _variables),
    (rf"GET {_REPO}/pages", _pages),
    (rf"GET {_REPO}/environments", _environments),
    (rf"GET {_REPO}/environments/(?P<environment>[^/]+)/secrets", _environment_secrets),
    (rf"GET {_REPO}/actions/permissions/workflow", _permissions),
    (rf"GET {_REPO}/branches/(?P<branch>[^/]+)/protection/required_status_checks", _protection),
    (rf"GET {_REPO}/rules/branches/(?P<branch>[^/]+)", _branch_rules),
)


def answer(server: GithubServer, call: Call) -> Answer:
    """What GitHub answers when nothing goes wrong."""
    for pattern, route in _ROUTES:
        match = re.fullmatch(pattern, f"{call.method} {call.path}")
        if match is None:
            continue
        wrong = _refused(server, call, match)
        with server.lock:
            return wrong or route(server, call, match)
    return NOT_FOUND


def _refused(server: GithubServer, call: Call, match: re.Match[str]) -> Answer | None:
    state = server.state
    if call.path.startswith("/_"):
        return None
    if not call.authorization or (state.token and state.token != call.authorization.rpartition(" ")[2]):
        return Answer(401, {"message": "Bad credentials", "status": "401"})
    parts = match.groupdict()
    if "owner" in parts and f"{parts['owner']}/{parts['name']}" != state.repository:
        return NOT_FOUND
    return FORBIDDEN if any(re.search(pattern, f"{call.method} {call.path}") for pattern in state.hidden) else None


def _page(server: GithubServer, call: Call, items: list[Any], under: str = "") -> Answer:
    size, number = int(call.query.get("per_page", 30)), int(call.query.get("page", 1))
    shown = items[(number - 1) * size : number * size]
    headers = {}
    if number * size < len(items):
        others = "".join(f"{k}={v}&" for k, v in call.query.items() if k != "page")
        headers["Link"] = f'<{server.base_url}{call.path}?{others}page={number + 1}>; rel="next"'
    return Answer(body={"total_count": len(items), under: shown} if under else shown, headers=headers)


def _control(server: GithubServer, call: Call) -> Answer:
    what = call.path.removeprefix("/_control/")
    if (call.method, what) == ("POST", "faults"):
        server.fail(*(Fault(**fault) for fault in call.body))
    elif (call.method, what) == ("POST", "state"):
        for name, value in call.body.items():
            setattr(server.state, name, value)
    return Answer(body=vars(server.state))


def _handler(server: GithubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            call = self._call()
            if call.path.startswith("/_control/"):
                self._send(_control(server, call))
                return
            server.record(call)
            fault = server.fault_for(call)
            if fault is None:
                self._send(answer(server, call))
            else:
                self._fail(fault, call)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815  # the names that http.server calls

        def _call(self) -> Call:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            path = address.path.removeprefix("/api/v3")
            body = json.loads(content) if content else None
            return Call(self.command, path, query, self.headers.get("Authorization", ""), body)

        def _fail(self, fault: Fault, call: Call) -> None:
            if fault.done:
                answer(server, call)
            if fault.hang:
                server.stopping.wait(60)
            elif fault.trickle:
                self._trickle()
            else:
                self._send(Answer(fault.status, {"message": fault.message}, fault.headers))

        def _send(self, reply: Answer) -> None:
            content = reply.content if reply.content is not None else json.dumps(reply.body).encode()
            content = b"" if reply.status == 204 else content
            self.send_response(reply.status)
            kind = "application/json; charset=utf-8" if reply.content is None else "application/zip"
            for name, value in {"Content-Type": kind, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                return

        def _trickle(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            until = time.monotonic() + 60
            while time.monotonic() < until and not server.stopping.wait(0.05):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def main() -> None:
    """Listen until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file", type=Path, help="where the port is written once it listens")
    parser.add_argument("--state", type=Path, help="JSON: attributes of State")
    parser.add_argument("--faults", type=Path, help="JSON: a list of Fault")
    parser.add_argument("--log", type=Path, help="one JSON line a call; no token is in it")
    options = parser.parse_args()
    state = State(**json.loads(options.state.read_text())) if options.state else State()
    server = GithubServer(state, options.log)
    if options.faults:
        server.fail(*(Fault(**fault) for fault in json.loads(options.faults.read_text())))
    with _listening(server, options.port) as http:
        if options.port_file:
            options.port_file.write_text(str(http.server_port))
        print(http.server_port, flush=True)  # noqa: T201  # its caller waits for it
        threading.Event().wait()


if __name__ == "__main__":
    main()
