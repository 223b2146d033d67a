"""The image that trainings elsewhere run in."""

from slipway.core.value import Value


class TrainingImage(Value):
    """What was pushed of a checkout.

    Attributes:
        image: its repository, such as ``docker.io/acme/slipway-train``.
        digest: of its manifest, ``sha256:`` and 64 hex digits.
        commit: of the checkout, or "unknown"; ``dirty`` when tracked files differ from it.
        sources: hex SHA-256 over commit, names and contents of the checkout.
        base: the image it stands on.
        size_bytes: on the engine's disk, unpacked, base included.
    """

    image: str
    digest: str
    commit: str
    dirty: bool
    sources: str
    base: str
    built_at: str
    size_bytes: int

    @property
    def reference(self) -> str:
        """What to pull: the repository at the digest."""
        return f"{self.image}@{self.digest}"
