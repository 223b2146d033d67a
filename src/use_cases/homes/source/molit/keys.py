"""The key as the portal hands it out, in two forms of which only one can be sent."""

import re
from urllib.parse import unquote

_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def plain_key(given: str) -> tuple[str, int]:
    """The key itself, and how many times it had been percent-encoded.

    The portal shows every key twice, as "Encoding" and as "Decoding". Sending encodes, so that the first would
    arrive encoded twice, and be unknown (code 30). A key itself never holds a per cent sign. A blank was a plus.

    >>> plain_key("a%252Fb%253D%253D")
    ('a/b==', 2)
    """
    key, times = given.strip(), 0
    while _ENCODED.search(key):
        key, times = unquote(key), times + 1
    return key.replace(" ", "+"), times
