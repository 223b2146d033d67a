"""One line of the log as an object."""

from collections.abc import Callable

import msgspec

from slipway.core.moment import moment

_NOTHING = msgspec.Raw(b"null")


class Entry(msgspec.Struct, gc=False):
    """What is common to all kinds; rows and answers stay as they were written until somebody wants them.

    Attributes:
        kind: prediction, refused or feedback.
        row, outcome: of feedback.
    """

    kind: str
    id: str
    time: str
    model: msgspec.Raw = _NOTHING
    inputs: msgspec.Raw = _NOTHING
    outputs: msgspec.Raw = _NOTHING
    problems: msgspec.Raw = _NOTHING
    latency_ms: float | None = None
    row: int = 0
    outcome: float | bool | str | None = None


class Model(msgspec.Struct, frozen=True):
    """What answered."""

    version: str | int | None = None
    record: str | None = None

    @property
    def called(self) -> str:
        """Its version, or the beginning of its record's digest where it has none."""
        return str(self.version) if self.version is not None else (self.record or "unknown")[:12]


read_entry: Callable[[bytes], Entry] = msgspec.json.Decoder(Entry).decode
"""Raises msgspec.MsgspecError or ValueError for what is no entry."""


class Models:
    """Models by the bytes that name them, each read once."""

    def __init__(self) -> None:
        self._known: dict[bytes, Model] = {}

    def of(self, entry: Entry) -> Model:
        """The model that an entry names; raises msgspec.MsgspecError where it names none."""
        written = bytes(entry.model)
        model = self._known.get(written)
        if model is None:
            model = msgspec.json.decode(written, type=Model)
            if len(self._known) < 10_000:
                self._known[written] = model
        return model


class Clock:
    """Times of entries as seconds since 1970; the part down to the second is read once a second."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def __call__(self, text: str) -> float | None:
        """None for what is no time."""
        if len(text) == 24 and text[19] == "." and text[23] == "Z" and text[20:23].isdecimal():
            second = self._seconds.get(text[:19])
            if second is None:
                second = _read(text[:19] + "Z")
                if second is None:
                    return None
                if len(self._seconds) > 100_000:
                    self._seconds.clear()
                self._seconds[text[:19]] = second
            return second + int(text[20:23]) / 1000
        return _read(text)


def _read(text: str) -> float | None:
    try:
        return moment(text).timestamp()
    except ValueError:
        return None
