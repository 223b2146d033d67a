"""The in-memory twin of canaries: pods with faults, live requests, and a clock that runs only when it is waited for."""

import json
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.core.canary import Canary, PodState, Timed
from slipway.core.deployment import Place
from slipway.core.errors import EndpointFailed
from slipway.ports import Reached

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Fault:
    """What is wrong with an image.

    Attributes:
        crashes: its process ends at once.
        error_rate: share of requests that are answered with 500.
        more_ms: what it takes longer, milliseconds.
        refuses: share of requests that are answered with 422.
        ends_after: requests after which a process ends, as one that is killed for its memory.
        stuck: why its pods never come up.
    """

    crashes: bool = False
    error_rate: float = 0.0
    more_ms: float = 0.0
    refuses: float = 0.0
    ends_after: int | None = None
    stuck: str = ""


@dataclass
class _Pod:
    digest: str
    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    restarts: int = 0
    since_start: int = 0


@dataclass
class InMemoryCanaries:
    """Canaries beside the pods of a cluster in memory.

    Args:
        faults: by digest; of images that are not named, nothing is wrong.
        rate: live requests a second, dealt to all pods behind the Service alike.
        rows: what live requests send.
        common: what is wrong with every request, whoever answers it: a healthy endpoint has its bad days too.
        typical_ms: median of the time to answer.
    """

    cluster: InMemoryCluster
    faults: Mapping[str, Fault] = field(default_factory=dict)
    rate: float = 0.0
    rows: Sequence[Mapping[str, Any]] = ()
    common: Fault = field(default_factory=Fault)
    typical_ms: float = 3.0
    seed: int = 0
    standing_at: dict[Place, Canary] = field(default_factory=dict)
    stood: list[Canary] = field(default_factory=list)
    served: dict[Place, Counter[str]] = field(default_factory=dict)
    clock: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311
        self._pods: dict[str, _Pod] = {}

    def now(self) -> float:
        """Seconds since it was made."""
        return self.clock

    def pause(self, seconds: float) -> None:
        """Let time pass, and live requests come."""
        self.clock += seconds
        for place in list(self.cluster.places):
            self._traffic(place, round(self.rate * seconds))

    def standing(self, place: Place) -> Canary | None:
        """What stands there."""
        self.cluster.deployed(place)
        return self.standing_at.get(place)

    def stand(self, canary: Canary) -> None:
        """Put it there."""
        self.cluster.deployed(canary.place)
        self.standing_at[canary.place] = canary
        self.stood.append(canary)

    def pods(self, place: Place) -> tuple[PodState, ...]:
        """Up at once, unless their fault keeps them from it."""
        self.cluster.deployed(place)
        canary = self.standing_at.get(place)
        return () if canary is None else tuple(self._state(name) for name in self._names(place))

    def stable(self, place: Place) -> tuple[PodState, ...]:
        """Those of the cluster."""
        found = self.cluster.deployed(place)
        template = "" if found is None else found.template
        return tuple(PodState(name=name, template=template, ready=True) for name in self.cluster.pods(place))

    def why(self, place: Place) -> tuple[str, ...]:
        """A line for those that do not run."""
        return tuple(f"{pod.name}: {pod.told}" for pod in self.pods(place) if not pod.ready)

    def remove(self, place: Place) -> None:
        """Take it away."""
        self.cluster.deployed(place)
        for name in self._names(place):
            self._pods.pop(name, None)
        self.standing_at.pop(place, None)

    @contextmanager
    def reach(self, place: Place, pod: str, *, key: str) -> Iterator[Reached]:
        """A pod of either kind."""
        if key != self.cluster.key or pod not in (*self._names(place), *self.cluster.pods(place)):
            raise EndpointFailed(f"pod {pod} cannot be asked", cause="no such pod, or key", next_step="name another")
        yield _InMemoryPod(self, place, pod)

    def answer(self, place: Place, name: str, row: Mapping[str, Any]) -> Timed:
        """What a pod says of a row."""
        pod = self._pod(place, name)
        fault = self.faults.get(pod.digest, Fault())
        pod.since_start += 1
        if fault.ends_after is not None and pod.since_start > fault.ends_after:
            pod.restarts, pod.since_start = pod.restarts + 1, 0
            return Timed(status=0, body="", milliseconds=0.0)
        status, body = self._said(pod.digest, fault, row)
        milliseconds = self._random.lognormvariate(0.0, 0.4) * self.typical_ms + fault.more_ms
        pod.answers[status] += 1
        pod.seconds[bisect_left(_BOUNDS, milliseconds / 1000)] += 1
        return Timed(status=status, body=body, milliseconds=milliseconds)

    def exposition(self, place: Place, name: str) -> str:
        """What a pod counted."""
        pod = self._pod(place, name)
        requests = [f'slipway_requests_total{{route="predict",status="{s}"}} {n}.0' for s, n in pod.answers.items()]
        ends = [*(str(bound) for bound in _BOUNDS), "+Inf"]
        buckets = [
            f'slipway_request_seconds_bucket{{le="{end}",route="predict"}} {count}.0'
            for end, count in zip(ends, accumulate(pod.seconds), strict=True)
        ]
        return "\n".join(["# HELP slipway_requests_total Requests answered.", *requests, *buckets, ""])

    def _said(self, digest: str, fault: Fault, row: Mapping[str, Any]) -> tuple[int, str]:
        drawn = self._random.random()
        if drawn < fault.error_rate + self.common.error_rate:
            return 500, "{}"
        if drawn < fault.error_rate + fault.refuses + self.common.error_rate + self.common.refuses:
            return 422, "{}"
        said = self.cluster.predict[digest](dict(row))
        return (422, "{}") if said is None else (200, json.dumps(said))

    def _traffic(self, place: Place, requests: int) -> None:
        canary = self.standing_at.get(place)
        behind = [*self.cluster.pods(place), *(() if canary is None or canary.shadow else self._names(place))]
        for _ in range(requests if behind and self.rows else 0):
            name = self._random.choice(behind)
            self.answer(place, name, self._random.choice(self.rows))
            self.served.setdefault(place, Counter())[name] += 1

    def _names(self, place: Place) -> tuple[str, ...]:
        canary = self.standing_at.get(place)
        return () if canary is None else tuple(f"{canary.name}-{number}" for number in range(canary.replicas))

    def _pod(self, place: Place, name: str) -> _Pod:
        of_canary = name in self._names(place)
        image = self.standing_at[place].image if of_canary else self.cluster.places[place].image
        return self._pods.setdefault(name, _Pod(image.partition("@")[2]))

    def _state(self, name: str) -> PodState:
        place = next(p for p, canary in self.standing_at.items() if name.startswith(canary.name))
        pod = self._pod(place, name)
        fault = self.faults.get(pod.digest, Fault())
        restarts = pod.restarts + fault.crashes
        told = "ended, exit code 1" if fault.crashes else "ended, OOMKilled" if restarts else fault.stuck
        ready = not (restarts or fault.stuck)
        return PodState(name=name, template=pod.digest, ready=ready, restarts=restarts, told=told, stuck=fault.stuck)


@dataclass(frozen=True)
class _InMemoryPod:
    canaries: InMemoryCanaries
    place: Place
    name: str

    def ask(self, body: str) -> Timed:
        answer = self.canaries.answer(self.place, self.name, json.loads(body))
        self.canaries.clock += answer.milliseconds / 1000
        return answer

    def metrics(self) -> str:
        return self.canaries.exposition(self.place, self.name)
