"""canary: a few pods of a new version stand beside those that serve, and are judged before the others follow.

What serves is never touched here. The state is in the cluster: the canary's Deployment is annotated with its version
and step, so that a run which was killed goes on there, or the next one, of another version, removes it first.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from slipway.core.canary import Canary, PodState
from slipway.core.errors import CanaryBreached
from slipway.core.params import CanaryParams, CanaryStep
from slipway.core.signature import Row
from slipway.core.version import Version
from slipway.deploying.judging import Finding, Replay, breaches, judge_live, judge_replay, level
from slipway.deploying.known import Known
from slipway.deploying.sharing import reach
from slipway.ports import Canaries
from slipway.stages.contacts import Contacts, Traffic
from slipway.stages.known_rows import known_rows
from slipway.stages.replay import Answers, replay

if TYPE_CHECKING:
    from slipway.stages.deploy import Delivery

POLL_SECONDS = 2.0
PATIENCE = 15.0
FIRST_LOOK = 100


@dataclass(frozen=True)
class CanaryRun:
    """What a canary is tried with.

    Attributes:
        params: how; None where releases go out without one.
        rows: of a log or a holdout, to be replayed beside the bundles' own.
        now, pause: the clock, in seconds.
    """

    canaries: Canaries
    params: CanaryParams | None
    rows: Sequence[Row] = ()
    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Pair:
    """The image that is tried, by digest, and the number of the version that serves."""

    image: str
    champion: int


class Stopped(Exception):
    """A canary did something that ends it."""

    def __init__(self, signal: str, *lines: str) -> None:
        super().__init__(signal)
        self.signal = signal
        self.lines = lines


@dataclass(frozen=True)
class _Trial:
    """One canary, from its first pod to its end."""

    delivery: "Delivery"
    run: CanaryRun
    params: CanaryParams
    version: Version
    image: str
    champion: int
    known: Known
    passed: list[str] = field(default_factory=list)

    @property
    def canaries(self) -> Canaries:
        return self.run.canaries

    def say(self, line: str) -> None:
        self.delivery.say(line)

    def tell(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self.say(f"  {finding.signal}: {finding.told}")


def on_trial(delivery: "Delivery", run: CanaryRun, params: CanaryParams, version: Version, pair: Pair) -> str:
    """Take a version through every step of its canary, which stands when this returns; says what decided.

    Raises:
        CanaryBreached: it was stopped, and removed.
        ClusterUnreachable: no cluster answers; run again, it goes on.
    """
    known = known_rows(delivery.registry, version, pair.champion, run.rows)
    trial = _Trial(delivery, run, params, version, pair.image, pair.champion, known)
    before = run.canaries.stable(delivery.place)
    try:
        for number in range(_first_step(trial), len(params.steps)):
            _step(trial, number)
    except Stopped as stop:
        delivery.check()
        run.canaries.remove(delivery.place)
        raise _breached(trial, stop, before) from stop
    except KeyboardInterrupt:
        run.canaries.remove(delivery.place)  # nobody would watch it
        raise
    return f"its canary passed: {trial.passed[-1]}"


def sweep(delivery: "Delivery", run: CanaryRun) -> None:
    """Take away a canary that stands, if one does."""
    left = run.canaries.standing(delivery.place)
    if left is not None:
        delivery.check()
        run.canaries.remove(delivery.place)
        delivery.say(f"the canary of version {left.version} is removed")


def _first_step(trial: _Trial) -> int:
    """Where to begin, after a stale canary was removed: a run that was killed goes on with the step it was at."""
    place, say = trial.delivery.place, trial.say
    found = trial.canaries.standing(place)
    if found is None:
        return 0
    if found.image == trial.image and found.step < len(trial.params.steps):
        say(f"a canary of version {found.version} stands there from release {found.release}: going on with it")
        return found.step
    say(f"a canary of version {found.version} was left there: it is removed")
    trial.delivery.check()
    trial.canaries.remove(place)
    return 0


def _step(trial: _Trial, number: int) -> None:
    step, place = trial.params.steps[number], trial.delivery.place
    stable = [pod for pod in trial.canaries.stable(place) if pod.ready]
    wanted = reach(step.share, len(stable))
    canary = _canary(trial, number, wanted.pods, shadow=step.share == 0)
    if trial.canaries.standing(place) != canary:
        trial.delivery.check()
        trial.canaries.stand(canary)
    trial.say(_announced(trial, number, len(stable), wanted.pods, wanted.share))
    _come_up(trial, canary)
    started = trial.run.now()
    with ExitStack() as stack:
        contacts = Contacts(trial.canaries, place, trial.delivery.key, stack)
        replayed = _judge_replay(trial, step, contacts, started)
        said = _shadowed(step, replayed) if canary.shadow else _judge_live(trial, step, contacts, replayed, started)
    trial.passed.append(said)
    trial.say(f"canary step {number + 1} of {len(trial.params.steps)} passed: {said}")


def _canary(trial: _Trial, number: int, pods: int, *, shadow: bool) -> Canary:
    delivery = trial.delivery
    return Canary(
        place=delivery.place,
        image=trial.image,
        version=trial.version.number,
        record_digest=trial.version.record_digest,
        commit=delivery.commit,
        release=delivery.release,
        actor=delivery.actor,
        step=number,
        replicas=pods,
        shadow=shadow,
    )


def _announced(trial: _Trial, number: int, stable: int, pods: int, share: float) -> str:
    step = trial.params.steps[number]
    head = f"canary step {number + 1} of {len(trial.params.steps)}"
    if step.share == 0:
        return f"{head}: {pods} pod in the shadow of {stable}; it answers nobody"
    told = f"{head}: {pods} beside {stable} pods, so {share:.0f} % of new connections"
    return told if round(share) == step.share else f"{told} ({step.share} % was wished, the pods allow no nearer)"


def _come_up(trial: _Trial, canary: Canary) -> None:
    """Wait for the canary's pods; raises Stopped when they do not come, or end."""
    run = trial.run
    deadline, stuck_since = run.now() + trial.delivery.seconds, None
    while True:
        pods = trial.canaries.pods(canary.place)
        _stay_up(trial, pods)
        if len(pods) == canary.replicas and all(pod.ready for pod in pods):
            return
        stuck = next((pod for pod in pods if pod.stuck), None)
        stuck_since = (stuck_since or run.now()) if stuck else None
        hopeless = stuck_since is not None and run.now() - stuck_since >= PATIENCE
        if hopeless or run.now() >= deadline:
            ready = sum(pod.ready for pod in pods)
            told = f"{ready} of {canary.replicas} pods ready after {trial.delivery.seconds:g} s at most"
            raise Stopped("start", told, *([f"{stuck.name}: {stuck.told}"] if stuck else []), *_why(trial))
        run.pause(1.0)


def _stay_up(trial: _Trial, pods: Sequence[PodState]) -> None:
    """Raises Stopped when a process of the canary's ended, whatever for."""
    ended = [pod for pod in pods if pod.restarts]
    if ended:
        raise Stopped("restarts", *(f"{pod.name}: {pod.told}" for pod in ended), *_why(trial))


def _why(trial: _Trial) -> tuple[str, ...]:
    return trial.canaries.why(trial.delivery.place)


def _judge_replay(trial: _Trial, step: CanaryStep, contacts: Contacts, started: float) -> int:
    """Send known rows to both and judge the answers; returns how many the canary answered."""
    run, place, looks = trial.run, trial.delivery.place, count(1)
    known, versions = trial.known, (trial.version.number, trial.champion)

    def look(answers: Answers) -> Sequence[Finding]:
        _pods_alive(trial)
        seen = Replay(answers.canary, answers.stable, known.candidate, known.champion, versions)
        return _hold(judge_replay(seen, trial.params.tolerance, level(len(trial.params.steps), next(looks))))

    asked = replay(
        known,
        contacts,
        canary=lambda: _pods_alive(trial),
        stable=lambda: _ready(trial.canaries.stable(place)),
        requests=step.requests,
        until=started + step.seconds / 2,
        at_latest=started + step.seconds,
        now=run.now,
        pause=run.pause,
        look=look,
    )
    trial.tell(look(asked))
    return len(asked.canary)


def _pods_alive(trial: _Trial) -> tuple[str, ...]:
    pods = trial.canaries.pods(trial.delivery.place)
    _stay_up(trial, pods)
    return _ready(pods)


def _ready(pods: Sequence[PodState]) -> tuple[str, ...]:
    return tuple(pod.name for pod in pods if pod.ready)


def _shadowed(step: CanaryStep, replayed: int) -> str:
    _enough(step, 0, replayed)
    return f"{replayed:,} copied requests, answered as the model does"


def _judge_live(trial: _Trial, step: CanaryStep, contacts: Contacts, replayed: int, started: float) -> str:
    """Watch live requests until there are enough or the time is up; returns what decided, in words."""
    run, place = trial.run, trial.delivery.place
    canary, stable = Traffic(contacts), Traffic(contacts)
    deadline, look, next_look = started + step.seconds, 0, FIRST_LOOK
    found: Sequence[Finding] = ()
    canary.read(_pods_alive(trial))
    stable.read(_ready(trial.canaries.stable(place)))
    while True:
        run.pause(POLL_SECONDS)
        canary.read(_pods_alive(trial))
        stable.read(_ready(trial.canaries.stable(place)))
        live = canary.gained.judged
        over = live >= step.requests or run.now() >= deadline
        if over or live >= next_look:
            look, next_look = look + 1, max(next_look, live) * 2
            at = level(len(trial.params.steps), look)
            found = _hold(judge_live(canary.gained, stable.gained, trial.params.tolerance, at))
        if over:
            trial.tell(found)
            _enough(step, live, replayed)
            return _decided(step, live, stable.gained.judged, replayed)


def _enough(step: CanaryStep, live: int, replayed: int) -> None:
    if live + replayed < step.requests:
        told = f"{live:,} live and {replayed:,} replayed requests within {step.seconds} s, {step.requests:,} are wanted"
        raise Stopped("too few requests", told)


def _decided(step: CanaryStep, live: int, stable: int, replayed: int) -> str:
    if live >= step.requests:
        return f"{live:,} live requests beside {stable:,} of stable, and {replayed:,} replayed ones"
    return (
        f"{replayed:,} replayed requests decided, as only {live:,} of {step.requests:,} live ones came "
        f"within {step.seconds} s"
    )


def _hold(findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings as they are; raises Stopped when one of them is a breach."""
    found = breaches(findings)
    if found:
        raise Stopped(found[0].signal, *(f"{each.signal}: {each.told}" for each in found))
    return findings


def _breached(trial: _Trial, stop: Stopped, before: Sequence[PodState]) -> CanaryBreached:
    version, name = trial.version.number, trial.version.use_case
    serves = _untouched(before, trial.canaries.stable(trial.delivery.place))
    return CanaryBreached(
        f"the canary of version {version} was removed for its {stop.signal}; version {trial.champion} {serves}",
        cause="\n".join(stop.lines) or "nothing more is known",
        next_step=_next_step(trial, stop, name),
    )


def _next_step(trial: _Trial, stop: Stopped, name: str) -> str:
    if stop.signal == "stable's predictions":
        return "find out what serves there; without `canary` in params.yaml a release goes out without comparing"
    return f"mend it and release anew; `slipway rollback {name}` gives the alias champion back to what serves"


def _untouched(before: Sequence[PodState], after: Sequence[PodState]) -> str:
    """Whether the pods that serve are those that served, none started anew meanwhile."""
    restarts = {pod.name: pod.restarts for pod in before}
    same = {pod.name: pod.restarts for pod in after} == restarts
    if same and {pod.template for pod in before} == {pod.template for pod in after}:
        return f"serves untouched: the same {len(before)} pods, none started anew"
    return f"serves in {len(after)} pods, {len(before)} before; somebody else changed them"
