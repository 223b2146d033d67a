from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest

from slipway.adapters.github_issues import GithubIssues, GithubWorkflows
from slipway.adapters.github_twin import IssuesInMemory, Opened, WorkflowsInMemory
from slipway.core.errors import GitHubRefused, GitHubUnavailable
from slipway.core.issue import LABEL, LONGEST, mark_of, marker, told_in, written
from slipway.ports import Issues, Workflows
from tests.support.github_server import REPOSITORY, Fault, GithubServer, State, github_server, secondary_limit

TOKEN = "ghs_0000-this-is-the-secret"  # noqa: S105  # GitHub would refuse it
BODY = written("churn", "two alarms", "a" * 16)
OTHER = written("churn", "one alarm", "b" * 16)
LOST = Fault(on="POST .*/issues$", status=502, done=True)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@dataclass(frozen=True)
class Shown:
    title: str
    body: str
    is_open: bool
    comments: list[str]


@dataclass(frozen=True)
class Rig:
    """Issues with a way to open one as a bot or as somebody, and to read what is there."""

    issues: Issues
    open: Callable[[str, bool], object]
    read: Callable[[], list[Shown]]


def adapter(server: GithubServer, *, patience: float = 10.0, token: str = TOKEN) -> GithubIssues:
    return GithubIssues(token, REPOSITORY, base_url=server.base_url, patience=patience, pause=0.01)


@contextmanager
def github() -> Iterator[Rig]:
    with github_server() as server:

        def read() -> list[Shown]:
            found = server.state.issues
            return [Shown(i["title"], i["body"], i["state"] == "open", server.bodies(i["number"])) for i in found]

        def opened(body: str, bot: bool) -> object:
            return server.issue("x", body, labels=(LABEL,), **({} if bot else {"login": "eve", "kind": "User"}))

        yield Rig(adapter(server), opened, read)


@contextmanager
def memory() -> Iterator[Rig]:
    twin = IssuesInMemory()

    def opened(body: str, bot: bool) -> object:
        return twin.issues.append(Opened(1 + len(twin.issues), "x", body, bot))

    yield Rig(twin, opened, lambda: [Shown(i.title, i.body, i.is_open, i.comments) for i in twin.issues])


@pytest.fixture(params=[github, memory], ids=["github", "memory"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    make: Callable[[], AbstractContextManager[Rig]] = request.param
    with make() as made:
        yield made


def test_there_is_one_issue_however_often_it_is_written(rig: Rig) -> None:
    rig.issues.put("churn", "first", BODY)
    again = rig.issues.put("churn", "second", OTHER)
    assert rig.read() == [Shown("second", OTHER, True, [])]
    assert (again.body, again.is_open) == (OTHER, True)
    assert rig.issues.latest("churn") == again


def test_each_use_case_has_an_issue_of_its_own(rig: Rig) -> None:
    rig.issues.put("churn", "churn", BODY)
    rig.issues.put("homes", "homes", written("homes", "an alarm", ""))
    rig.issues.close("churn", "churn", OTHER, "over")
    assert [(shown.title, shown.is_open) for shown in rig.read()] == [("churn", False), ("homes", True)]


def test_nothing_is_there_before_the_first(rig: Rig) -> None:
    assert rig.issues.latest("churn") is None


def test_a_closed_issue_says_why_and_the_next_alarm_opens_another(rig: Rig) -> None:
    rig.issues.put("churn", "first", BODY)
    rig.issues.close("churn", "over", OTHER, "The alarms are over.")
    rig.issues.close("churn", "over", OTHER, "The alarms are over.")
    assert rig.read() == [Shown("over", OTHER, False, ["The alarms are over."])]
    latest = rig.issues.latest("churn")
    assert latest is not None
    assert not latest.is_open
    rig.issues.put("churn", "again", BODY)
    assert [shown.is_open for shown in rig.read()] == [False, True]
    newest = rig.issues.latest("churn")
    assert newest is not None
    assert newest.is_open


def test_closing_where_none_is_open_changes_nothing(rig: Rig) -> None:
    rig.issues.close("churn", "over", OTHER, "The alarms are over.")
    assert rig.read() == []


def test_an_issue_of_a_person_is_not_ours_whatever_it_begins_with(rig: Rig) -> None:
    rig.open(BODY, False)
    rig.issues.put("churn", "ours", OTHER)
    rig.issues.close("churn", "over", OTHER, "over")
    assert [(shown.body, shown.is_open) for shown in rig.read()] == [(BODY, True), (OTHER, False)]


def test_an_issue_that_quotes_the_marker_is_not_ours(rig: Rig) -> None:
    rig.open(f"see {marker('churn')}", True)
    assert rig.issues.latest("churn") is None


def test_a_second_open_one_is_closed(rig: Rig) -> None:
    for _ in range(2):
        rig.open(BODY, True)
    rig.issues.put("churn", "ours", OTHER)
    assert [shown.is_open for shown in rig.read()] == [True, False]


def test_an_issue_opened_by_our_own_user_is_ours() -> None:
    with github_server(State(user="ada")) as server:
        adapter(server).put("churn", "first", BODY)
        adapter(server).put("churn", "second", OTHER)
        assert [issue["title"] for issue in server.state.issues] == ["second"]


def test_a_pull_request_with_our_label_is_no_issue() -> None:
    with github_server() as server:
        server.issue("x", BODY, labels=(LABEL,), pull_request=True)
        assert adapter(server).latest("churn") is None


def test_the_issue_has_our_label() -> None:
    with github_server() as server:
        adapter(server).put("churn", "first", BODY)
        assert server.state.issues[0]["labels"] == [{"name": LABEL}]


def test_ours_is_found_behind_hundreds_of_others() -> None:
    with github_server() as server:
        server.issue("ours", BODY, labels=(LABEL,))
        for number in range(220):
            server.issue(f"x{number}", written(f"x{number}", "", ""), labels=(LABEL,))
        adapter(server).put("churn", "again", OTHER)
        assert server.state.issues[0]["title"] == "again"
        assert len(server.state.issues) == 221


def test_an_unchanged_issue_is_not_written_again() -> None:
    with github_server() as server:
        for _ in range(2):
            adapter(server).put("churn", "first", BODY)
        assert [call.method for call in server.calls if call.method != "GET"] == ["POST"]


@pytest.mark.parametrize("fault", [Fault(on="issues"), LOST, secondary_limit("issues")])
def test_what_passes_leaves_one_issue(fault: Fault) -> None:
    with github_server() as server:
        server.fail(fault)
        adapter(server).put("churn", "first", BODY)
        assert len(server.state.issues) == 1


@pytest.mark.parametrize("on", ["POST .*/comments", "PATCH"])
def test_an_answer_that_is_lost_while_closing_leaves_one_comment(on: str) -> None:
    with github_server() as server:
        adapter(server).put("churn", "first", BODY)
        server.fail(Fault(on=on, status=502, done=True))
        adapter(server).close("churn", "over", OTHER, "The alarms are over.")
        (issue,) = server.state.issues
        assert issue["state"] == "closed"
        assert server.bodies(issue["number"]) == ["The alarms are over."]


def test_a_refusal_and_an_outage_are_told_without_the_token() -> None:
    with github_server(State(hidden=["^POST "])) as server:
        with pytest.raises(GitHubRefused) as refused:
            adapter(server).put("churn", "first", BODY)
        assert "issues: write" in refused.value.next_step
        server.fail(Fault(on="GET", status=500, times=999))
        with pytest.raises(GitHubUnavailable) as down:
            adapter(server, patience=0.3).latest("churn")
    assert TOKEN not in f"{refused.value} {down.value}"


def test_a_body_is_never_longer_than_github_takes() -> None:
    with github_server() as server:
        adapter(server).put("churn", "first", written("churn", "x" * 99_999, "a" * 16))
        assert len(server.state.issues[0]["body"]) == LONGEST


def test_what_was_told_is_read_back_from_a_body() -> None:
    mark = mark_of(["drift of tenure"], "yes")
    assert told_in(written("churn", "two alarms", mark)) == mark
    assert told_in(written("churn", "two alarms", "")) == ""
    assert mark != mark_of(["drift of tenure"], "no")


@contextmanager
def github_workflows() -> Iterator[tuple[Workflows, Callable[[], object]]]:
    with github_server() as server:

        def started() -> object:
            assert all(one["ref"] == "main" for one in server.state.dispatched)
            return [(one["workflow"], one["inputs"]) for one in server.state.dispatched]

        yield GithubWorkflows(TOKEN, REPOSITORY, base_url=server.base_url, patience=5, pause=0.01), started


@contextmanager
def memory_workflows() -> Iterator[tuple[Workflows, Callable[[], object]]]:
    twin = WorkflowsInMemory()
    yield twin, lambda: twin.started


@pytest.mark.parametrize("make", [github_workflows, memory_workflows])
def test_a_workflow_of_the_default_branch_is_started_with_its_inputs(
    make: Callable[[], AbstractContextManager[tuple[Workflows, Callable[[], object]]]],
) -> None:
    with make() as (workflows, started):
        workflows.dispatch("train.yml", {"use_case": "churn", "reason": "drift"})
        assert started() == [("train.yml", {"use_case": "churn", "reason": "drift"})]


def test_a_workflow_that_is_not_there_is_told() -> None:
    with github_workflows() as (workflows, _), pytest.raises(GitHubRefused, match="could not start nothing"):
        workflows.dispatch("nothing", {})
