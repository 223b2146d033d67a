"""Messages with our notes attached: what a message is about, so that whoever comes next finds it and goes on."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from slipway.adapters.slack.words import Block
from slipway.core.release_thread import Announcement
from slipway.core.stage_result import StageResult
from slipway.core.value import Value, canonical_json, sha256
from slipway.report.text import plain, shorten

RELEASE, STAGE = "slipway_release", "slipway_stage"
_LONGEST_VALUE = 250  # of a text; Slack takes some 8 kB of notes, in which a character may take six bytes
_LONGEST_NAMES = 4000
_MOST_LINKS = 6
V = TypeVar("V", bound=Value)


@dataclass(frozen=True)
class Message:
    """What is to be posted: words, and notes of what they are about."""

    text: str
    blocks: list[Block]
    kind: str
    payload: dict[str, Any]

    @property
    def digest(self) -> str:
        """Equal messages have equal digests: Slack gives words back in a spelling of its own."""
        return sha256(canonical_json([self.text, self.blocks, self.payload]))[:16]

    def arguments(self) -> dict[str, Any]:
        """For chat.postMessage and chat.update."""
        notes = {"event_type": self.kind, "event_payload": {**self.payload, "shown": self.digest}}
        return {"text": self.text, "blocks": self.blocks, "metadata": notes}


@dataclass(frozen=True)
class Posted:
    """A message that is there, with its notes; ``shown`` is the digest it was posted with."""

    ts: str
    kind: str
    payload: dict[str, Any]
    raw: dict[str, Any]
    has_replies: bool = False

    @property
    def shown(self) -> str:
        return str(self.payload.get("shown", ""))


def posted(message: dict[str, Any]) -> Posted | None:
    """A message as Slack lists it; None where it carries no notes of ours."""
    notes = message.get("metadata")
    if not isinstance(notes, dict) or notes.get("event_type") not in {RELEASE, STAGE}:
        return None
    payload = notes.get("event_payload")
    if not isinstance(payload, dict):
        return None
    raw = {key: message.get(key) for key in ("text", "blocks", "metadata")}
    return Posted(str(message["ts"]), notes["event_type"], payload, raw, bool(message.get("reply_count")))


def of_announcement(announcement: Announcement) -> dict[str, Any]:
    """The notes of a root: without those use cases at the end that do not fit."""
    notes = _bounded(announcement.model_dump(exclude={"use_cases"}))
    return notes | {"use_cases": _fitting(announcement.use_cases)}


def announcement_of(message: Posted) -> Announcement | None:
    """What a root's notes say; None where they are no such notes."""
    names = str(message.payload.get("use_cases", ""))
    return _read(Announcement, message.payload | {"use_cases": names.split(",") if names else []})


def of_result(release: str, result: StageResult) -> dict[str, Any]:
    """The notes of a reply."""
    return _bounded(result.model_dump() | {"release": release})


def result_of(message: Posted) -> StageResult | None:
    """What a reply's notes say; None where they are no such notes."""
    return _read(StageResult, {key: value for key, value in message.payload.items() if key != "release"})


def _read(kind: type[V], payload: dict[str, Any]) -> V | None:
    known = {key: value for key, value in payload.items() if key != "shown"}
    try:
        return kind.model_validate_json(json.dumps(known))
    except (ValidationError, ValueError):
        return None


def _bounded(document: dict[str, Any]) -> dict[str, Any]:
    bounded = {key: _short(value) for key, value in document.items()}
    return {key: value for key, value in bounded.items() if value not in ("", {})}


def noted(text: str) -> str:
    """A text as notes hold it, to compare with."""
    return shorten(plain(text), _LONGEST_VALUE)


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return noted(value)
    if isinstance(value, dict):
        short = {plain(str(label))[:60]: address for label, address in value.items() if len(address) <= 280}
        return dict(list(short.items())[:_MOST_LINKS])
    return value


def _fitting(names: tuple[str, ...]) -> str:
    joined = ",".join(names)
    return joined if len(joined) <= _LONGEST_NAMES else joined[:_LONGEST_NAMES].rpartition(",")[0]
