"""The one issue that the alarms of a use case get."""

import re

from slipway.core.value import Value, canonical_json, sha256

LABEL = "slipway-monitor"
LONGEST = 65_536  # characters that GitHub takes
_TOLD = re.compile(r"<!-- slipway:told ([0-9a-f]{16}) -->")


class Issue(Value):
    """An issue that the program keeps.

    Attributes:
        url: where people look at it.
        is_open: false also where a person closed it, which says that it is known.
    """

    number: int
    body: str
    url: str
    is_open: bool


def marker(use_case: str) -> str:
    """What the body of a use case's issue begins with; nobody sees it."""
    return f"<!-- slipway:monitor {use_case} -->"


def is_about(use_case: str, body: str) -> bool:
    """Whether a body begins with the marker; one that merely quotes it does not."""
    return body.startswith(marker(use_case))


def written(use_case: str, text: str, told: str) -> str:
    """An issue's body: the marker, what people were told last, and the text as far as there is room."""
    head = f"{marker(use_case)}\n<!-- slipway:told {told} -->\n" if told else f"{marker(use_case)}\n"
    return head + text[: LONGEST - len(head)]


def told_in(body: str) -> str:
    """What people were told last, as it was noted in a body; "" where nothing was."""
    found = _TOLD.search(body[:500])
    return found[1] if found else ""


def mark_of(*state: object) -> str:
    """A short name for something told: equal for what is equal."""
    return sha256(canonical_json(list(state)))[:16]
