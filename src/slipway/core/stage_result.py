"""What a stage tells people when it ends."""

from typing import Literal

from slipway.core.value import Value


class StageResult(Value):
    """One finished stage: the line in the terminal, the message in Slack.

    Attributes:
        headline: what it found, in under a hundred characters.
        seconds: how long it took.
        cause, next_step: of a failure, its likely cause and what to do about it.
    """

    use_case: str
    stage: str
    status: Literal["done", "failed"]
    headline: str
    seconds: float
    cause: str = ""
    next_step: str = ""
    exit_code: int = 0
