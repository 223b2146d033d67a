"""A registered model version as the registry tells it."""

from enum import StrEnum

from slipway.core.evaluation import Decision
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
    registered_at: str
    standing: Standing = Standing.UNPROMOTED
