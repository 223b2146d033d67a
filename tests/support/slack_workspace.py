"""The state of a Slack workspace, as far as its Web API shows it to an app like ours."""

import copy
import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any

ALL_SCOPES = ("chat:write", "channels:history", "groups:history")
LONGEST_SECTION, MOST_BLOCKS, LONGEST_BLOCKS, LONGEST_TEXT, LARGEST_METADATA = 3000, 50, 13_000, 40_000, 8_000
_NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
}
_Body = dict[str, Any]


class Refusal(Exception):
    """What Slack answers with ``ok: false``."""

    def __init__(self, error: str, **more: str) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **more}


@dataclass
class Workspace:
    """Channels with their messages. ``page`` is the most that one answer to a listing holds."""

    scopes: tuple[str, ...] = ALL_SCOPES
    page: int = 100
    channels: dict[str, list[_Body]] = field(default_factory=dict)
    webhook: list[_Body] = field(default_factory=list)
    _clock: int = 100
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, body: _Body) -> _Body:
        """Do what a call of the Web API asks for; one call at a time."""
        acts = {
            "auth.test": self._auth,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
        }
        with self._lock:
            try:
                if method not in acts:
                    raise Refusal("unknown_method")
                self._require(_NEEDED.get(method))
                return {"ok": True, **acts[method](body)}
            except Refusal as refusal:
                return refusal.body

    def take_webhook(self, body: _Body) -> None:
        with self._lock:
            _hold_to_limits(body)
            self.webhook.append(body)

    def dump(self) -> _Body:
        """Everything, with the replies of a thread below its root."""
        with self._lock:
            channels = {channel: self._threads(channel) for channel in self.channels}
            return copy.deepcopy({"channels": channels, "webhook": self.webhook})

    def roots(self, channel: str = "C1") -> list[_Body]:
        return list(self.dump()["channels"].get(channel, []))

    def _threads(self, channel: str) -> list[_Body]:
        roots = [m for m in self.channels[channel] if "thread_ts" not in m]
        return [{**root, "replies": self._below(channel, root["ts"])} for root in roots]

    def _counted(self, channel: str, root: _Body) -> _Body:
        replies = len(self._below(channel, root["ts"]))
        return root | ({"thread_ts": root["ts"], "reply_count": replies} if replies else {})

    def _below(self, channel: str, ts: str) -> list[_Body]:
        return [m for m in self.channels[channel] if m.get("thread_ts") == ts]

    def _require(self, scope: str | None) -> None:
        if scope is not None and scope not in self.scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(self.scopes))

    def _auth(self, _: _Body) -> _Body:
        return {"user": "slipway", "team": "Test", "user_id": "U0SLIPWAY", "bot_id": "B0SLIPWAY"}

    def _post(self, body: _Body) -> _Body:
        _hold_to_limits(body)
        channel = body.get("channel", "")
        channel = channel if _is_id(channel) else "C" + re.sub(r"\W", "", channel).upper()
        self._clock += 1
        message = _content(body) | {"type": "message", "ts": f"1700000000.{self._clock:06d}", "bot_id": "B0SLIPWAY"}
        if body.get("thread_ts"):
            message["thread_ts"] = body["thread_ts"]
        self.channels.setdefault(channel, []).append(message)
        return {"channel": channel, "ts": message["ts"], "message": dict(message)}

    def _update(self, body: _Body) -> _Body:
        _hold_to_limits(body)
        message = self._message(body)
        self._clock += 1
        message.update(_content(body), edited={"user": "U0SLIPWAY", "ts": f"1700000000.{self._clock:06d}"})
        return {"channel": body["channel"], "ts": message["ts"], "text": message["text"]}

    def _delete(self, body: _Body) -> _Body:
        message = self._message(body)
        if self._below(body["channel"], message["ts"]):
            message.pop("metadata", None)
            message.update(subtype="tombstone", text="This message was deleted.", blocks=[])
        else:
            self.channels[body["channel"]].remove(message)
        return {"channel": body["channel"], "ts": message["ts"]}

    def _history(self, body: _Body) -> _Body:
        messages = [self._counted(body["channel"], m) for m in self._known(body) if "thread_ts" not in m]
        newer = [m for m in messages if m["ts"] >= str(body.get("oldest", ""))]
        return self._paged(newer[::-1], body)

    def _replies(self, body: _Body) -> _Body:
        root = [self._counted(body["channel"], m) for m in self._known(body) if m["ts"] == body.get("ts")]
        if not root:
            raise Refusal("thread_not_found")
        return self._paged(root + self._below(body["channel"], root[0]["ts"]), body)

    def _paged(self, messages: list[_Body], body: _Body) -> _Body:
        first = int(str(body.get("cursor") or "0"))
        last = first + min(int(body.get("limit") or 100), self.page)
        shown = [dict(m) for m in messages[first:last]]
        if str(body.get("include_all_metadata")).lower() not in {"1", "true"}:
            shown = [{k: v for k, v in m.items() if k != "metadata"} for m in shown]
        more = last < len(messages)
        return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": str(last) if more else ""}}

    def _known(self, body: _Body) -> list[_Body]:
        if not _is_id(body.get("channel", "")):
            raise Refusal("channel_not_found")
        return self.channels.get(body["channel"], [])

    def _message(self, body: _Body) -> _Body:
        for message in self._known(body):
            if message["ts"] == body.get("ts"):
                return message
        raise Refusal("message_not_found")


def _is_id(channel: str) -> bool:
    return re.fullmatch(r"[CG][A-Z0-9]+", channel) is not None


def _content(body: _Body) -> _Body:
    return {key: body[key] for key in ("text", "blocks", "metadata") if key in body}


def _hold_to_limits(body: _Body) -> None:
    blocks, metadata = body.get("blocks") or [], body.get("metadata")
    if not body.get("text"):
        raise Refusal("no_text")
    if len(body["text"]) > LONGEST_TEXT:
        raise Refusal("msg_too_long")
    if len(blocks) > MOST_BLOCKS or not all(_fits(text) for block in blocks for text in _texts(block)):
        raise Refusal("invalid_blocks")
    if len(json.dumps(blocks, ensure_ascii=False)) > LONGEST_BLOCKS:
        raise Refusal("msg_blocks_too_long")
    if metadata is not None and not _is_metadata(metadata):
        raise Refusal("invalid_metadata_format")
    if metadata is not None and len(json.dumps(metadata)) > LARGEST_METADATA:
        raise Refusal("metadata_too_large")


def _texts(block: _Body) -> list[str]:
    held = [block["text"]] if "text" in block else []
    return [text["text"] for text in (*held, *block.get("elements", ()), *block.get("fields", ()))]


def _fits(text: str) -> bool:
    return 0 < len(text) <= LONGEST_SECTION


def _is_metadata(metadata: _Body) -> bool:
    """Scalars, or one level of objects of scalars: no more can be attached."""
    payload = metadata.get("event_payload")
    if not metadata.get("event_type") or not isinstance(payload, dict):
        return False
    return all(_is_scalar(v) or (isinstance(v, dict) and all(map(_is_scalar, v.values()))) for v in payload.values())


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | bool)
