"""The headers of every answer."""

from collections.abc import Iterable

Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")

SECURITY: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)

HEAD_OF_JSON = b"".join(b"%s: %s\r\n" % header for header in (JSON, *SECURITY))


def completed(headers: Iterable[Header], request_id: str) -> list[Header]:
    """An answer's own headers, the security headers that it does not set otherwise, and the request's id."""
    given = list(headers)
    names = {name for name, _ in given}
    return [*given, *(h for h in SECURITY if h[0] not in names), (b"x-request-id", request_id.encode())]
