"""The one comment that a pull request gets."""

MARKER = "<!-- slipway:report -->"
LONGEST = 65_536  # characters that GitHub takes


def marked(text: str) -> str:
    """A comment's body: it begins with the hidden marker that it is found by."""
    return text if is_marked(text) else f"{MARKER}\n{text}"


def is_marked(text: str) -> bool:
    """Whether a body begins with the marker; one that merely quotes it does not."""
    return text.startswith(MARKER)
