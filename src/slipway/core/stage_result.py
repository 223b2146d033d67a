"""What a stage tells people when it ends."""

from typing import Literal

from slipway.core.value import Value


class StageResult(Value):
    """One finished stage: the line in the terminal, the message in Slack.

    Attributes:
        headline: what it found, in under a hundred characters.
        seconds: how long it took.
        next_step: what to do about a failure.
    """

    use_case: str
    stage: str
    status: Literal["done", "failed"]
    headline: str
    seconds: float
    next_step: str = ""
    exit_code: int = 0
