"""Known rows, sent to a canary and to what serves, the same rows in the same order."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from slipway.core.canary import Timed
from slipway.core.errors import EndpointFailed
from slipway.core.signature import Row
from slipway.deploying.judging import Asked
from slipway.deploying.known import Known
from slipway.stages.contacts import Contacts

Pods = Callable[[], Sequence[str]]

FIRST_LOOK = 200

_MOST_PODS = 3
_ATTEMPTS = 3
_NO_ANSWERS = 5
_SILENCE = Timed(status=0, body="", milliseconds=0.0)


@dataclass
class Answers:
    """What each side answered, in the order it was asked."""

    canary: list[Asked] = field(default_factory=list)
    stable: list[Asked] = field(default_factory=list)


@dataclass
class _Side:
    """Pods of one kind, asked in turn."""

    contacts: Contacts
    pods: Pods
    pause: Callable[[float], None]
    asked: list[Asked]
    names: tuple[str, ...] = ()

    def ask(self, position: int, row: Row) -> None:
        answer = self._insist(json.dumps(row))
        self.asked.append(Asked(position, answer.status, _said(answer), answer.milliseconds))

    def _insist(self, body: str) -> Timed:
        for _ in range(_ATTEMPTS):
            pod = self._next()
            answer = self._answer(pod, body) if pod else _SILENCE
            if answer.status:
                return answer
            self.contacts.drop(pod)
            self.names = ()
            self.pause(1.0)
        return _SILENCE

    def _next(self) -> str:
        self.names = self.names or tuple(self.pods())[:_MOST_PODS]
        return self.names[len(self.asked) % len(self.names)] if self.names else ""

    def _answer(self, pod: str, body: str) -> Timed:
        try:
            return self.contacts.to(pod).ask(body)
        except EndpointFailed:
            return _SILENCE


def replay(
    known: Known,
    contacts: Contacts,
    *,
    canary: Pods,
    stable: Pods,
    requests: int,
    until: float,
    at_latest: float,
    now: Callable[[], float],
    pause: Callable[[float], None],
    look: Callable[[Answers], object],
) -> Answers:
    """Send rows again and again until the canary was asked ``requests`` times, or until a moment.

    Every row is sent once, unless that takes longer than ``at_latest``. ``look`` is shown the answers after the first
    two hundred turns and whenever there are twice as many; it may raise.

    A row goes to a side only if that side's model takes it; where nobody knows what the champion takes, it is sent all
    of the candidate's. The sides take turns in going first, so that neither is always asked in the other's wake. One
    that does not answer is asked three times, a second apart; then that counts as an error.

    Args:
        canary, stable: names of pods to ask, looked up again when one does not answer.
    """
    answers = Answers()
    new, old = _Side(contacts, canary, pause, answers.canary), _Side(contacts, stable, pause, answers.stable)
    next_look = FIRST_LOOK
    turn = 0
    while True:
        position = turn % len(known.rows)
        in_candidate = position in known.candidate
        sides = [(new, in_candidate), (old, position in known.champion if known.champion else in_candidate)]
        for side, takes in sides if turn % 2 else reversed(sides):
            if takes:
                side.ask(position, known.rows[position])
        moment = now()
        enough = (len(answers.canary) >= requests or moment >= until) and turn + 1 >= len(known.rows)
        if enough or moment >= at_latest or _is_silent(answers.canary):
            return answers
        turn += 1
        if turn == next_look:
            look(answers)
            next_look *= 2


def _is_silent(asked: Sequence[Asked]) -> bool:
    return len(asked) >= _NO_ANSWERS and all(each.status == 0 for each in asked[-_NO_ANSWERS:])


def _said(answer: Timed) -> float | None:
    """The probability or the value in an answer."""
    try:
        document = json.loads(answer.body)
        return float(document["probability"] if "probability" in document else document["value"])
    except (ValueError, KeyError, TypeError):
        return None
