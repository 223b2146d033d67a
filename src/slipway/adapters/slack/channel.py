"""One channel of Slack: what is in it with our notes, and what we put there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slipway.adapters.slack.notes import Message, Posted, posted

_PAGE = 200
_MOST_PAGES = 15  # of a channel, back from now: a thread that waits for an approval is further down
_GONE = {"message_not_found", "cant_delete_message"}


class NoHistory(Exception):
    """Slack does not let us read the channel; the text says what is missing."""


@dataclass(frozen=True)
class Channel:
    """A channel by its id, through a client that knows its own patience."""

    client: WebClient
    id: str

    def notes(self) -> list[Posted]:
        """The channel's own messages of ours, oldest first, as far back as we look.

        Raises:
            NoHistory: the app lacks a scope, or the channel is given by name.
        """
        with _history_missing():
            return self._listed(self.client.conversations_history, most=_MOST_PAGES)[::-1]

    def thread(self, ts: str) -> list[Posted]:
        """The root and its replies of ours, oldest first."""
        with _history_missing():
            return self._listed(self.client.conversations_replies, most=100, ts=ts)

    def post(self, message: Message, *, thread: str | None = None) -> str:
        """Post a message; returns its ts."""
        told = self.client.chat_postMessage(
            channel=self.id, thread_ts=thread, unfurl_links=False, unfurl_media=False, **message.arguments()
        )
        return str(told["ts"])

    def edit(self, ts: str, message: Message) -> None:
        """Put a message in the place of one that is there."""
        self.client.chat_update(channel=self.id, ts=ts, **message.arguments())

    def copy(self, source: Posted, ts: str) -> None:
        """Put the content of one message in the place of another."""
        self.client.chat_update(channel=self.id, ts=ts, **source.raw)

    def delete(self, ts: str) -> None:
        """Delete a message of ours; it may be gone already."""
        try:
            self.client.chat_delete(channel=self.id, ts=ts)
        except SlackApiError as error:
            if error.response.get("error") not in _GONE:
                raise

    def _listed(self, list_page: Any, most: int, **arguments: Any) -> list[Posted]:
        found: list[Posted | None] = []
        cursor = None
        for _ in range(most):
            page = list_page(channel=self.id, limit=_PAGE, cursor=cursor, include_all_metadata=True, **arguments)
            found += [posted(message) for message in page["messages"]]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return [message for message in found if message is not None]


@contextmanager
def _history_missing() -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        needed = error.response.get("needed") or "channels:history, groups:history for a private channel"
        if error.response.get("error") == "missing_scope":
            raise NoHistory(f"give the app the scope {needed} and install it again") from error
        if error.response.get("error") == "channel_not_found":
            raise NoHistory("set SLACK_CHANNEL to the channel's id, which its details end with") from error
        raise
