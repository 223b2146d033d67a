"""A registered model version as the registry tells it."""

from slipway.core.evaluation import Decision
from slipway.core.value import Value


class Version(Value):
    """One version of a use case's registered model.

    Attributes:
        number: the registry's version, counted from 1.
        aliases: such as "champion", "candidate", "anchor".
        registered_at: UTC, ISO 8601.
        primary: value of the primary metric at its own evaluation.
        promoted: whether it is the champion or once was.
        withdrawn: whether it was rolled back.
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
    promoted: bool = False
    withdrawn: bool = False
