"""How a use case stands, in a word and a sentence."""

from dataclasses import dataclass
from datetime import datetime

from slipway.core.version import Version
from slipway.core.watch import Answer, Watch
from slipway.dashboard.portrait import Portrait, age, hours_since


@dataclass(frozen=True)
class Stand:
    """``tone`` is good, mind, bad or none; it colours what ``word`` and ``told`` say."""

    tone: str
    word: str
    told: str


def stand(portrait: Portrait, now: datetime) -> Stand:
    """The first of these that holds: no champion, never looked at, alarms, looks that stopped, retraining, quiet."""
    if portrait.champion is None:
        return Stand("none", "no champion", "Nothing was promoted yet.")
    if portrait.last is None:
        return Stand("mind", "not watched", "Nobody looked at the live model yet.")
    return _looked(portrait, portrait.champion, portrait.last, now)


def _looked(portrait: Portrait, champion: Version, last: Watch, now: datetime) -> Stand:
    if last.alarms:
        return Stand("bad", _alarms(len(last.alarms)), f"The last look calls for people: {'; '.join(last.alarms)}.")
    if hours_since(last.made_at, now) > portrait.overdue_hours:
        return Stand("mind", "looks stopped", f"The last look was {age(last.made_at, now)}.")
    if last.version != champion.number:
        return Stand("mind", "not watched", f"The last look was at version {last.version}.")
    if last.retrain.answer is Answer.YES:
        return Stand("mind", "retraining", "; ".join(last.retrain.reasons))
    return Stand("good", "quiet", "The last look found nothing that people are called for.")


def _alarms(count: int) -> str:
    return f"{count} alarm{'' if count == 1 else 's'}"
