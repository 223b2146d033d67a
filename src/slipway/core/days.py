"""Calendar days as models take them: days since 1970-01-01."""

from datetime import date, timedelta

_EPOCH = date(1970, 1, 1)


def day_number(day: str) -> float:
    """From ISO 8601, such as "2016-01-31"; raises ValueError for what is no day."""
    return float((date.fromisoformat(day) - _EPOCH).days)


def day_text(number: float) -> str:
    """The day in ISO 8601."""
    return (_EPOCH + timedelta(days=int(number))).isoformat()
