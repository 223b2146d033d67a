"""Stage results in Slack, by a bot token."""

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial

from slack_sdk import WebClient

from slipway.adapters.slack import thread
from slipway.adapters.slack.channel import Channel, NoHistory
from slipway.adapters.slack.client import PATIENCE, PAUSE, Undelivered, web_client, within
from slipway.adapters.slack.digest import digest_message
from slipway.adapters.slack.result import blocks, fallback
from slipway.adapters.slack.root import plain_announcement
from slipway.adapters.slack.words import Block
from slipway.core.digest import Digest
from slipway.core.release_thread import Announcement
from slipway.core.stage_result import StageResult

_log = logging.getLogger(__name__)


class SlackNotifier:
    """Delivers into the thread of ``release``, or one message a result where there is none.

    A delivery is retried within ``patience`` seconds, all its calls together, then reported in the log. The first
    retry follows after about ``pause`` seconds, each further one after twice as long.

    Attributes:
        mentions: ids of users and user groups that a failure calls.
    """

    def __init__(
        self,
        token: str,
        channel: str,
        *,
        base_url: str,
        release: str | None = None,
        mentions: Sequence[str] = (),
        patience: float = PATIENCE,
        pause: float = PAUSE,
    ) -> None:
        self._token = token.strip()
        self._channel = channel
        self._base_url = base_url
        self._release = release
        self._mentions = tuple(mentions)
        self._patience = patience
        self._pause = pause
        self._threadless = ""

    def __repr__(self) -> str:
        return f"SlackNotifier(channel={self._channel!r})"

    def notify(self, result: StageResult) -> None:
        """Deliver one stage's result."""
        alone = partial(self._post, text=fallback(result, self._mentions), blocks=blocks(result, self._mentions))
        threaded = partial(thread.deliver, release=self._release or "", result=result, mentions=self._mentions)
        self._deliver(f"{result.stage} {result.use_case}", threaded, alone)

    def announce(self, announcement: Announcement) -> None:
        """Open the thread of a release, or tell in it what is announced now."""
        text, parts = plain_announcement(announcement)
        threaded = partial(thread.announce, announcement=announcement)
        self._deliver(f"release {announcement.release}", threaded, partial(self._post, text=text, blocks=parts))

    def sum_up(self, digest: Digest) -> None:
        """Post what became of all live models, in a message of its own."""
        text, parts = digest_message(digest)
        alone = partial(self._post, text=text, blocks=parts)
        self._deliver("the digest", lambda channel: alone(channel.client), alone)

    def _deliver(self, what: str, threaded: Callable[[Channel], None], alone: Callable[[WebClient], None]) -> None:
        client = web_client(self._token, self._base_url, self._patience, self._pause)
        try:
            within(self._patience, self._token, lambda: self._send(client, threaded, alone))
        except Undelivered as error:
            _log.warning("Slack was not told of %s: %s", what, error)

    def _send(self, client: WebClient, threaded: Callable[[Channel], None], alone: Callable[[WebClient], None]) -> None:
        if self._release is None or self._threadless:
            return alone(client)
        try:
            _require_id(self._channel)
            return threaded(Channel(client, self._channel))
        except NoHistory as missing:
            self._threadless = str(missing)
            _log.warning("Slack gets messages outside a thread: %s", missing)
            return alone(client)

    def _post(self, client: WebClient, *, text: str, blocks: list[Block]) -> None:
        client.chat_postMessage(channel=self._channel, text=text, blocks=blocks, unfurl_links=False)


def _require_id(channel: str) -> None:
    if re.fullmatch(r"[CGD][A-Z0-9]+", channel) is None:
        raise NoHistory("set SLACK_CHANNEL to the channel's id, which its details end with")
