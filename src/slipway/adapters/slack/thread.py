"""A release's thread, kept in Slack alone: found by notes on its messages, mended by whoever comes next.

Every step may be the last before a kill, and others may work on the same thread: so each delivery puts its own message
in place, then reads the thread and edits the root until it says what the replies say. Whoever edits last has read last.
"""

from collections.abc import Sequence

from slipway.adapters.slack.channel import Channel
from slipway.adapters.slack.client import Undelivered
from slipway.adapters.slack.notes import (
    RELEASE,
    STAGE,
    Message,
    Posted,
    announcement_of,
    noted,
    of_result,
    result_of,
)
from slipway.adapters.slack.result import blocks, fallback
from slipway.adapters.slack.root import root_message
from slipway.core.release_thread import Announcement, ReleaseThread
from slipway.core.stage_result import StageResult

_ROUNDS = 20  # of editing the root; each further one needs a reply of somebody else in between


def announce(channel: Channel, announcement: Announcement) -> None:
    """Make the thread, or tell in its root what is announced now."""
    root = find_or_make(channel, announcement)
    _settle(channel, root, announcement)


def deliver(channel: Channel, release: str, result: StageResult, mentions: Sequence[str]) -> None:
    """Put a result into the thread: a reply, or the same stage's reply before, edited."""
    root = find_or_make(channel, Announcement(release=release, use_cases=(result.use_case,)))
    message = reply_message(release, result, mentions)
    key = (noted(result.use_case), noted(result.stage))
    there = next((reply for reply in channel.thread(root) if _key(reply) == key), None)
    if there is None:
        channel.post(message, thread=root)
    elif there.shown != message.digest:
        channel.edit(there.ts, message)
    _settle(channel, root)


def find_or_make(channel: Channel, announcement: Announcement) -> str:
    """The ts of the release's root. Of two made at once the older stays; who sees a younger one deletes it."""
    found = _roots(channel, announcement.release)
    if not found:
        posted = channel.post(root_message(ReleaseThread(announcement=announcement)))
        found = _roots(channel, announcement.release)
        if not found:
            return posted
    for younger in found[1:]:
        if not younger.has_replies:
            channel.delete(younger.ts)
    return found[0].ts


def reply_message(release: str, result: StageResult, mentions: Sequence[str]) -> Message:
    """A result as a reply, with the notes by which it is found again."""
    payload = of_result(release, result)
    return Message(fallback(result, mentions), blocks(result, mentions), STAGE, payload)


def _roots(channel: Channel, release: str) -> list[Posted]:
    return [m for m in channel.notes() if m.kind == RELEASE and m.payload.get("release") == noted(release)]


def _settle(channel: Channel, root: str, announced: Announcement | None = None) -> None:
    """Edit the root until it says what its thread says; ``announced`` takes the place of what was announced before."""
    for attempt in range(_ROUNDS):
        top, replies = _read(channel, root)
        told = announcement_of(top) or Announcement(release=str(top.payload.get("release", "")))
        if announced is not None and (attempt == 0 or _is_bare(told)):
            told = announced
        wanted = root_message(ReleaseThread(announcement=told, results=_results(replies)))
        if top.shown == wanted.digest:
            return
        channel.edit(root, wanted)


def _is_bare(told: Announcement) -> bool:
    """Whether a result that came before the announcement made the root."""
    return not (told.reason or told.commit or told.actor or told.links)


def _read(channel: Channel, root: str) -> tuple[Posted, list[Posted]]:
    messages = channel.thread(root)
    if not messages or messages[0].ts != root:
        raise Undelivered("the release's thread was deleted just now; the next result opens another")
    return messages[0], _without_doubles(channel, [m for m in messages[1:] if m.kind == STAGE])


def _without_doubles(channel: Channel, replies: Sequence[Posted]) -> list[Posted]:
    """Of two replies for one stage, the older takes the younger one's content and the younger is deleted."""
    kept: dict[tuple[str, str], Posted] = {}
    for reply in replies:
        key = _key(reply)
        if key in kept:
            channel.copy(reply, kept[key].ts)
            channel.delete(reply.ts)
            kept[key] = Posted(kept[key].ts, reply.kind, reply.payload, reply.raw)
        else:
            kept[key] = reply
    return list(kept.values())


def _key(reply: Posted) -> tuple[str, str]:
    return str(reply.payload.get("use_case")), str(reply.payload.get("stage"))


def _results(replies: Sequence[Posted]) -> tuple[StageResult, ...]:
    read = (result_of(reply) for reply in replies)
    return tuple(result for result in read if result is not None)
