"""What an endpoint's /metrics tells of requests to its model."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from slipway.deploying.percentiles import Bins, bins_of_buckets
from slipway.deploying.proportions import Count

Key = TypeVar("Key")

ROUTES = ("predict", "invocations", "infer", "explain")

_SERIES = re.compile(r"^slipway_(requests_total|request_seconds_bucket)\{([^}]*)\} (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_REFUSED = 422


@dataclass(frozen=True)
class Counted:
    """Requests to the model's routes.

    Attributes:
        answers: (route, status) to how many.
        buckets: (route, upper bound in seconds) to how many took no longer.
    """

    answers: Mapping[tuple[str, int], float] = field(default_factory=dict)
    buckets: Mapping[tuple[str, float], float] = field(default_factory=dict)

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(_merged(self.answers, other.answers, 1), _merged(self.buckets, other.buckets, 1))

    def __sub__(self, other: "Counted") -> "Counted":
        return Counted(_merged(self.answers, other.answers, -1), _merged(self.buckets, other.buckets, -1))

    @property
    def judged(self) -> int:
        """Requests that tell something about the endpoint: answered, refused as unfit, or failed."""
        return self._of(lambda status: status < 300 or status == _REFUSED or status >= 500)

    @property
    def errors(self) -> Count:
        """Failed requests; what the caller did wrong, such as a key that is not known, counts for nothing."""
        return Count(self._of(lambda status: status >= 500), self.judged)

    @property
    def refused(self) -> Count:
        """Requests that did not fit the model's inputs."""
        return Count(self._of(lambda status: status == _REFUSED), self.judged)

    def milliseconds(self, route: str) -> Bins:
        """Times to answer on one route."""
        bounds = sorted(bound for known, bound in self.buckets if known == route)
        up_to = [self.buckets[route, bound] for bound in bounds]
        counts = [round(after - before) for before, after in zip([0.0, *up_to], up_to, strict=False)]
        return bins_of_buckets([bound * 1000 for bound in bounds], counts)

    def busiest(self) -> str:
        """The route that was asked most."""
        return max(ROUTES, key=lambda route: sum(n for (known, _), n in self.answers.items() if known == route))

    def _of(self, wanted: Callable[[int], bool]) -> int:
        return round(sum(number for (_, status), number in self.answers.items() if wanted(status)))


def counted(exposition: str) -> Counted:
    """Read Prometheus' text format; series of other names and routes are passed over."""
    answers: dict[tuple[str, int], float] = {}
    buckets: dict[tuple[str, float], float] = {}
    for name, labels, value in _SERIES.findall(exposition):
        known = dict(_LABEL.findall(labels))
        if known.get("route") not in ROUTES:
            continue
        if name == "requests_total":
            answers[known["route"], int(known["status"])] = float(value)
        else:
            buckets[known["route"], float(known["le"])] = float(value)
    return Counted(answers, buckets)


def _merged(one: Mapping[Key, float], other: Mapping[Key, float], sign: int) -> dict[Key, float]:
    return {key: one.get(key, 0.0) + sign * other.get(key, 0.0) for key in {**one, **other}}
