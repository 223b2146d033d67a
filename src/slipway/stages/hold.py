"""One run at a place at a time, from whatever machine: a claim that is renewed while it is held.

After Kubernetes' own leader election (client-go, tools/leaderelection): a claim counts as abandoned once it was seen
unchanged for as long as it stands, by the clock of the one who looks, so that clocks need not agree.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slipway.core.claim import CUT_OFF, Claim, Deed
from slipway.core.deployment import Place
from slipway.core.errors import LockHeld, SlipwayError
from slipway.ports import Environments

SECONDS = 15
LOOK_SECONDS = 1.0
_LONG_AGO = 300.0


@dataclass
class Hold:
    """A claim that is ours while the block lasts."""

    environments: Environments
    place: Place
    holder: str
    mine: Claim
    renewed: float
    lost: str = ""
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Raise LockHeld when the claim is not ours any more; called before anything is changed."""
        self.renew()
        if self.lost or time.monotonic() - self.renewed > self.mine.seconds:
            raise LockHeld(
                f"{self.place.environment} is not held any more: {self.lost or 'the claim could not be renewed'}",
                cause="this machine slept, or the cluster did not answer for longer than the claim stands",
                next_step="run the same command again; it goes on from what it finds",
            )

    def begin(self, deed: Deed) -> None:
        """Note what is about to be done."""
        self._change(lambda claim: claim.beginning(deed))

    def end(self, outcome: str) -> None:
        """Note how it ended."""
        self._change(lambda claim: claim.ending(outcome, now()))

    def mend(self, deed: Deed, outcome: str) -> None:
        """Note that something noted before ended otherwise."""
        self._change(lambda claim: claim.mended(deed, outcome))

    def drop(self, deed: Deed) -> None:
        """Take back the note of what turned out to change nothing."""
        self._change(lambda claim: claim.without(deed))

    def renew(self) -> None:
        """Say that we are still here; a cluster that does not answer is asked again the next time."""
        with suppress(SlipwayError):
            self._change(lambda claim: claim)

    def release(self) -> None:
        """Let the next one in; a cluster that does not answer lets it in once the claim has fallen."""
        with suppress(SlipwayError):
            self._change(lambda claim: claim.model_copy(update={"holder": ""}))

    def _change(self, change: Callable[[Claim], Claim]) -> None:
        with self._one_at_a_time:
            while not self.lost:
                claim = change(self.mine).model_copy(update={"renewed_at": now()})
                written = self.environments.write(self.place, claim)
                if written is not None:
                    self.mine, self.renewed = written, time.monotonic()
                    return
                self._read_again()

    def _read_again(self) -> None:
        """Somebody wrote: an administrator a label, or another holder its name."""
        present = self.environments.claim(self.place)
        if present.holder == self.holder:
            self.mine = present
        else:
            self.lost = f"{present.holder} took it" if present.holder else "its Lease was deleted or given away"


@contextmanager
def held(
    environments: Environments,
    place: Place,
    holder: str,
    *,
    patience: float,
    waiting: Callable[[str], None],
    seconds: int = SECONDS,
) -> Iterator[Hold]:
    """Hold the claim on a place, renewed in the background, and give it back.

    Args:
        holder: names this very run.
        patience: seconds to wait for another holder; one that was killed is followed after the seconds of its claim.
        waiting: told once who holds it.
        seconds: for which the claim stands without being renewed.

    Raises:
        LockHeld: another still held it when patience ended.
        ClusterUnreachable, DeployRefused: as the port does.
    """
    mine = _taken(environments, place, Claim(holder=holder, seconds=seconds), patience, waiting)
    hold, done = Hold(environments, place, holder, mine, time.monotonic()), threading.Event()
    renewer = threading.Thread(target=_renew, args=(hold, done, seconds / 3), daemon=True)
    renewer.start()
    try:
        yield hold
    finally:
        done.set()
        renewer.join()
        hold.release()


def at_work(claim: Claim) -> bool:
    """Whether somebody is, as far as one look and two clocks can tell; one who was killed soon is not."""
    return bool(claim.holder) and _age(claim.renewed_at) <= 2 * claim.seconds


def now() -> str:
    """UTC, ISO 8601, with microseconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _renew(hold: Hold, done: threading.Event, every: float) -> None:
    while not done.wait(every) and not hold.lost:
        hold.renew()


def _taken(
    environments: Environments, place: Place, wanted: Claim, patience: float, waiting: Callable[[str], None]
) -> Claim:
    deadline, told = time.monotonic() + patience, False
    seen, since = "", time.monotonic()
    while True:
        present = environments.claim(place)
        if present.mark != seen:
            seen, since = present.mark, time.monotonic()
        if not present.holder or _abandoned(present, time.monotonic() - since):
            moment = now()
            update = {"holder": wanted.holder, "seconds": wanted.seconds, "taken_at": moment, "renewed_at": moment}
            written = environments.write(place, present.ending(CUT_OFF, moment).model_copy(update=update))
            if written is not None:
                return written
        elif time.monotonic() >= deadline:
            raise _busy(place, present)
        else:
            told = told or _say(waiting, present)
            time.sleep(min(LOOK_SECONDS, wanted.seconds / 4))


def _abandoned(present: Claim, unchanged: float) -> bool:
    """Seen unchanged for its time; or so old that no difference of clocks explains it."""
    return unchanged >= present.seconds or _age(present.renewed_at) > present.seconds + _LONG_AGO


def _age(moment: str) -> float:
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    except ValueError:
        return 0.0


def _say(waiting: Callable[[str], None], present: Claim) -> bool:
    waiting(f"{present.holder}, since {present.taken_at[:19]}Z")
    return True


def _busy(place: Place, present: Claim) -> LockHeld:
    return LockHeld(
        f"{present.holder} is at work on {place.use_case} in {place.environment}, since {present.taken_at[:19]}Z",
        cause="two releases of the same use case and environment were started",
        next_step="wait until it ends, or stop it: its claim falls by itself within seconds; then run this again",
    )
