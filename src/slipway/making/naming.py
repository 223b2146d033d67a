"""What a use case may be called, and what its columns are called."""

import keyword
import re
import unicodedata
from collections.abc import Iterable

from slipway.core.use_case import NO_FEATURES

LONGEST = 40
RESERVED = frozenset({"remote", "use_cases", "slipway", "serving", "tests"})
READ_BY_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null"})
_NAME = re.compile(rf"[a-z][a-z0-9_]{{1,{LONGEST - 1}}}")
_UNIT = re.compile(r"[(\[]([^()\[\]]{1,20})[)\]]\s*$")


def objection(name: str) -> str | None:
    """Why a use case cannot be called so, in words; None when it can."""
    if not _NAME.fullmatch(name):
        return f"a name is 2 to {LONGEST} of the characters a-z, 0-9 and _, the first a letter"
    if keyword.iskeyword(name) or name in READ_BY_YAML:
        return "the word means something else to Python or YAML"
    if name in RESERVED:
        return "the project uses this name for something else"
    return None


def column_names(headers: Iterable[str]) -> dict[str, str]:
    """Each header and the snake_case name its column gets; no name occurs twice."""
    names: dict[str, str] = {}
    for header in headers:
        names[header] = _unlike(_snake_case(header), set(names.values()))
    return names


def unit_of(header: str) -> str:
    """What stands in brackets at the end of a header, such as ``mm`` in ``Length (mm)``."""
    found = _UNIT.search(header)
    return found[1].strip() if found else ""


def _snake_case(header: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", header) if not unicodedata.combining(c))
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", unicodedata.normalize("NFC", plain))
    name = re.sub(r"\W+|_+", "_", words).strip("_").lower()[:LONGEST].rstrip("_")
    if not name.isidentifier():
        name = f"column_{name}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or name in NO_FEATURES else name


def _unlike(name: str, taken: set[str]) -> str:
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    return unique
