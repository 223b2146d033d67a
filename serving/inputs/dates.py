"""Calendar days: what is taken as one, and the number it is to a model."""

from datetime import date, timedelta

_31 = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
_30 = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_28 = "02-(?:0[1-9]|1[0-9]|2[0-8])"
_LEAP = "(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)-02-29"
PATTERN = f"^(?:(?:19|20|21)[0-9]{{2}}-(?:{_31}|{_30}|{_28})|{_LEAP})$"
"""Every day from 1900 to 2199 in ISO 8601, and nothing else; by a pattern, so that whoever reads it can hold to it."""

LENGTH = 10
EXAMPLE = "2016-01-31"

_EPOCH = date(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()


def number(day: str) -> float:
    """Days since 1970-01-01."""
    return float(date.fromisoformat(day).toordinal() - _EPOCH_DAY)


def text(number: float) -> str:
    """The day that a number stands for, in ISO 8601."""
    return (_EPOCH + timedelta(days=int(number))).isoformat()
