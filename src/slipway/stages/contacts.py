"""Pods that are asked again and again: connections kept open, counters read and added up."""

from collections.abc import Sequence
from contextlib import ExitStack

from slipway.core.deployment import Place
from slipway.core.errors import EndpointFailed
from slipway.deploying.counted import Counted, counted
from slipway.ports import Canaries, Reached


class Contacts:
    """Ways to pods, open until ``stack`` is left."""

    def __init__(self, canaries: Canaries, place: Place, key: str, stack: ExitStack) -> None:
        self._canaries = canaries
        self._place = place
        self._key = key
        self._stack = stack
        self._open: dict[str, tuple[Reached, ExitStack]] = {}

    def to(self, pod: str) -> Reached:
        """The way to a pod; raises EndpointFailed where there is none."""
        if pod not in self._open:
            own = self._stack.enter_context(ExitStack())
            self._open[pod] = own.enter_context(self._canaries.reach(self._place, pod, key=self._key)), own
        return self._open[pod][0]

    def drop(self, pod: str) -> None:
        """Forget a way that does not lead there any more."""
        if pod in self._open:
            self._open.pop(pod)[1].close()


class Traffic:
    """What a kind of pods counted since they were first read."""

    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts
        self._last: dict[str, Counted] = {}
        self.gained = Counted()

    def read(self, pods: Sequence[str]) -> None:
        """Add what each pod counted since the last time; one that does not answer is read the next time."""
        for pod in pods:
            try:
                now = counted(self._contacts.to(pod).metrics())
            except EndpointFailed:
                self._contacts.drop(pod)
                continue
            before = self._last.get(pod, now)
            began_anew = now.judged < before.judged
            self.gained += now if began_anew else now - before
            self._last[pod] = now
