"""The image that a registered version was released as: the release section of its record."""

from slipway.core.value import Value


class Release(Value):
    """What a registry of images holds for a version.

    Attributes:
        image: its repository, such as ``docker.io/acme/churn``.
        digest: of its manifest, ``sha256:`` and 64 hex digits; the only name that always means the same bytes.
        tags: under which it was pushed, without the repository.
        commit: of the endpoint's code in it, or "unknown".
        built_at: UTC, ISO 8601, as the engine tells it.
        base: the image it stands on, with its digest where the engine knows one.
        size_bytes: on the engine's disk, unpacked, base included.
        bundle_digest: hex SHA-256 of the manifest of the bundle in it.
        sources_digest: hex SHA-256 over the endpoint's code and how it is packed; "" where nobody noted it.
    """

    image: str
    digest: str
    tags: tuple[str, ...]
    commit: str
    built_at: str
    base: str
    size_bytes: int
    bundle_digest: str
    sources_digest: str = ""

    @property
    def reference(self) -> str:
        """What to pull: the repository at the digest."""
        return f"{self.image}@{self.digest}"
