"""HTML and SVG built from values: whatever is not built here is text, and is escaped."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from slipway.report.text import plain

_VOID = frozenset({"link", "meta", "line", "circle", "rect", "path", "polyline", "polygon"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
Attribute = str | int | float | bool | None


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """An element. ``class_`` and ``aria_label`` become class and aria-label; of None and False nothing is written."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID and not children:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def joined(child: Child) -> Html:
    """Children one after the other: Html as it is, text escaped, None left out."""
    if child is None:
        return Html("")
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return Html(escape(_spaced(child)))
    return Html("".join(joined(one) for one in child))


def _spaced(text: str) -> str:
    """Without controls and marks that turn text round; a space at an end stays, to part it from its neighbour."""
    inner = plain(text)
    if not inner:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{inner}{' ' if text[-1].isspace() else ''}"


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-") if key not in {"viewBox"} else key
    return f" {name}" if value is True else f' {name}="{escape(plain(str(value)))}"'
