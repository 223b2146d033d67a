"""reconcile: registry and environment say the same again, whatever was killed in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slipway.core.deployment import Place
from slipway.core.version import Version, numbered
from slipway.deploying.agreement import Disagreement, Kind, disagreements
from slipway.ports import Environments, Registry
from slipway.stages.alone import Turn, waited
from slipway.stages.canary import sweep
from slipway.stages.deploy import Delivery, champion_of, deploy, roll_back
from slipway.stages.hold import at_work
from slipway.stages.note_down import mend, note_down


@dataclass(frozen=True)
class Repair:
    """One step: what is wrong, and what would be done about it; None where nobody but a person can."""

    place: Place
    wrong: str
    cure: str | None
    kind: Kind
    version: int

    @property
    def told(self) -> str:
        return f"{self.wrong}: {self.cure or 'nothing can be done here'}"


def repairs(registry: Registry, environments: Environments, place: Place, *, held: bool = False) -> tuple[Repair, ...]:
    """What is wrong at a place, and what would be done about it; nothing is changed.

    While somebody is at work there, nothing is wrong yet.
    """
    versions = registry.versions(place.use_case)
    [seen] = environments.look(place.environment, [place.use_case])
    return tuple(
        _repair(found, versions) for found in disagreements(versions, seen, at_work=not held and at_work(seen.claim))
    )


def busy(environments: Environments, place: Place) -> str:
    """Who is at work at a place, so that nobody can say yet what is wrong there; "" when nobody is."""
    claim = environments.claim(place)
    return claim.holder if at_work(claim) else ""


def open_ended(environments: Environments, place: Place) -> bool:
    """Whether somebody is at work at a place, or the last who was has not said how it ended."""
    claim = environments.claim(place)
    return at_work(claim) or (claim.last is not None and not claim.last.outcome)


def reconcile(turn: Turn, delivered: Delivery) -> tuple[str, ...]:
    """Repair a place once nobody else is at work there; says what was done.

    Done twice it is done once. Killed anywhere and run again, it goes on.

    Raises:
        LockHeld: another is at work.
        VersionUnknown, ReleaseMissing: there is no champion, or it has no image, so nobody knows what should serve.
        SlipwayError: as :func:`slipway.stages.deploy.deploy` does.
    """
    with waited(turn, delivered) as (hold, ours):
        mend(hold, ours)
        done = []
        for repair in repairs(ours.registry, turn.environments, ours.place, held=True):
            ours.say(f"{ours.place.environment}: {repair.told}")
            ours.check()
            if repair.kind is Kind.CANARY_LEFT:
                done.append(_sweep(ours))
            else:
                version = _wished(ours, repair)
                what = "rollback" if repair.kind is Kind.ROLLBACK_CUT_OFF else "reconcile"  # killed, it is one still
                done.append(note_down(hold, ours, what, version, _move(ours, repair, version)))
        return tuple(done)


def _sweep(ours: Delivery) -> str:
    if ours.canary is not None:
        sweep(ours, ours.canary)
    return "no canary is left"


def _wished(ours: Delivery, repair: Repair) -> Version:
    use_case = ours.place.use_case
    if repair.kind is Kind.ROLLBACK_CUT_OFF:
        return numbered(ours.registry.versions(use_case), use_case, repair.version)
    return champion_of(ours.registry, use_case)


def _move(ours: Delivery, repair: Repair, version: Version) -> Callable[[], str]:
    if repair.kind is Kind.ROLLBACK_CUT_OFF:
        return lambda: roll_back(ours, version.number)
    return lambda: deploy(ours, version)


def _repair(found: Disagreement, versions: Sequence[Version]) -> Repair:
    return Repair(found.place, found.told, cure(found, versions), found.kind, found.version)


def cure(found: Disagreement, versions: Sequence[Version]) -> str | None:
    """What would be done about it; None where nothing can be."""
    if found.kind is Kind.ROLLBACK_CUT_OFF:
        return f"finish it: version {found.version} serves, then is champion"
    if found.kind is Kind.CANARY_LEFT:
        return "remove it"
    return f"let version {found.version} serve" if _has_image(found.version, versions) else None


def _has_image(number: int, versions: Sequence[Version]) -> bool:
    return any(version.number == number and version.release is not None for version in versions)
