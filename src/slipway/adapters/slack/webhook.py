"""Stage results in Slack, by an incoming webhook: it takes messages, and knows neither threads nor edits."""

import logging
from collections.abc import Sequence

from slipway.adapters.slack.client import PATIENCE, PAUSE, Undelivered, webhook_client, within
from slipway.adapters.slack.digest import digest_message
from slipway.adapters.slack.refusals import status_words
from slipway.adapters.slack.result import blocks, fallback
from slipway.adapters.slack.root import plain_announcement
from slipway.adapters.slack.words import Block
from slipway.core.digest import Digest
from slipway.core.release_thread import STAGES, Announcement
from slipway.core.stage_result import StageResult
from slipway.report.release_thread import place

_log = logging.getLogger(__name__)


class WebhookNotifier:
    """One message for the start, for each failure or alarm, and for each use case's end. The address is a secret."""

    def __init__(
        self, url: str, *, mentions: Sequence[str] = (), patience: float = PATIENCE, pause: float = PAUSE
    ) -> None:
        self._url = url.strip()
        self._mentions = tuple(mentions)
        self._patience = patience
        self._pause = pause

    def __repr__(self) -> str:
        return "WebhookNotifier()"

    def notify(self, result: StageResult) -> None:
        """Post failures, rejections, arrivals in production and news of live models; of all else nothing is said."""
        if worth_a_message(result):
            self._send(
                f"{result.stage} {result.use_case}", fallback(result, self._mentions), blocks(result, self._mentions)
            )

    def announce(self, announcement: Announcement) -> None:
        """Post that a release starts."""
        self._send(f"release {announcement.release}", *plain_announcement(announcement))

    def sum_up(self, digest: Digest) -> None:
        """Post what became of all live models."""
        self._send("the digest", *digest_message(digest))

    def _send(self, what: str, text: str, parts: list[Block]) -> None:
        try:
            within(self._patience, self._url, lambda: self._post(text, parts))
        except Undelivered as error:
            _log.warning("Slack was not told of %s: %s", what, error)

    def _post(self, text: str, parts: list[Block]) -> None:
        answer = webhook_client(self._url, self._patience, self._pause).send(text=text, blocks=parts)
        if answer.status_code != 200:
            raise Undelivered(status_words(answer.status_code))


def worth_a_message(result: StageResult) -> bool:
    """Whether a channel without threads is told of it; a rejection is told once, when it is registered."""
    ended = place(result.stage) in {STAGES[-1], "rollback", "monitor"}
    rejected = result.verdict == "reject" and result.stage == "register"
    return result.calls or ended or rejected
