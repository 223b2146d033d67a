"""A release's thread, in Slack and in memory: what people see after whatever happened on the way."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from slipway.adapters.slack.notifier import SlackNotifier
from slipway.adapters.slack.root import root_message
from slipway.adapters.terminal import RecordingNotifier
from slipway.core.release_thread import STAGES, Announcement, ReleaseThread
from slipway.core.stage_result import StageResult
from slipway.ports import Notifier
from tests.support.slack_server import (
    ANSWER_LOST,
    BROKEN,
    HANG,
    THROUGH,
    Call,
    Reply,
    SlackServer,
    refused,
    slack_workspace,
    slow_down,
)

TOKEN = "xoxb-0000-this-is-the-secret"  # noqa: S105  # Slack would refuse it
START = Announcement(
    release="77",
    use_cases=("churn", "homes"),
    reason="a merge of #12",
    commit="0123456789abcdef",
    actor="ana",
    links={"run": "https://github.example.org/acme/models/actions/runs/77"},
)


def result(stage: str = "evaluate", use_case: str = "churn", **more: Any) -> StageResult:
    told = {"use_case": use_case, "stage": stage, "status": "done", "headline": f"{stage} went well", "seconds": 1.5}
    return StageResult(**(told | more))


FAILED = result(
    "validate", status="failed", headline="a column broke", cause="an export changed", next_step="mend it", exit_code=22
)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def slack(server: SlackServer, **settings: Any) -> SlackNotifier:
    told = {"base_url": server.base_url, "release": "77", "pause": 0.01, "patience": 10.0}
    return SlackNotifier(TOKEN, settings.pop("channel", "C1"), **(told | settings))


def payload(message: dict[str, Any]) -> dict[str, Any]:
    return dict(message["metadata"]["event_payload"])


def seen(server: SlackServer) -> ReleaseThread:
    """What the one thread in the channel says; the root's words must be those of its replies."""
    [root] = server.workspace.roots()
    notes = payload(root)
    told = {key: notes[key] for key in ("release", "reason", "commit", "actor", "links") if key in notes}
    announced = Announcement(**told, use_cases=tuple(notes["use_cases"].split(",")))
    known = set(StageResult.model_fields)
    replies = [{k: v for k, v in payload(reply).items() if k in known} for reply in root["replies"]]
    thread = ReleaseThread(announcement=announced, results=tuple(StageResult(**reply) for reply in replies))
    assert root["blocks"] == root_message(thread).blocks
    return thread


@dataclass
class Rig:
    notifier: Notifier
    thread: Any


@contextmanager
def in_slack() -> Iterator[Rig]:
    with slack_workspace() as server:
        yield Rig(slack(server), lambda: seen(server))


@contextmanager
def in_memory() -> Iterator[Rig]:
    notifier = RecordingNotifier("77")
    yield Rig(notifier, lambda: notifier.thread)


@pytest.fixture(params=[in_slack, in_memory], ids=["slack", "memory"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with request.param() as made:
        yield made


def test_a_thread_holds_the_announcement_and_every_result(rig: Rig) -> None:
    rig.notifier.announce(START)
    rig.notifier.notify(result("train"))
    rig.notifier.notify(result("evaluate", verdict="promote", links={"model": "https://mlflow.example.org/1"}))
    assert rig.thread() == ReleaseThread(
        announcement=START,
        results=(
            result("train"),
            result("evaluate", verdict="promote", links={"model": "https://mlflow.example.org/1"}),
        ),
    )


def test_a_rerun_of_a_job_edits_its_reply(rig: Rig) -> None:
    rig.notifier.announce(START)
    for told in (FAILED, result("train"), result("validate", headline="all is well")):
        rig.notifier.notify(told)
    assert rig.thread().results == (result("validate", headline="all is well"), result("train"))


def test_an_announcement_told_again_takes_the_place_of_the_first(rig: Rig) -> None:
    rig.notifier.announce(START)
    rig.notifier.notify(FAILED)
    again = START.model_copy(update={"use_cases": ("churn",), "reason": "once more"})
    rig.notifier.announce(again)
    assert rig.thread() == ReleaseThread(announcement=again, results=(FAILED,))


def test_the_same_result_told_twice_edits_nothing() -> None:
    with slack_workspace() as server:
        slack(server).notify(FAILED)
        slack(server).notify(FAILED)
        [root] = server.workspace.roots()
        assert len(root["replies"]) == 1
        assert "edited" not in root["replies"][0]


def test_a_result_before_the_announcement_opens_the_thread_and_is_kept() -> None:
    with slack_workspace() as server:
        slack(server).notify(result("train"))
        slack(server).announce(START)
        assert seen(server) == ReleaseThread(announcement=START, results=(result("train"),))


def test_each_release_has_a_thread_of_its_own() -> None:
    with slack_workspace() as server:
        for release in ("77", "78"):
            slack(server, release=release).notify(FAILED)
        assert [len(root["replies"]) for root in server.workspace.roots()] == [1, 1]


def test_a_thread_far_up_the_channel_with_many_replies_is_found() -> None:
    names = [f"model_{index}" for index in range(30)]
    with slack_workspace(page=7) as server:
        slack(server).announce(START)
        for index in range(40):
            server.workspace.answer("chat.postMessage", {"channel": "C1", "text": f"chatter {index}"})
        for name in names:
            slack(server).notify(result(use_case=name))
        slack(server).notify(result(use_case="model_29", headline="again"))
        threads = [root for root in server.workspace.roots() if root["replies"]]
    assert [len(root["replies"]) for root in threads] == [30]


def deliveries(server: SlackServer) -> int:
    """How many calls a delivery into an announced thread makes."""
    slack(server).announce(START)
    before = len(server.calls)
    slack(server).notify(FAILED)
    return len(server.calls) - before


def calls_of_a_delivery() -> int:
    with slack_workspace() as server:
        return deliveries(server)


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("fate", [refused("fatal_error"), ANSWER_LOST])
def test_killed_between_any_two_calls_and_delivered_again_the_thread_is_the_same(announced: bool, fate: Reply) -> None:
    """From Slack's side a kill is the end of calls: the one at which it comes was carried out, or was not."""
    for calls in range(calls_of_a_delivery() + 3):
        with slack_workspace() as server:
            if announced:
                slack(server).announce(START)
            server.script(*[THROUGH] * calls, fate, refused("fatal_error"))
            slack(server).notify(FAILED)
            server.script(THROUGH)
            slack(server).notify(FAILED)
            slack(server).announce(START)
            assert seen(server) == ReleaseThread(announcement=START, results=(FAILED,)), calls


@pytest.mark.parametrize("fate", [refused("fatal_error"), ANSWER_LOST])
def test_an_announcement_killed_anywhere_and_made_again_is_one(fate: Reply) -> None:
    for calls in range(6):
        with slack_workspace() as server:
            server.script(*[THROUGH] * calls, fate, refused("fatal_error"))
            slack(server).announce(START)
            server.script(THROUGH)
            slack(server).announce(START)
            assert seen(server) == ReleaseThread(announcement=START), calls


@dataclass
class Interruption:
    """Does something else ahead of one call of the first client: the two are interleaved there."""

    at: int
    act: Any
    count: int = 0
    under_way: bool = field(default=False)

    def __call__(self, _: Call) -> None:
        if self.under_way:
            return
        if self.count == self.at:
            self.under_way = True
            self.act()
            self.under_way = False
        self.count += 1


OTHER = result("train", "homes", headline="another job's")
SAME = result("validate", headline="the rerun's")


@pytest.mark.parametrize("other", [OTHER, SAME], ids=["another stage", "the same stage"])
@pytest.mark.parametrize("announced", [True, False])
def test_two_jobs_that_tell_at_once_make_one_thread_that_says_both(other: StageResult, announced: bool) -> None:
    for at in range(10):
        with slack_workspace() as server:
            if announced:
                slack(server).announce(START)
            server.before = Interruption(at, lambda server=server: slack(server).notify(other))
            slack(server).notify(FAILED)
            told = {(r.use_case, r.stage) for r in seen(server).results}
            assert told >= {("churn", "validate")}, at
            assert len(told) == len(seen(server).results), at
            if server.before.under_way is False and server.before.count > at:
                assert told == {("churn", "validate"), (other.use_case, other.stage)}, at


def test_two_announcements_at_once_make_one_root() -> None:
    for at in range(6):
        with slack_workspace() as server:
            server.before = Interruption(at, lambda server=server: slack(server).announce(START))
            slack(server).announce(START)
            assert seen(server) == ReleaseThread(announcement=START), at


def test_many_jobs_at_the_same_time_converge() -> None:
    told = [result(stage, name) for stage in ("train", "evaluate") for name in ("churn", "homes", "weather")]
    with slack_workspace() as server:
        slack(server).announce(START)
        jobs = [threading.Thread(target=slack(server).notify, args=(entry,)) for entry in (*told, *told[:2])]
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
        found = seen(server).results
    assert sorted(map(str, found)) == sorted(map(str, told))


@pytest.mark.parametrize(
    "method", ["conversations.history", "conversations.replies", "chat.postMessage", "chat.update"]
)
@pytest.mark.parametrize("hiccup", [BROKEN, ANSWER_LOST, slow_down("0")])
def test_a_passing_failure_of_any_call_leaves_no_trace(
    method: str, hiccup: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    with slack_workspace() as server:
        slack(server).announce(START)
        server.fail(method, hiccup)
        slack(server).notify(FAILED)
        assert seen(server) == ReleaseThread(announcement=START, results=(FAILED,))
    assert caplog.records == []


@pytest.mark.parametrize(
    "method", ["conversations.history", "conversations.replies", "chat.postMessage", "chat.update"]
)
def test_a_call_that_hangs_ends_with_patience_and_is_logged(method: str, caplog: pytest.LogCaptureFixture) -> None:
    with slack_workspace() as server:
        slack(server).announce(START)
        server.fail(method, HANG)
        started = time.monotonic()
        slack(server, patience=0.5).notify(FAILED)
        assert time.monotonic() - started < 3
    assert "Slack was not told of validate churn" in caplog.text


def test_slow_calls_share_one_patience(caplog: pytest.LogCaptureFixture) -> None:
    with slack_workspace() as server:
        server.before = lambda _: time.sleep(0.2)
        started = time.monotonic()
        slack(server, patience=0.5).notify(FAILED)
        assert time.monotonic() - started < 1.5
    assert "no answer within 0.5 s" in caplog.text


def test_a_failure_calls_the_people_who_are_set(caplog: pytest.LogCaptureFixture) -> None:
    with slack_workspace() as server:
        slack(server, mentions=("U012AB", "S034CD")).notify(FAILED)
        slack(server, mentions=("U012AB", "S034CD")).notify(result("train"))
        [root] = server.workspace.roots()
    failure, other = root["replies"]
    assert "<@U012AB> <!subteam^S034CD>" in failure["text"]
    assert "<@U012AB> <!subteam^S034CD>" in json.dumps(failure["blocks"])
    assert "mend it" in json.dumps(failure["blocks"])
    assert "an export changed" in json.dumps(failure["blocks"])
    assert "U012AB" not in json.dumps(other)
    assert "validate failed: a column broke" in json.dumps(root["blocks"])


@pytest.mark.parametrize(
    ("settings", "scopes", "advice"),
    [
        ({}, ("chat:write",), "give the app the scope channels:history"),
        ({"channel": "models"}, ("chat:write", "channels:history"), "set SLACK_CHANNEL to the channel's id"),
    ],
    ids=["scope", "name"],
)
def test_without_a_way_to_find_the_thread_messages_stand_alone_and_the_log_says_so_once(
    settings: dict[str, Any], scopes: tuple[str, ...], advice: str, caplog: pytest.LogCaptureFixture
) -> None:
    with slack_workspace(scopes=scopes) as server:
        notifier = slack(server, **settings)
        notifier.announce(START)
        notifier.notify(FAILED)
        notifier.notify(OTHER)
        [messages] = server.workspace.dump()["channels"].values()
    assert [message["text"].split()[0] for message in messages] == ["Release", "churn", "homes"]
    assert [record.getMessage() for record in caplog.records if advice in record.getMessage()] == [
        f"Slack gets messages outside a thread: {caplog.records[0].getMessage().partition(': ')[2]}"
    ]
    assert len(caplog.records) == 1


def test_without_a_release_each_result_is_a_message_and_nothing_is_read() -> None:
    with slack_workspace() as server:
        slack(server, release=None).notify(FAILED)
    assert [call.method for call in server.calls] == ["chat.postMessage"]


def test_nothing_from_outside_is_markup_anywhere() -> None:
    hostile = "<!channel> <@U1> <https://evil.example.org|click> & `x` \n> quote"
    told = result(
        "evaluate",
        hostile,
        status="failed",
        headline=hostile,
        cause=hostile,
        next_step=hostile,
        links={hostile: "javascript:1"},
    )
    with slack_workspace() as server:
        slack(server).announce(
            Announcement(release=hostile, use_cases=("churn",), reason=hostile, actor=hostile, links={hostile: hostile})
        )
        slack(server, release=hostile).notify(told)
        [root] = server.workspace.roots()
    texts = [text for message in (root, *root["replies"]) for text in marked_up(message)]
    assert texts
    assert [text for text in texts if "<!" in text or "<@" in text or "<http" in text] == []


def marked_up(message: dict[str, Any]) -> list[str]:
    parts = [part for block in message["blocks"] for part in (block.get("text"), *block.get("elements", ())) if part]
    return [message["text"], *(part["text"] for part in parts if part["type"] == "mrkdwn")]


def test_a_hundred_use_cases_with_long_words_fit_a_message(caplog: pytest.LogCaptureFixture) -> None:
    names = tuple(f"a_use_case_with_a_rather_long_name_{index:03}" for index in range(100))
    start = START.model_copy(update={"use_cases": names, "reason": "é" * 2000})
    links = {"model": "https://mlflow.example.org/#/models/" + "x" * 200, "run": "https://example.org/" + "y" * 200}
    long = {"headline": "é & <b> " * 600, "cause": "c" * 5000, "next_step": "n" * 5000, "links": links}
    with slack_workspace() as server:
        slack(server).announce(start)
        slack(server).notify(result("validate", names[0], status="failed", **long))
        slack(server).notify(result("evaluate", names[1], **long))
        [root] = server.workspace.roots()
    assert caplog.records == []
    assert len(root["replies"]) == 2
    assert names[0] in json.dumps(root["blocks"])
    assert "✗" in json.dumps(root["blocks"], ensure_ascii=False)


def test_use_cases_that_do_not_fit_are_counted_and_failures_are_kept() -> None:
    names = tuple(f"model_{index:03}_{'x' * 60}" for index in range(200))
    thread = ReleaseThread(
        announcement=START.model_copy(update={"use_cases": names}),
        results=(result("validate", names[-1], status="failed"),),
    )
    words = json.dumps(root_message(thread).blocks)
    assert names[-1] in words
    assert "more use cases: " in words
    assert " waiting" in words


def test_the_root_marks_each_stage_of_each_use_case() -> None:
    told = (
        *(result(stage) for stage in ("validate", "train")),
        result("evaluate", verdict="promote", headline="promote: ROC AUC up by 0.012"),
        result("deploy-staging"),
        result("validate", "homes", status="failed", headline="prices below zero"),
    )
    with slack_workspace() as server:
        slack(server).announce(START)
        for entry in told:
            slack(server).notify(entry)
        [root] = server.workspace.roots()
    words = "\n".join(marked_up(root))
    assert "`=✓=✓✓==✓·` *churn* under way — promote: ROC AUC up by 0.012" in words
    assert "`=✗–––––––` *homes* failed — validate failed: prices below zero" in words
    assert "·".join(STAGES) in words
    assert "Release 77: 2 use cases, 1 failed, 1 under way" in words
    assert "a merge of #12 · commit 0123456789ab · by ana · <https://github.example.org/acme" in words
    assert root["text"] == "Release 77: 2 use cases, 1 failed, 1 under way"


def test_the_token_is_in_no_log_and_no_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with slack_workspace() as server:
        slack(server).notify(FAILED)
        server.script(refused(f"bad {TOKEN}"))
        slack(server).notify(OTHER)
        assert TOKEN not in caplog.text + json.dumps(server.dump())
    assert "Slack was not told of train homes" in caplog.text
