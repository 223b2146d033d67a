"""The decision record: an evaluation and where it came from. It travels with the model to its endpoint."""

from typing import Any

from slipway.core.evaluation import Evaluation
from slipway.core.value import Value, digest_of


class Provenance(Value):
    """Where, when and with what a decision was made.

    Attributes:
        commit: full Git hash, or "unknown" outside a repository.
        dirty: whether tracked files differed from the commit.
        requirements_digest: SHA-256 of the compiled requirements.
        libraries: name to version of what the result depends on.
        decided_at: UTC, ISO 8601.
    """

    commit: str
    dirty: bool
    branch: str
    requirements_digest: str
    python: str
    platform: str
    libraries: dict[str, str]
    decided_at: str


class Record(Value):
    """The document ``record.json``."""

    schema_version: int = 1
    evaluation: Evaluation
    provenance: Provenance
    params: dict[str, Any]

    @property
    def digest(self) -> str:
        """Identity of the decision: the same evidence has the same digest, whenever it was gathered."""
        return digest_of(self.evaluation)
