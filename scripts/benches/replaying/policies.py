"""When to retrain: never, always at the end of a month, or as slipway's monitor decides."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from scripts.benches.replaying.stream import Step
from scripts.benches.replaying.workshop import Workshop


@dataclass(frozen=True)
class Decided:
    """Why to retrain, or None; ``seen`` is what is kept of the look for people."""

    reason: str | None
    seen: dict[str, Any] | None = None


class Policy(Protocol):
    """Looks at the end of every step.

    Attributes:
        reads_outcomes: whether anybody reads what came true.
    """

    name: str
    reads_outcomes: bool

    def decide(self, step: Step, workshop: Workshop, log: Path) -> Decided:
        """Whether to retrain now."""
        ...


class Never:
    """What the first model would have been worth."""

    name, reads_outcomes = "never", False

    def decide(self, step: Step, workshop: Workshop, log: Path) -> Decided:
        """No."""
        return Decided(None)


class Monthly:
    """At the end of every month."""

    name, reads_outcomes = "monthly", False

    def decide(self, step: Step, workshop: Workshop, log: Path) -> Decided:
        """Yes, when a month is over."""
        return Decided(f"month {step.month} is over" if step.ends_month else None)
