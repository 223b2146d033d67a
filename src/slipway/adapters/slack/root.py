"""The message at the top of a release's thread."""

from collections.abc import Sequence

from slipway.adapters.slack.notes import RELEASE, Message, of_announcement
from slipway.adapters.slack.words import LONGEST_TEXT, Block, context, link, links, safe, section
from slipway.core.release_thread import STAGES, Announcement, ReleaseThread
from slipway.report.release_thread import Mark, Row, State, heading, rows
from slipway.report.text import counted

_SIGNS = {
    Mark.DONE: "✓",
    Mark.FAILED: "✗",
    Mark.UNCHANGED: "=",
    Mark.SKIPPED: "/",
    Mark.NOT_REACHED: "–",
    Mark.TO_COME: "·",
}
_ICONS = {
    State.FAILED: ":x:",
    State.REJECTED: ":no_entry:",
    State.UNDER_WAY: ":hourglass_flowing_sand:",
    State.WAITING: ":hourglass_flowing_sand:",
    State.HELD: ":double_vertical_bar:",
    State.ROLLED_BACK: ":rewind:",
    State.NOT_DEPLOYED: ":package:",
    State.LIVE: ":white_check_mark:",
}
_LEGEND = f"{'·'.join(STAGES)}: {', '.join(f'{sign} {mark}' for mark, sign in _SIGNS.items())}"
_LONGEST_ROWS = 7000  # characters; Slack refuses messages of some 13,000, counted with their JSON
_WORDS = (200, 80, 40, 0)  # characters of each row's words, tried from the left until all rows fit


def root_message(thread: ReleaseThread) -> Message:
    """A pure function of the thread: whoever edits the message last, it comes out the same."""
    found = rows(thread)
    title = f"{_icon(found)} *{safe(heading(thread), 300)}*"
    told = thread.announcement
    parts = [section(title), *_sections(_lines(found)), context(safe(_LEGEND))]
    if about := _about(told):
        parts.insert(1, context(about))
    return Message(safe(heading(thread), 300), parts, RELEASE, of_announcement(told))


def plain_announcement(announcement: Announcement) -> tuple[str, list[Block]]:
    """The same start for a channel in which no message can be edited."""
    message = root_message(ReleaseThread(announcement=announcement))
    names = safe(", ".join(announcement.use_cases) or "no use case", 1000)
    text = f"Release {safe(announcement.release, 200)} starts: {names}"
    about = _about(announcement)
    return message.text, [section(text), *([context(about)] if about else [])]


def _icon(found: Sequence[Row]) -> str:
    return next((_ICONS[state] for state in State if any(row.state is state for row in found)), _ICONS[State.UNDER_WAY])


def _about(told: Announcement) -> str:
    commit = f"commit {safe(told.commit[:12], 12)}" if told.commit else ""
    by = f"by {safe(told.actor, 60)}" if told.actor else ""
    return " · ".join(part for part in (safe(told.reason, 300), commit, by, links(told.links)) if part)


def _lines(found: Sequence[Row]) -> list[str]:
    """A line each, with fewer words the more rows there are; those that still do not fit are counted."""
    for words in _WORDS:
        lines = [_line(row, words) for row in found]
        if sum(map(len, lines)) + len(lines) <= _LONGEST_ROWS:
            return lines
    return _first(found, lines)


def _first(found: Sequence[Row], lines: list[str]) -> list[str]:
    """As many lines as fit, the ones to look at first kept longest, in their order."""
    urgent = sorted(range(len(lines)), key=lambda index: list(State).index(found[index].state))
    kept: list[int] = []
    for index in urgent:
        if sum(len(lines[i]) + 1 for i in (*kept, index)) > _LONGEST_ROWS:
            break
        kept.append(index)
    left = [found[index].state for index in urgent[len(kept) :]]
    counts = ", ".join(f"{left.count(state)} {state}" for state in State if state in left)
    return [*(lines[index] for index in sorted(kept)), f"and {counted(len(left), 'more use case')}: {counts}"]


def _line(row: Row, words: int) -> str:
    marks = "".join(_SIGNS[mark] for mark in row.marks)
    told = f" — {safe(row.words, words)}" if words and row.words else ""
    opened = "".join(f" · {link(label, address)}" for label, address in row.links.items()) if words else ""
    return f"`{marks}` *{safe(row.use_case, 80)}* {row.state}{told}{opened}"


def _sections(lines: Sequence[str]) -> list[Block]:
    """As few sections as hold all lines."""
    texts = [""]
    for line in lines:
        if len(texts[-1]) + len(line) + 1 > LONGEST_TEXT:
            texts.append("")
        texts[-1] += ("\n" if texts[-1] else "") + line
    return [section(text) for text in texts if text]
