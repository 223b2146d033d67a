"""JSON from a stranger: read only where every reader would read the same."""

import json
import math
from typing import Any, NoReturn

MOST_DIGITS = 30


def parse_strictly(content: bytes) -> Any:
    """The document in UTF-8 text.

    Raises:
        ValueError: it is no JSON, or JSON that readers differ about: a key given twice, NaN, a number without bounds,
            half a character, nesting deeper than the interpreter goes. The message repeats nothing of the content.
    """
    try:
        document = json.loads(
            content.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_float,
            object_pairs_hook=_object,
        )
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise ValueError("text that is not UTF-8") from None
    except RecursionError:
        raise ValueError("nesting without end") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON, at line {error.lineno}") from None
    return document


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("a number that is not finite")


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number of more than {MOST_DIGITS} digits")
    return int(text)


def _float(text: str) -> float:
    number = float(text) if len(text) <= MOST_DIGITS else math.inf
    if not math.isfinite(number):
        raise ValueError("a number without bounds")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key that is given twice")
    return found
