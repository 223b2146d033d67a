"""Outside text made harmless, and the few Markdown shapes that the report is built of."""

import re
from collections.abc import Iterable, Sequence

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c]")
_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_SPECIAL = re.compile(
    r"[&<>|`*~\[\]\\$^]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//|[a-z+-][\w+-]*:)|(?<=\bwww)\.|(?<=mailto):"
)
_REFERENCE = re.compile(r"[@#](?=\w)|\bGH-(?=\d)", re.IGNORECASE)
_BLOCK_START = re.compile(r"^(?:[#+-](?![\w.])|\d+[.)](?=\s|$))")
BREAK = "\u200b"
_LOOKED_AT = 20  # times what is shown: nobody waits for the end of a text that is cut off anyway


def plain(text: str) -> str:
    """One line of visible characters: white space collapsed, controls, bidi marks and lone surrogates gone."""
    encodable = text.encode("utf-8", "replace").decode("utf-8")
    return _SPACE_OR_CONTROL.sub(" ", _INVISIBLE.sub("", encodable)).strip()


def escape(text: str, *, limit: int = 240) -> str:
    """Text from outside for any place on a line: a table cell, a list item, a heading, inside HTML.

    Nothing in it is taken for Markdown, HTML, a link, a mention or a reference. Of texts over ``limit`` characters
    the rest is cut off, with an ellipsis.
    """
    line = _REFERENCE.sub(lambda match: match.group() + BREAK, shorten(plain(text[: _LOOKED_AT * limit]), limit))
    line = _SPECIAL.sub(lambda match: _entity(match.group()), line)
    return _BLOCK_START.sub(lambda match: match.group()[:-1] + _entity(match.group()[-1]), line)


def _entity(character: str) -> str:
    return f"&#{ord(character)};"


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters, the last an ellipsis where something was cut off."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are escaped already."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)


def bullets(items: Iterable[str]) -> str:
    """A Markdown list; items are escaped already."""
    return "\n".join(f"- {item}" for item in items)


def fold(summary: str, body: str) -> str:
    """A part that opens on a tap."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def paragraphs(*parts: str) -> str:
    """The parts that are not empty, a blank line between two."""
    return "\n\n".join(part for part in parts if part)


def listing(items: Sequence[str], limit: int) -> str:
    """Items with commas between, and how many more there are after ``limit``."""
    shown = ", ".join(items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit:,} more"


def counted(number: int, noun: str) -> str:
    """Such as ``1 row`` and ``1,760 rows``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
