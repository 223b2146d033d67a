"""What became of all live models in some days: the weekly message."""

from pydantic import Field

from slipway.core.value import Value


class Lived(Value):
    """One use case in these days.

    Attributes:
        version: the champion; None where there is none.
        age_days: since it was registered; None where nobody knows.
        looks: how often it was looked at.
        alarms: names of alarms that there were, the newest look's first.
        standing: of these, how many the newest look has.
        answers: "yes", "wait" and "no" to how many looks said so, without those that none said.
        answer: what the newest look said; "" without one.
        reason: why, in words.
        registered, promoted: versions made in these days, and those of them that became champion.
    """

    use_case: str
    version: int | None
    age_days: float | None
    looks: int = 0
    alarms: tuple[str, ...] = ()
    standing: int = 0
    answers: dict[str, int] = Field(default_factory=dict)
    answer: str = ""
    reason: str = ""
    registered: int = 0
    promoted: int = 0


class Digest(Value):
    """All use cases; ``until`` is UTC, ISO 8601."""

    days: float
    until: str
    lived: tuple[Lived, ...]
