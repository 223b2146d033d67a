"""A release, a rollback or a repair, alone at its place and noted there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from slipway.core.version import Version
from slipway.ports import Environments
from slipway.stages.deploy import Delivery
from slipway.stages.hold import SECONDS, Hold, held
from slipway.stages.note_down import note_down


@dataclass(frozen=True)
class Turn:
    """How to come to be alone.

    Attributes:
        holder: names this very run.
        patience: seconds to wait for another.
        waiting: told who that is.
        seconds: for which the claim stands without being renewed.
    """

    environments: Environments
    holder: str
    patience: float
    waiting: Callable[[str], None]
    seconds: int = SECONDS


def alone(
    turn: Turn,
    delivery: Delivery,
    what: str,
    choose: Callable[[], Version],
    action: Callable[[Delivery, Version], str],
) -> str:
    """Choose a version and let it serve while nobody else may change the place; says what ``action`` says.

    Raises:
        LockHeld: another is at work, or took over because this run could not renew its claim.
        SlipwayError: as ``choose`` and ``action`` do.
    """
    with waited(turn, delivery) as (hold, ours):
        version = choose()
        return note_down(hold, ours, what, version, lambda: action(ours, version))


@contextmanager
def waited(turn: Turn, delivery: Delivery) -> Iterator[tuple[Hold, Delivery]]:
    """Wait for one's turn; the delivery that is given changes nothing once the claim is lost."""
    place = delivery.place
    with held(
        turn.environments, place, turn.holder, patience=turn.patience, waiting=turn.waiting, seconds=turn.seconds
    ) as hold:
        yield hold, replace(delivery, check=hold.check)
