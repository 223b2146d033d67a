"""How long a cause has been seen for this champion, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.core.moment import moment
from slipway.core.version import Version
from slipway.core.watch import Answer, Cause, Watch
from slipway.monitoring.situation import Situation


@dataclass(frozen=True)
class Episode:
    """A cause, from when it was first seen to now.

    Attributes:
        asked_at: when it was last answered with yes; None for never.
        answered_by: the last version registered after any such answer: the champion is still the old one.
    """

    cause: Cause
    since: str
    asked_at: str | None
    answered_by: Version | None

    @property
    def is_under_way(self) -> bool:
        """Whether nothing has been registered since it was last asked for."""
        if self.asked_at is None or self.answered_by is None:
            return self.asked_at is not None
        return moment(self.answered_by.registered_at) <= moment(self.asked_at)


def episode_of(cause: Cause, situation: Situation, windows: int) -> Episode:
    """The present episode of a cause; one goes on as long as no ``windows`` looks in a row have been without it."""
    looks = _looks(cause, situation.own_looks, windows)
    asked = [look.made_at for look in looks if look.retrain.answer is Answer.YES]
    since = looks[-1].made_at if looks else situation.now
    answered = _last_after(asked[-1], situation) if asked else None
    return Episode(cause, since, asked[0] if asked else None, answered)


def _looks(cause: Cause, looks: Sequence[Watch], windows: int) -> list[Watch]:
    """Looks of the episode, the newest first."""
    mine: list[Watch] = []
    without = 0
    for look in looks:
        if look.retrain.cause is cause:
            mine, without = [*mine, look], 0
        elif _is_without(cause, look):
            without += 1
        if without >= windows:
            break
    return mine


def _is_without(cause: Cause, look: Watch) -> bool:
    """Whether a look tells that a cause was not there: it tells one alone, and others may have stood behind it.

    It tells the strongest, or the strongest that nothing stands against: so of a weaker cause it says nothing, and
    where it says yes to a weaker one, nothing of a stronger.
    """
    told, order = look.retrain.cause, list(Cause)
    if told is None:
        return True
    return look.retrain.answer is not Answer.YES and order.index(told) > order.index(cause)


def _last_after(at: str, situation: Situation) -> Version | None:
    later = (v for v in situation.versions if v.number != situation.version and moment(v.registered_at) > moment(at))
    return max(later, key=lambda version: version.number, default=None)
