"""digest: what became of all live models in some days."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from slipway.core.digest import Digest, Lived
from slipway.core.moment import moment
from slipway.core.version import Standing, Version, carrier
from slipway.core.watch import Answer, Watch
from slipway.ports import Registry, Watches

_MOST_LOOKS = 200


def digest(use_cases: Sequence[str], registry: Registry, watches: Watches, *, days: float, now: datetime) -> Digest:
    """Ask the registry about every use case; raises RegistryUnreachable."""
    lived = tuple(
        _lived(name, registry.versions(name), watches.latest(name, _MOST_LOOKS), days=days, now=now)
        for name in use_cases
    )
    return Digest(days=days, until=now.isoformat(timespec="seconds"), lived=lived)


def _lived(name: str, versions: Sequence[Version], kept: Sequence[Watch], *, days: float, now: datetime) -> Lived:
    champion = carrier(versions, "champion")
    since = now - timedelta(days=days)
    looks = [look for look in kept if since < _moment(look.made_at) <= now]
    made = [version for version in versions if since < _moment(version.registered_at) <= now]
    answers = Counter(look.retrain.answer for look in looks)
    return Lived(
        use_case=name,
        version=champion.number if champion else None,
        age_days=(now - _moment(champion.registered_at)) / timedelta(days=1) if champion else None,
        looks=len(looks),
        alarms=tuple(dict.fromkeys(name for look in looks for name in look.alarms)),
        standing=len(looks[0].alarms) if looks else 0,
        answers={answer.value: answers[answer] for answer in Answer if answers[answer]},
        answer=looks[0].retrain.answer.value if looks else "",
        reason=next(iter(looks[0].retrain.reasons), "") if looks else "",
        registered=len(made),
        promoted=sum(version.standing is not Standing.UNPROMOTED for version in made),
    )


def _moment(text: str) -> datetime:
    """Moments without a zone are UTC; what is no moment is long ago."""
    try:
        return moment(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
