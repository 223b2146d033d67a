"""What a stage tells people when it ends."""

from typing import Literal

from pydantic import Field

from slipway.core.value import Value


class Outcome(Value):
    """What a stage found, where a headline alone does not tell it.

    Attributes:
        verdict: ``promote``, ``hold`` or ``reject`` of a stage that judges.
        links: what can be opened, label to address: an MLflow version, an endpoint.
    """

    headline: str
    verdict: str = ""
    links: dict[str, str] = Field(default_factory=dict)


class StageResult(Value):
    """One finished stage: the line in the terminal, the message in Slack.

    Attributes:
        status: "alarm" is a finding that people are called for, of a stage that did not fail.
        headline: what it found, in under a hundred characters.
        seconds: how long it took; 0 where that tells nothing.
        cause, next_step: of a failure, its likely cause and what to do about it.
        verdict, links: as in ``Outcome``.
    """

    use_case: str
    stage: str
    status: Literal["done", "failed", "alarm"]
    headline: str
    seconds: float
    cause: str = ""
    next_step: str = ""
    exit_code: int = 0
    verdict: str = ""
    links: dict[str, str] = Field(default_factory=dict)

    @property
    def calls(self) -> bool:
        """Whether people are called, and not just told."""
        return self.status != "done"

    @property
    def skipped(self) -> bool:
        """Whether it had nothing to do it with, such as no cluster: it says so, and is no failure."""
        return self.status == "done" and self.headline.startswith("skipped")
