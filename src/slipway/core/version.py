"""A registered model version as the registry tells it."""

from collections.abc import Iterable
from enum import StrEnum

from slipway.core.errors import VersionUnknown
from slipway.core.evaluation import Decision
from slipway.core.release import Release
from slipway.core.value import Value


class Standing(StrEnum):
    """What became of a version: never promoted, the champion, followed by another, or rolled back."""

    UNPROMOTED = "unpromoted"
    CHAMPION = "champion"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Version(Value):
    """One version of a use case's registered model.

    Attributes:
        number: the registry's version, counted from 1.
        aliases: such as "champion", "candidate", "anchor".
        registered_at: UTC, ISO 8601.
        primary: value of the primary metric at its own evaluation.
        signature_digest: of what its endpoint takes, refuses, labels by and logs; "" where nobody noted it.
        release: the image it was last pushed as; None when it never was.
    """

    use_case: str
    number: int
    aliases: tuple[str, ...]
    decision: Decision
    reason: str
    record_digest: str
    model_digest: str
    holdout_digest: str
    commit: str
    primary: str
    signature_digest: str
    registered_at: str
    standing: Standing = Standing.UNPROMOTED
    release: Release | None = None

    def answers_like(self, other: "Version") -> bool:
        """Whether endpoints of the two give the same answers: the same model behind the same signature."""
        if self.number == other.number:
            return True
        known = bool(self.signature_digest)
        return known and (self.model_digest, self.signature_digest) == (other.model_digest, other.signature_digest)


def carrier(versions: Iterable[Version], alias: str) -> Version | None:
    """The version that carries an alias."""
    return next((version for version in versions if alias in version.aliases), None)


def numbered(versions: Iterable[Version], use_case: str, number: int) -> Version:
    """The version of that number; raises VersionUnknown when it is not registered."""
    for version in versions:
        if version.number == number:
            return version
    raise VersionUnknown(
        f"{use_case} has no version {number}",
        cause="the version was deleted, or another registry is configured than the one it was made in",
        next_step=f"see what there is with `slipway history {use_case}`",
    )
