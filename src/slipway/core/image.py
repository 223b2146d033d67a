"""What an engine tells of images and of the containers it makes of them."""

from slipway.core.value import Value


class Base(Value):
    """An image to build on.

    Attributes:
        name: as it was asked for, such as ``python:3.11-slim``.
        digest: ``sha256:`` and 64 hex digits; empty when the engine knows none, as of an image made on this machine.
        reference: what to build from; it holds the digest where there is one.
        size_bytes: unpacked; None where the engine does not hold it.
    """

    name: str
    digest: str
    reference: str
    size_bytes: int | None = None


class Built(Value):
    """An image the engine holds.

    Attributes:
        identity: the engine's own name for it, ``sha256:`` and 64 hex digits.
        created_at: UTC, ISO 8601.
        size_bytes: unpacked, base included.
    """

    identity: str
    created_at: str
    size_bytes: int


class Reply(Value):
    """An HTTP answer."""

    status: int
    body: str
