"""What came back from something that was asked whether it works."""

from slipway.core.value import Value


class Answer(Value):
    """``said`` is one line in words: a version, a name, or why it does not work. It never holds a secret."""

    ok: bool
    said: str
