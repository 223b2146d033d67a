import io
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rich.console import Console

from slipway.adapters.slack.identity import identity
from slipway.adapters.slack.notifier import SlackNotifier
from slipway.adapters.slack.result import blocks, fallback
from slipway.adapters.slack.webhook import WebhookNotifier
from slipway.adapters.terminal import RecordingNotifier, TerminalNotifier
from slipway.core.digest import Digest, Lived
from slipway.core.release_thread import Announcement
from slipway.core.stage_result import StageResult
from slipway.ports import Notifier
from tests.support.slack_server import (
    BROKEN,
    HANG,
    OK,
    TRICKLE,
    Reply,
    SlackServer,
    refused,
    slack_server,
    slack_workspace,
    slow_down,
)

TOKEN = "xoxb-0000-this-is-the-secret"  # noqa: S105  # Slack would refuse it
DONE = StageResult(use_case="churn", stage="evaluate", status="done", headline="promote: ROC AUC 0.846", seconds=3.24)
FAILED = StageResult(
    use_case="churn",
    stage="validate",
    status="failed",
    headline="total_charges <b>is</b> [bold]wrong[/]",
    seconds=1.0,
    next_step="mend the column & run again",
    exit_code=22,
)
Rig = tuple[Notifier, Callable[[], list[str]]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def slack() -> Iterator[Rig]:
    with slack_server(OK) as server:
        yield SlackNotifier(TOKEN, "C1", base_url=server.base_url), lambda: [str(call.body) for call in server.calls]


@contextmanager
def terminal() -> Iterator[Rig]:
    file = io.StringIO()
    yield TerminalNotifier(Console(file=file, width=60)), lambda: file.getvalue().splitlines()


@contextmanager
def recording() -> Iterator[Rig]:
    notifier = RecordingNotifier()
    yield notifier, lambda: [str(result) for result in notifier.results]


@pytest.mark.parametrize("rig", [slack, terminal, recording])
def test_each_result_is_told_once_and_in_order(rig: Callable[[], Iterator[Rig]]) -> None:
    with rig() as (notifier, told):  # type: ignore[attr-defined]
        notifier.notify(DONE)
        notifier.notify(FAILED)
        first, second = told()
    assert all(word in first for word in ("churn", "evaluate", "promote: ROC AUC 0.846", "3.2"))
    assert all(word in second for word in ("churn", "validate", "total_charges"))


ALARM = StageResult(
    use_case="churn", stage="monitor", status="alarm", headline="drift of tenure", seconds=0.0, next_step="look at it"
)
DIGEST = Digest(
    days=7,
    until="2026-11-21T04:17:00+00:00",
    lived=(
        Lived(use_case="homes", version=None, age_days=None),
        Lived(
            use_case="churn", version=3, age_days=12.4, looks=7, alarms=("drift of tenure",), standing=1,
            answers={"yes": 2, "no": 5}, answer="yes", reason="ROC AUC fell <!channel>", registered=1,
        ),
    ),
)  # fmt: skip


@contextmanager
def webhook() -> Iterator[Rig]:
    with slack_server(OK) as server:
        notifier = WebhookNotifier(f"{server.base_url}services/secret", mentions=("U1",))
        yield notifier, lambda: [str(call.body) for call in server.calls]


@pytest.mark.parametrize("rig", [slack, terminal, webhook])
def test_a_digest_names_every_use_case_with_its_champion_alarms_and_decision(
    rig: Callable[[], Iterator[Rig]],
) -> None:
    with rig() as (notifier, told):  # type: ignore[attr-defined]
        notifier.sum_up(DIGEST)
        said = " ".join(told())
    words = ("2 use cases, 1 with an alarm", "no champion", "version 3, 12 days old", "7 looks", "drift of tenure")
    assert all(word in said for word in (*words, "retrain yes", "1 version trained"))
    assert "<!channel>" not in said or rig is terminal


def test_the_twin_remembers_a_digest() -> None:
    notifier = RecordingNotifier()
    notifier.sum_up(DIGEST)
    assert notifier.digests == [DIGEST]


def test_a_digest_of_hundreds_of_use_cases_is_one_message_that_slack_takes() -> None:
    lived = tuple(DIGEST.lived[1].model_copy(update={"use_case": f"case-{n}"}) for n in range(300))
    with slack() as (notifier, told):
        notifier.sum_up(DIGEST.model_copy(update={"lived": lived}))
        (said,) = told()
    assert len(said) < 13_000
    assert "more" in said


@pytest.mark.parametrize("rig", [slack, webhook])
def test_an_alarm_is_told_as_an_alarm_and_not_as_a_failure(rig: Callable[[], Iterator[Rig]]) -> None:
    with rig() as (notifier, told):  # type: ignore[attr-defined]
        notifier.notify(ALARM)
        (said,) = told()
    assert "churn monitor alarm: drift of tenure" in said
    assert "failed" not in said
    assert "0.0 s" not in said


def test_an_alarm_calls_those_who_are_called_by_failures() -> None:
    with webhook() as (notifier, told):
        notifier.notify(ALARM)
        assert "<@U1>" in told()[0]


def test_a_webhook_is_told_that_an_alarm_is_over() -> None:
    with webhook() as (notifier, told):
        notifier.notify(ALARM.model_copy(update={"status": "done", "headline": "over: drift of tenure"}))
        assert "over: drift of tenure" in told()[0]
        assert "<@U1>" not in told()[0]


@contextmanager
def silent_slack() -> Iterator[Notifier]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    yield SlackNotifier(TOKEN, "C1", base_url=f"http://127.0.0.1:{port}/", patience=0.3)


@contextmanager
def silent_webhook() -> Iterator[Notifier]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    yield WebhookNotifier(f"http://127.0.0.1:{port}/services/secret", patience=0.3)


@contextmanager
def closed_terminal() -> Iterator[Notifier]:
    file = io.StringIO()
    console = Console(file=file)
    file.close()
    yield TerminalNotifier(console)


class BrokenPipe(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


@contextmanager
def terminal_without_reader() -> Iterator[Notifier]:
    yield TerminalNotifier(Console(file=BrokenPipe()))


@pytest.mark.parametrize("broken", [silent_slack, silent_webhook, closed_terminal, terminal_without_reader])
def test_a_notifier_that_fails_says_so_in_the_log_and_raises_nothing(
    broken: Callable[[], Iterator[Notifier]], caplog: pytest.LogCaptureFixture
) -> None:
    with broken() as notifier:  # type: ignore[attr-defined]
        notifier.notify(DONE.model_copy(update={"stage": "production"}))
    with broken() as notifier:  # type: ignore[attr-defined]
        notifier.announce(Announcement(release="77"))
    with broken() as notifier:  # type: ignore[attr-defined]
        notifier.sum_up(DIGEST)
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    names = ("production churn", "release 77", "the digest")
    assert [(level, *(what in said for what in names)) for level, said in told] == [
        ("WARNING", True, False, False),
        ("WARNING", False, True, False),
        ("WARNING", False, False, True),
    ]


def notify(server: SlackServer, *, patience: float = 10.0, token: str = TOKEN) -> None:
    SlackNotifier(token, "C1", base_url=server.base_url, patience=patience, pause=0.01).notify(DONE)


def test_slack_gets_the_channel_the_text_and_the_blocks() -> None:
    with slack_server(OK) as server:
        notify(server)
    (call,) = server.calls
    assert call.method == "chat.postMessage"
    assert call.authorization == f"Bearer {TOKEN}"
    assert (call.body["channel"], call.body["text"]) == ("C1", fallback(DONE))
    assert call.body["blocks"] == blocks(DONE)


@pytest.mark.parametrize("hiccup", [BROKEN, Reply(status=502, body={}), slow_down("0")])
def test_a_passing_failure_is_retried_until_the_message_is_delivered(
    hiccup: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    with slack_server(hiccup, OK) as server:
        notify(server)
    assert len(server.calls) == 2
    assert caplog.records == []


def test_a_wait_as_long_as_slack_asks_for_is_kept() -> None:
    started = time.monotonic()
    with slack_server(slow_down("1"), OK) as server:
        notify(server)
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("asked", ["3600", "soon"])
def test_a_wait_beyond_patience_is_not_begun(asked: str, caplog: pytest.LogCaptureFixture) -> None:
    started = time.monotonic()
    with slack_server(slow_down(asked), OK) as server:
        notify(server)
    assert time.monotonic() - started < 5
    assert len(server.calls) == 1
    assert "limits our rate" in caplog.text


def test_a_server_that_stays_broken_is_reported_with_its_status(caplog: pytest.LogCaptureFixture) -> None:
    with slack_server(BROKEN) as server:
        notify(server)
    assert len(server.calls) == 4
    assert "Slack answers with HTTP 500" in caplog.text


@pytest.mark.parametrize("reply", [HANG, TRICKLE])
def test_a_server_that_never_ends_its_answer_is_given_up_in_time(
    reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()
    with slack_server(reply) as server:
        notify(server, patience=0.5)
        assert time.monotonic() - started < 3
    assert "Slack was not told of evaluate churn" in caplog.text


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("invalid_auth", "check SLACK_BOT_TOKEN"),
        ("channel_not_found", "check SLACK_CHANNEL"),
        ("not_in_channel", "invite the app"),
        ("missing_scope", "chat:write"),
        ("something_new", "chat.postMessage"),
    ],
)
def test_a_refusal_is_reported_with_the_next_step(error: str, advice: str, caplog: pytest.LogCaptureFixture) -> None:
    with slack_server(refused(error)) as server:
        notify(server)
    assert len(server.calls) == 1
    assert error in caplog.text
    assert advice in caplog.text


@pytest.mark.parametrize(
    ("replies", "token"),
    [
        ((refused("invalid_auth"),), TOKEN),
        ((refused(f"bad token {TOKEN}"),), TOKEN),
        ((BROKEN,), TOKEN),
        ((HANG,), TOKEN),
        ((OK,), TOKEN + "\nSet-Cookie: x"),
        ((OK,), TOKEN + "é"),
    ],
)
def test_the_token_is_in_no_output(
    replies: tuple[Reply, ...], token: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with slack_server(*replies) as server:
        notify(server, patience=0.5, token=token)
    out, err = capfd.readouterr()
    logged = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert TOKEN not in out + err + logged + repr(SlackNotifier(token, "C1", base_url=server.base_url))


def test_white_space_around_a_token_does_no_harm() -> None:
    with slack_server(OK) as server:
        notify(server, token=f" {TOKEN}\n")
    assert server.calls[0].authorization == f"Bearer {TOKEN}"


def test_whose_token_it_is_can_be_asked() -> None:
    with slack_server(OK) as server:
        answer = identity(TOKEN, base_url=server.base_url, patience=10.0)
    assert (answer.ok, answer.said) == (True, "slipway in Test")


def test_a_token_that_slack_refuses_is_told_as_such() -> None:
    with slack_server(refused("invalid_auth")) as server:
        answer = identity(TOKEN, base_url=server.base_url, patience=10.0)
    assert (answer.ok, "check SLACK_BOT_TOKEN" in answer.said) == (False, True)


@pytest.mark.parametrize(
    ("scopes", "lack"),
    [(("channels:history",), "chat:write"), (("chat:write",), "channels:history")],
)
def test_a_scope_that_the_token_lacks_is_told(scopes: tuple[str, ...], lack: str) -> None:
    with slack_workspace(scopes=scopes) as server:
        answer = identity(TOKEN, base_url=server.base_url, patience=10.0)
    assert (answer.ok, f"slipway in Test, without the scope {lack}" in answer.said) == (False, True)


@pytest.mark.parametrize("history", ["channels:history", "groups:history"])
def test_a_token_with_every_scope_is_in_order(history: str) -> None:
    with slack_workspace(scopes=("chat:write", history)) as server:
        assert identity(TOKEN, base_url=server.base_url, patience=10.0).ok


def hook(server: SlackServer, **settings: Any) -> WebhookNotifier:
    return WebhookNotifier(server.webhook_url, **({"pause": 0.01} | settings))


def test_a_webhook_is_told_of_the_start_of_failures_and_of_each_end() -> None:
    told = [
        DONE,
        FAILED,
        DONE.model_copy(update={"verdict": "reject", "headline": "reject: too weak"}),
        DONE.model_copy(update={"stage": "register", "verdict": "reject", "headline": "version 3 registered"}),
        DONE.model_copy(update={"stage": "staging"}),
        DONE.model_copy(update={"stage": "production", "headline": "version 3 is running"}),
    ]
    with slack_workspace() as server:
        hook(server).announce(Announcement(release="77", use_cases=("churn", "homes"), reason="a merge"))
        for result in told:
            hook(server, mentions=("U012AB",)).notify(result)
        messages = server.workspace.webhook
    assert [message["text"] for message in messages] == [
        "Release 77: 2 use cases, 2 waiting",
        "churn validate failed: total_charges &lt;b&gt;is&lt;/b&gt; [bold]wrong[/] <@U012AB>",
        "churn register done: reject: version 3 registered",
        "churn production done: version 3 is running",
    ]
    assert "churn, homes" in str(messages[0]["blocks"])


@pytest.mark.parametrize("hiccup", [BROKEN, Reply(status=502, body={}), slow_down("0")])
def test_a_webhook_that_fails_in_passing_is_told_again(hiccup: Reply, caplog: pytest.LogCaptureFixture) -> None:
    with slack_workspace(hiccup) as server:
        hook(server).notify(FAILED)
        assert len(server.workspace.webhook) == 1
    assert caplog.records == []


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (BROKEN, "Slack answers with HTTP 500"),
        (HANG, "no answer within 0.5 s"),
        (TRICKLE, "no answer within 0.5 s"),
        (slow_down("3600"), "limits our rate"),
        (Reply(status=404, body={"text": "no_service"}), "make a new webhook"),
        (Reply(status=400, body={"text": "invalid_payload"}), "HTTP 400"),
    ],
)
def test_a_webhook_that_takes_nothing_is_logged_without_its_address(
    reply: Reply, said: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with slack_server(reply) as server:
        hook(server, patience=0.5).notify(FAILED)
        secret = server.webhook_url.rpartition("/")[2]
        assert secret not in repr(hook(server))
    out, err = capfd.readouterr()
    logged = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert said in caplog.text
    assert secret not in out + err + logged


@pytest.mark.parametrize(
    "address", ["ftp://secret.example.org/x", "http://secret.example.org:port/x", "http://[secret/x"]
)
def test_an_address_that_is_none_is_not_repeated(address: str, caplog: pytest.LogCaptureFixture) -> None:
    WebhookNotifier(address, patience=0.5, pause=0.01).notify(FAILED)
    assert "Slack was not told of validate churn" in caplog.text
    assert "secret" not in caplog.text


def test_a_message_mentions_nobody() -> None:
    hostile = DONE.model_copy(update={"headline": "<!channel> <@U1> & co", "use_case": "<!here>"})
    assert fallback(hostile) == "&lt;!here&gt; evaluate done: &lt;!channel&gt; &lt;@U1&gt; &amp; co"
    title, headline = blocks(hostile)
    assert "<" not in title["text"]["text"]
    assert headline["text"] == {"type": "plain_text", "text": "<!channel> <@U1> & co", "emoji": False}


def test_a_failure_tells_the_next_step() -> None:
    assert blocks(FAILED)[-1]["elements"][0]["text"] == "Next step: mend the column & run again"


def test_no_block_is_empty_or_longer_than_slack_takes() -> None:
    long = FAILED.model_copy(update={"headline": "x" * 9000, "next_step": "y" * 9000, "use_case": "z" * 9000})
    texts = [part.get("text") or part["elements"][0] for part in blocks(long)]
    assert max(len(text["text"]) for text in texts) <= 3000
    assert len(blocks(DONE.model_copy(update={"headline": " "}))) == 1


def printed(result: StageResult, encoding: str = "utf-8") -> str:
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding=encoding)
    TerminalNotifier(Console(file=file, width=40)).notify(result)
    file.flush()
    return buffer.getvalue().decode(encoding)


def test_the_terminal_shows_one_line_a_result() -> None:
    assert printed(DONE) == "✓ evaluate   churn  promote: ROC AUC 0.846  3.2 s\n"


def test_a_failure_is_marked_and_printed_as_it_is() -> None:
    assert printed(FAILED).startswith("✗ validate   churn  total_charges <b>is</b> [bold]wrong[/]  1.0 s")


def test_a_long_headline_stays_on_one_line() -> None:
    assert printed(DONE.model_copy(update={"headline": "word\n" * 60})).count("\n") == 1


def test_a_terminal_without_utf8_gets_ascii() -> None:
    assert printed(DONE.model_copy(update={"headline": "Δ ≥ 0"}), "ascii") == "ok evaluate   churn  ? ? 0  3.2 s\n"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in printed(DONE.model_copy(update={"headline": "\x1b[2Jgone"}))


def test_what_was_told_can_be_read_back() -> None:
    notifier = RecordingNotifier()
    notifier.notify(FAILED)
    assert notifier.results == [FAILED]


def test_a_skipped_stage_does_not_look_done() -> None:
    skipped = StageResult(use_case="churn", stage="staging", status="done", headline="skipped: no cluster", seconds=0)
    assert "white_check_mark" not in str(blocks(skipped))
    assert "churn staging skipped" in fallback(skipped)
