import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.cml import CmlPullRequests
from slipway.adapters.github import GithubPullRequests, GithubSettings
from slipway.adapters.github_twin import Head, PullRequestsInMemory, Said, SettingsInMemory
from slipway.core.comment import MARKER
from slipway.core.errors import GitHubRefused, GitHubUnavailable, ReportRefused, SlipwayError
from slipway.ports import PullRequests, RepositorySettings
from tests.support.cml import install_cml
from tests.support.github_server import (
    REPOSITORY,
    Fault,
    GithubServer,
    State,
    github_server,
    primary_limit,
    secondary_limit,
)

TOKEN = "ghs_0000-this-is-the-secret"  # noqa: S105  # GitHub would refuse it
BODY = f"{MARKER}\nall is well"
SHA = "a" * 40
COMMENTS = "/comments"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@dataclass(frozen=True)
class Rig:
    """Pull requests with a way to say something on one, and to read what was said."""

    pulls: PullRequests
    say: Callable[[str, bool], object]
    read: Callable[[], list[str]]


def adapter(server: GithubServer, *, patience: float = 10.0, token: str = TOKEN) -> GithubPullRequests:
    return GithubPullRequests(token, REPOSITORY, base_url=server.base_url, patience=patience, pause=0.01)


@contextmanager
def github() -> Iterator[Rig]:
    with github_server() as server:
        server.pull(7, sha=SHA, repository="fork/models", branch="topic")
        server.artifact(1, "report", b"PK")

        def say(body: str, bot: bool) -> object:
            return server.comment(7, body, **({} if bot else {"login": "eve", "kind": "User"}))

        yield Rig(adapter(server), say, lambda: server.bodies(7))


@contextmanager
def cml() -> Iterator[Rig]:
    """CML at work on the same server; its watermark is taken off before what was said is compared."""
    with github() as rig, tempfile.TemporaryDirectory() as folder:
        api = rig.pulls
        assert isinstance(api, GithubPullRequests)
        pulls = CmlPullRequests(
            api=api,
            program=install_cml(Path(folder)),
            repository=f"https://github.com/{REPOSITORY}",
            token=TOKEN,
            environment={"PATH": "/usr/bin:/bin", "GITHUB_API_URL": api.base_url},
            folder=Path(folder),
        )
        yield Rig(pulls, rig.say, lambda: [body.partition("\n\n![](https://cml.dev")[0] for body in rig.read()])


@contextmanager
def memory() -> Iterator[Rig]:
    twin = PullRequestsInMemory(
        heads=(Head(7, SHA, "fork/models", "topic"),), artifacts={(1, "report"): b"PK"}, comments={7: []}
    )

    def say(body: str, bot: bool) -> object:
        return twin.comments[7].append(Said("somebody", bot, body))

    yield Rig(twin, say, lambda: [said.body for said in twin.comments[7]])


@pytest.fixture(params=[github, cml, memory], ids=["github", "cml", "memory"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    make: Callable[[], AbstractContextManager[Rig]] = request.param
    with make() as made:
        yield made


def test_a_report_is_one_comment_however_often_it_is_posted(rig: Rig) -> None:
    first = rig.pulls.report(7, BODY)
    again = rig.pulls.report(7, f"{MARKER}\nworse")
    assert first == again
    assert rig.read() == [f"{MARKER}\nworse"]


def test_what_others_say_stays_as_it_is(rig: Rig) -> None:
    rig.say("I like it", False)
    rig.say("a bot's words", True)
    rig.pulls.report(7, BODY)
    assert rig.read() == ["I like it", "a bot's words", BODY]


def test_a_stranger_who_writes_the_marker_is_not_taken_for_us(rig: Rig) -> None:
    rig.say(f"{MARKER}\nmine now", False)
    rig.pulls.report(7, BODY)
    rig.pulls.report(7, f"{MARKER}\nagain")
    assert rig.read() == [f"{MARKER}\nmine now", f"{MARKER}\nagain"]


def test_a_bot_that_quotes_our_comment_is_not_taken_for_us(rig: Rig) -> None:
    rig.say(f"> {MARKER}\n> all is well", True)
    rig.pulls.report(7, BODY)
    assert len(rig.read()) == 2


def test_a_pull_request_is_found_by_head_commit_repository_and_branch(rig: Rig) -> None:
    assert rig.pulls.with_head(SHA, repository="fork/models", branch="topic") == (7,)
    assert rig.pulls.with_head("b" * 40, repository="fork/models", branch="topic") == ()
    assert rig.pulls.with_head(SHA, repository="other/models", branch="topic") == ()


def test_an_artifact_is_fetched_up_to_a_size(rig: Rig) -> None:
    assert rig.pulls.artifact(1, "report", at_most=2) == b"PK"
    with pytest.raises(ReportRefused):
        rig.pulls.artifact(1, "report", at_most=1)


def test_an_artifact_that_is_not_there_is_none(rig: Rig) -> None:
    assert rig.pulls.artifact(2, "report", at_most=100) is None
    assert rig.pulls.artifact(1, "other", at_most=100) is None


def test_our_comment_is_found_behind_hundreds_of_others() -> None:
    with github_server() as server:
        for number in range(250):
            server.comment(7, f"comment {number}", login="eve", kind="User")
        adapter(server).report(7, BODY)
        adapter(server).report(7, f"{MARKER}\nagain")
        assert server.bodies(7)[250:] == [f"{MARKER}\nagain"]


def test_a_person_s_own_token_updates_that_person_s_comment() -> None:
    with github_server(State(user="dev")) as server:
        adapter(server).report(7, BODY)
        adapter(server).report(7, f"{MARKER}\nagain")
        assert server.bodies(7) == [f"{MARKER}\nagain"]


def test_a_comment_of_ours_that_may_not_be_changed_gets_a_successor() -> None:
    with github_server() as server:
        server.comment(7, BODY)["locked"] = True
        adapter(server).report(7, f"{MARKER}\nagain")
        assert server.bodies(7) == [BODY, f"{MARKER}\nagain"]


def test_of_a_fork_s_other_pull_requests_none_is_found() -> None:
    with github_server() as server:
        server.pull(3, sha=SHA, repository="fork/models", branch="topic", state="closed")
        server.pull(4, sha="b" * 40, repository="fork/models", branch="topic")
        server.pull(5, sha=SHA, repository="fork/models", branch="other")
        assert adapter(server).with_head(SHA, repository="fork/models", branch="topic") == ()


def test_the_newest_artifact_of_a_name_counts() -> None:
    with github_server() as server:
        server.artifact(1, "report", b"old")
        server.artifact(1, "report", b"new")
        server.artifact(1, "other", b"other")
        server.artifact(1, "report", b"gone", expired=True)
        assert adapter(server).artifact(1, "report", at_most=100) == b"new"


def test_an_artifact_that_is_larger_than_it_was_said_to_be_is_refused() -> None:
    with github_server() as server:
        server.artifact(1, "report", b"x" * 5000, size=10)
        with pytest.raises(ReportRefused, match="more than the 100 bytes"):
            adapter(server).artifact(1, "report", at_most=100)


def test_the_store_of_artifacts_is_not_shown_our_token() -> None:
    with github_server() as server:
        server.artifact(1, "report", b"PK")
        adapter(server).artifact(1, "report", at_most=100)
        assert [call.authorization for call in server.calls if call.path.startswith("/_storage")] == [""]


PASSING = [
    Fault(status=500),
    Fault(status=502, message=""),
    Fault(status=503, headers={"Retry-After": "0"}),
    secondary_limit(),
    secondary_limit(retry_after=None),
    secondary_limit(status=429),
    primary_limit(seconds=-1),
]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{fault.status} {fault.message[:22]}")
def test_a_passing_failure_is_tried_again_and_leaves_one_comment(fault: Fault, method: str) -> None:
    with github_server() as server:
        if method == "PATCH":
            server.comment(7, BODY)
        server.fail(Fault(**(vars(fault) | {"on": f"^{method} .*{COMMENTS}"})))
        adapter(server).report(7, f"{MARKER}\nnew")
        assert server.bodies(7) == [f"{MARKER}\nnew"]


def test_a_comment_that_was_made_before_the_answer_was_lost_is_not_made_twice() -> None:
    with github_server() as server:
        server.fail(Fault(on="^POST", status=502, done=True))
        adapter(server).report(7, BODY)
        assert server.bodies(7) == [BODY]


def test_a_wait_as_long_as_github_asks_for_is_kept() -> None:
    started = time.monotonic()
    with github_server() as server:
        server.fail(secondary_limit("^POST", retry_after="1"))
        adapter(server).report(7, BODY)
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    "fault",
    [
        secondary_limit(retry_after="3600", times=99),
        secondary_limit(retry_after="soon", times=99),
        primary_limit(seconds=3000, times=99),
    ],
    ids=["an hour", "no number", "till the hour ends"],
)
def test_a_wait_beyond_patience_is_not_begun(fault: Fault) -> None:
    started = time.monotonic()
    with github_server() as server:
        server.fail(fault)
        with pytest.raises(GitHubUnavailable) as caught:
            adapter(server).report(7, BODY)
        assert len(server.calls) == 1
    assert time.monotonic() - started < 5
    assert "limits our rate" in caught.value.cause


@pytest.mark.parametrize("fault", [Fault(hang=True, times=99), Fault(trickle=True, times=99)], ids=["hang", "trickle"])
@pytest.mark.parametrize("on", ["^GET", "^POST", "_storage"])
def test_a_server_that_never_ends_its_answer_is_given_up_in_time(fault: Fault, on: str) -> None:
    started = time.monotonic()
    with github_server() as server:
        server.artifact(1, "report", b"PK")
        server.fail(Fault(**(vars(fault) | {"on": on})))
        pulls = adapter(server, patience=0.7)
        with pytest.raises(GitHubUnavailable):
            pulls.artifact(1, "report", at_most=10**6) if "storage" in on else pulls.report(7, BODY)
        assert time.monotonic() - started < 3


def test_a_server_that_stays_broken_is_told_with_its_status() -> None:
    with github_server() as server:
        server.fail(Fault(status=502, times=999))
        with pytest.raises(GitHubUnavailable) as caught:
            adapter(server, patience=0.5).report(7, BODY)
        assert len(server.calls) > 2
    assert "HTTP 502" in caught.value.cause


def test_a_server_that_is_not_there_is_told() -> None:
    with github_server() as server:
        gone = adapter(server, patience=0.3)
    with pytest.raises(GitHubUnavailable, match="could not post the report"):
        gone.report(7, BODY)


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "check GITHUB_TOKEN"), (403, "pull-requests: write"), (404, "check GITHUB_REPOSITORY")]
)
def test_a_refusal_is_told_at_once_with_the_next_step(status: int, advice: str) -> None:
    with github_server() as server:
        server.fail(Fault(status=status, message="Resource not accessible", times=99))
        with pytest.raises(GitHubRefused) as caught:
            adapter(server).report(7, BODY)
        assert len(server.calls) == 1
    assert advice in caught.value.next_step
    assert f"HTTP {status}" in caught.value.cause


def test_a_comment_that_github_finds_too_long_is_refused() -> None:
    with github_server() as server, pytest.raises(GitHubRefused, match="could not post the report"):
        adapter(server).report(7, BODY + "x" * 65_536)


@pytest.mark.parametrize("name", ["acme", "acme/models/../../user", "../x", "acme/models?x", "a/b c", ""])
def test_a_name_that_would_lead_elsewhere_is_no_repository(name: str) -> None:
    with pytest.raises(GitHubRefused, match="names no repository"):
        GithubPullRequests(TOKEN, name, base_url="http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("fault", "token"),
    [
        (Fault(status=401, message=f"Bad credentials {TOKEN}", times=99), TOKEN),
        (Fault(status=500, message=TOKEN, times=99), TOKEN),
        (Fault(hang=True, times=99), TOKEN),
        (Fault(times=0), TOKEN + "\nSet-Cookie: x"),
        (Fault(times=0), TOKEN + "é€"),
    ],
)
def test_the_token_is_in_no_output(
    fault: Fault, token: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    told = ""
    with github_server() as server:
        server.fail(fault)
        pulls = adapter(server, patience=0.4, token=token)
        try:
            pulls.report(7, BODY)
        except SlipwayError as error:
            told = f"{error} {error!r} {error.__cause__!r} {error.__context__ if error.__cause__ else ''}"
    out, err = capfd.readouterr()
    logged = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert TOKEN not in out + err + logged + told + repr(pulls)


def test_white_space_around_a_token_does_no_harm() -> None:
    with github_server(State(token=TOKEN)) as server:
        adapter(server, token=f" {TOKEN}\n").report(7, BODY)
        assert server.bodies(7) == [BODY]


def reviewers(name: str, *, required: bool) -> dict[str, Any]:
    rule = {"type": "required_reviewers", "reviewers": [{"type": "User"}]}
    return {"name": name, "protection_rules": [rule] if required else [{"type": "branch_policy"}]}


FULL = State(
    secrets=[f"SECRET_{n}" for n in range(150)],
    environment_secrets={"production": ["KUBECONFIG"]},
    variables={"SLACK_CHANNEL": "C1"},
    environments=[reviewers("staging", required=False), reviewers("production", required=True)],
    required_checks=["all-green"],
    workflow_permissions={"can_approve_pull_request_reviews": True},
)


@contextmanager
def github_settings(state: State = FULL) -> Iterator[RepositorySettings]:
    with github_server(state) as server:
        yield GithubSettings(TOKEN, REPOSITORY, base_url=server.base_url, patience=5, pause=0.01)


@contextmanager
def settings_in_memory() -> Iterator[RepositorySettings]:
    yield SettingsInMemory(
        secret_names=frozenset(FULL.secrets),
        environment_secrets={"production": frozenset({"KUBECONFIG"})},
        variable_names=frozenset(FULL.variables),
        opens_pull_requests=True,
        approvals={"staging": False, "production": True},
        checks=frozenset({"all-green"}),
    )


@pytest.fixture(params=[github_settings, settings_in_memory], ids=["github", "memory"])
def settings(request: pytest.FixtureRequest) -> Iterator[RepositorySettings]:
    with request.param() as made:
        yield made


def test_settings_are_told_by_name(settings: RepositorySettings) -> None:
    assert settings.secrets() == set(FULL.secrets)
    assert settings.secrets("production") == {"KUBECONFIG"}
    assert settings.secrets("staging") == frozenset()
    assert settings.variables() == {"SLACK_CHANNEL"}
    assert settings.environments() == {"staging": False, "production": True}
    assert settings.may_open_pull_requests()
    assert settings.required_checks(settings.default_branch()) == {"all-green"}


def test_a_check_that_a_ruleset_asks_for_is_required_too() -> None:
    rule = {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "all-green"}]}}
    with github_settings(State(rules=[{"type": "deletion"}, rule], hidden=["protection"])) as settings:
        assert settings.required_checks("main") == {"all-green"}


def test_a_branch_without_protection_requires_nothing() -> None:
    with github_settings(State()) as settings:
        assert settings.required_checks("main") == frozenset()


@pytest.mark.parametrize("ask", ["secrets", "variables", "environments", "may_open_pull_requests"])
def test_what_the_token_may_not_see_is_refused(ask: str) -> None:
    with github_settings(State(hidden=["/actions/", "/environments"])) as settings, pytest.raises(GitHubRefused):
        getattr(settings, ask)()
    with pytest.raises(GitHubRefused):
        getattr(SettingsInMemory(None, None, None, None, None, None), ask)()


def test_protection_that_the_token_may_not_see_is_refused() -> None:
    with github_settings(State(hidden=["protection"])) as settings, pytest.raises(GitHubRefused):
        settings.required_checks("main")
