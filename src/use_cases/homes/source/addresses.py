"""Korean addresses in one spelling."""

import re
import unicodedata

_BLANKS = re.compile(r"\s+")
_LOT = re.compile(r"^(산)?\s*0*(\d+)(?:-0*(\d+))?$")
_STREET_SECTION = re.compile(r"(?<=\D)\s+(?=\d+가$)")


def plain(name: str | None) -> str | None:
    """A name in composed, full-width-free letters with single blanks; None for one that is empty."""
    if name is None:
        return None
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", name)).strip() or None


def dong(name: str | None) -> str | None:
    """A legal dong's name as the register has it: without blanks in it.

    >>> dong(" 종로 1가")
    '종로1가'
    """
    name = plain(name)
    return None if name is None else _STREET_SECTION.sub("", name).replace(" ", "")


def lot(number: str | None) -> str | None:
    """A lot number: no leading zeros, no ``-0``, hill lots ("산") with a blank.

    >>> [lot("0012-0003"), lot("산12-0"), lot("755-4"), lot("BL-3")]
    ['12-3', '산 12', '755-4', 'BL-3']
    """
    number = plain(number)
    found = _LOT.match(number) if number else None
    if found is None:
        return number
    hill, first, second = found.groups()
    return f"{'산 ' if hill else ''}{int(first)}{f'-{int(second)}' if second and int(second) else ''}"


def address(district: str | None, dong_name: str | None, lot_number: str | None) -> str | None:
    """The whole of it, such as ``서울특별시 강남구 역삼동 755-4``; None where not even the district is known."""
    return " ".join(filter(None, (district, dong_name, lot_number))) if district else None
