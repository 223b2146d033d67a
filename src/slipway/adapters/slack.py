"""Stage results as Slack messages."""

import logging
import random
import threading
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler, RetryHandler
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import BackoffRetryIntervalCalculator
from slack_sdk.http_retry.jitter import Jitter
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web import SlackResponse

from slipway.core.answer import Answer
from slipway.core.stage_result import StageResult

PATIENCE = 10.0
_LONGEST_TEXT = 3000  # characters Slack takes in one section
_log = logging.getLogger(__name__)

_NEXT_STEPS = {
    "invalid_auth": "check SLACK_BOT_TOKEN",
    "not_authed": "check SLACK_BOT_TOKEN",
    "token_revoked": "make a new bot token and set SLACK_BOT_TOKEN",
    "token_expired": "make a new bot token and set SLACK_BOT_TOKEN",
    "account_inactive": "make a new bot token and set SLACK_BOT_TOKEN",
    "missing_scope": "give the app the scope chat:write and install it again",
    "not_in_channel": "invite the app to the channel",
    "channel_not_found": "check SLACK_CHANNEL, and invite the app if the channel is private",
    "is_archived": "set SLACK_CHANNEL to a channel that is not archived",
}


class Undelivered(Exception):
    """Slack did not take a call; its text holds no secret."""


class SlackNotifier:
    """One message a stage result, retried within ``patience`` seconds, then reported in the log.

    The first retry follows after about ``pause`` seconds, each further one after twice as long.
    """

    def __init__(
        self, token: str, channel: str, *, base_url: str, patience: float = PATIENCE, pause: float = 0.5
    ) -> None:
        self._token = token.strip()
        self._channel = channel
        self._base_url = base_url
        self._patience = patience
        self._pause = pause

    def __repr__(self) -> str:
        return f"SlackNotifier(channel={self._channel!r})"

    def notify(self, result: StageResult) -> None:
        """Post the result to the channel."""
        post = partial(_post, channel=self._channel, text=fallback(result), blocks=blocks(result))
        try:
            _call(_client(self._token, self._base_url, self._patience, self._pause), self._patience, post)
        except Undelivered as error:
            _log.warning("Slack was not told of %s %s: %s", result.stage, result.use_case, error)


def identity(token: str, *, base_url: str, patience: float = PATIENCE) -> Answer:
    """Whose token it is, as Slack's auth.test tells; a refusal or silence is an answer too."""
    try:
        reply = _call(_client(token.strip(), base_url, patience, 0.5), patience, lambda client: client.auth_test())
    except Undelivered as error:
        return Answer(ok=False, said=str(error))
    return Answer(ok=True, said=_redacted(f"{reply.get('user', '?')} in {reply.get('team', '?')}", token.strip()))


def fallback(result: StageResult) -> str:
    """What a phone's notification shows, as Slack's mrkdwn."""
    verb = "failed" if result.status == "failed" else "done"
    return _cut(escape(f"{result.use_case} {result.stage} {verb}: {_one_line(result.headline)}"))


def blocks(result: StageResult) -> list[dict[str, Any]]:
    """Block Kit: who and how long, what was found and, after a failure, what to do."""
    mark = ":x:" if result.status == "failed" else ":white_check_mark:"
    title = f"{mark} *{escape(result.use_case)}* · {escape(result.stage)} · {result.seconds:.1f} s"
    parts: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": _cut(title)}}]
    if headline := _one_line(result.headline):
        parts.append({"type": "section", "text": _plain(headline)})
    if result.next_step.strip():
        parts.append({"type": "context", "elements": [_plain(f"Next step: {result.next_step.strip()}")]})
    return parts


def escape(text: str) -> str:
    """Text in which Slack sees no mention, link or markup tag: its three control characters are encoded."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": _cut(text), "emoji": False}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _post(client: WebClient, *, channel: str, text: str, blocks: list[dict[str, Any]]) -> SlackResponse:
    return client.chat_postMessage(channel=channel, text=text, blocks=blocks, unfurl_links=False)


def _call(client: WebClient, patience: float, send: Callable[[WebClient], SlackResponse]) -> SlackResponse:
    """Send on a thread that is left behind when patience ends: a socket's timeout starts anew with every byte."""
    outcome: list[SlackResponse | Undelivered] = []
    worker = threading.Thread(target=lambda: outcome.append(_attempt(client, send)), daemon=True)
    worker.start()
    worker.join(patience)
    if not outcome:
        raise Undelivered(f"no answer within {patience:g} s; check the network and status.slack.com")
    if isinstance(outcome[0], Undelivered):
        raise outcome[0]
    return outcome[0]


def _client(token: str, base_url: str, patience: float, pause: float) -> WebClient:
    deadline = time.monotonic() + patience
    waits = BackoffRetryIntervalCalculator(backoff_factor=pause, jitter=_Jitter())
    kinds: tuple[RetryHandler, ...] = (
        RateLimitErrorRetryHandler(max_retry_count=5),
        _ServerErrors(max_retry_count=3, interval_calculator=waits),
        ConnectionErrorRetryHandler(max_retry_count=3, interval_calculator=waits),
    )
    return WebClient(
        token=token,
        base_url=base_url,
        timeout=max(1, round(patience)),
        retry_handlers=[_Until(deadline, pause, kind) for kind in kinds],
        logger=_silent(),
    )


def _silent() -> logging.Logger:
    """What the client would log, we report ourselves, once and without headers."""
    return logging.Logger("slack_sdk", level=logging.CRITICAL)


class _Jitter(Jitter):
    """Half to one and a half of a wait, so that jobs that failed together do not come back together."""

    def recalculate(self, duration: float) -> float:
        return duration * (0.5 + random.random())  # noqa: S311  # no secret hangs on it


class _ServerErrors(ServerErrorRetryHandler):
    """All of 5xx: a proxy in between answers 502 and 504."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        return response is not None and response.status_code >= 500


class _Until(RetryHandler):
    """Lets another handler retry while the wait that it brings ends before a deadline."""

    def __init__(self, deadline: float, pause: float, kind: RetryHandler) -> None:
        super().__init__(kind.max_retry_count)
        self._deadline = deadline
        self._pause = pause
        self._kind = kind

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        longest = 1.5 * self._pause * 2**state.current_attempt
        in_time = time.monotonic() + max(longest, _asked_wait(response)) < self._deadline
        return in_time and self._kind.can_retry(state=state, request=request, response=response, error=error)

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        self._kind.prepare_for_next_attempt(state=state, request=request, response=response, error=error)


def _asked_wait(response: HttpResponse | None) -> float:
    """Seconds of the header Retry-After; endless where it is not a number."""
    headers = {} if response is None else {k.lower(): v for k, v in response.headers.items()}
    asked = headers.get("retry-after", ["0"])
    value = asked if isinstance(asked, str) else asked[0]
    return float(value) if value.isdigit() else float("inf")


def _attempt(client: WebClient, send: Callable[[WebClient], SlackResponse]) -> SlackResponse | Undelivered:
    try:
        return send(client)
    except Exception as error:  # whatever happens in a notifier ends as a line in the log
        return Undelivered(_redacted(_reason(error), client.token))


def _reason(error: Exception) -> str:
    """Cause and next step; of unforeseen errors the kind only, as their text may quote the token."""
    match error:
        case SlackApiError():
            return _refusal(error)
        case TimeoutError():
            return "Slack did not answer in time; check the network and status.slack.com"
        case URLError():
            return f"Slack cannot be reached: {error.reason}; check the network and any proxy"
        case HTTPException() | OSError() | SlackClientError():
            return f"the connection to Slack broke ({type(error).__name__}); check the network and any proxy"
        case _:
            return f"the call failed ({type(error).__name__}); check SLACK_BOT_TOKEN and SLACK_CHANNEL"


def _refusal(error: SlackApiError) -> str:
    status = error.response.status_code
    if status == 429:
        return "Slack limits our rate and asks to wait longer than we do; later results are sent again"
    if status >= 500:
        return f"Slack answers with HTTP {status}; see status.slack.com"
    code = _one_line(str(error.response.get("error", "unknown_error")))[:200]
    return f"Slack refused: {code}; {_NEXT_STEPS.get(code, 'see the error in the documentation of chat.postMessage')}"


def _redacted(text: str, token: str | None) -> str:
    return text.replace(token, "***") if token else text
