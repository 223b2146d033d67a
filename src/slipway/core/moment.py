"""When something was, as documents spell it."""

from datetime import UTC, datetime

DAY_SECONDS = 86_400.0


def moment(text: str) -> datetime:
    """A moment of ISO 8601, UTC where it names no zone; raises ValueError for what is none."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
