"""Who is let in: a known key, and not too often."""

import base64
import binascii
import math
from collections.abc import Mapping

from serving.access.keys import Keys
from serving.access.rates import Rate


class Denied(Exception):
    """A request that is not let in, with the headers that tell its sender what to do."""

    def __init__(self, status: int, problem: str, headers: Mapping[str, str]) -> None:
        super().__init__(problem)
        self.status = status
        self.headers = dict(headers)


class Gate:
    """Lets callers in by key, and limits how often each key and each address may ask.

    An address that sends wrong keys is slowed down as well, so that keys cannot be tried out.

    Args:
        keys: None lets everybody in.
        wrong: how often an address may send a key that is not known.
    """

    def __init__(self, keys: Keys | None, by_key: Rate, by_address: Rate, wrong: Rate) -> None:
        self._keys = keys
        self._by_key = by_key
        self._by_address = by_address
        self._wrong = wrong

    def admit(self, headers: Mapping[bytes, bytes], address: str) -> str | None:
        """The name of the key that was shown; None where none is asked for.

        Raises:
            Denied: 401 without a known key, 429 for too many requests.
        """
        _hold(self._by_address.wait(address))
        if self._keys is None:
            return None
        name = self._name(self._keys, headers, address)
        _hold(self._by_key.wait(name))
        return name

    def reread(self) -> None:
        """Take the present keys of a file that changed."""
        if self._keys is not None:
            self._keys.reread()

    def _name(self, keys: Keys, headers: Mapping[bytes, bytes], address: str) -> str:
        key = sent_key(headers)
        if not key:
            raise _unknown("a key is needed")
        name = keys.holder(key)
        if name is None:
            _hold(self._wrong.wait(address))
            raise _unknown("the key is not known here")
        return name


def sent_key(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The key of a request: a bearer token, an X-API-Key, or the password of a browser's dialogue."""
    kind, _, credentials = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"bearer":
        return credentials.strip()
    if kind.lower() == b"basic":
        return _password(credentials)
    return headers.get(b"x-api-key")


def _password(credentials: bytes) -> bytes | None:
    try:
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except binascii.Error:
        return None


def _hold(seconds: float) -> None:
    if seconds > 0:
        raise Denied(429, "too many requests", {"retry-after": str(math.ceil(seconds))})


def _unknown(problem: str) -> Denied:
    """Browsers read one challenge a header only, and programs read the words."""
    told = f"{problem}: send `authorization: Bearer KEY`"
    return Denied(401, told, {"www-authenticate": 'Basic realm="slipway", charset="UTF-8"'})
