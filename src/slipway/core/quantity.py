"""Amounts as Kubernetes writes them: 500m, 2, 1.5Gi."""

import re
from decimal import Decimal

_SUFFIXES = {"": Decimal(1), "m": Decimal("0.001"), "k": Decimal(10**3)} | {
    letter: Decimal(1000) ** power for power, letter in enumerate("MGTPE", start=2)
}
_BINARY = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_FACTORS = _SUFFIXES | _BINARY
_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?(?:[eE][0-9]{1,2})?)([mkMGTPE]|[KMGTPE]i)?")


def amount(text: str) -> Decimal:
    """What a quantity stands for, in units (cores, bytes).

    Raises:
        ValueError: it is none.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError("an amount such as 500m, 2 or 1.5Gi")
    return Decimal(found[1]) * _FACTORS[found[2] or ""]


def checked_quantity(text: str) -> str:
    """The quantity itself; raises ValueError where it is none, or nothing."""
    if amount(text) <= 0:
        raise ValueError("more than nothing")
    return text
