"""What a look has to know besides the log: whose model it is, when it is, and what was decided before."""

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.core.moment import moment
from slipway.core.version import Version
from slipway.core.watch import Sighting, Span, Watch
from slipway.monitoring.progress import Progress


@dataclass(frozen=True)
class Situation:
    """The champion and its history; times are UTC, ISO 8601.

    Attributes:
        version, record_digest, registered_at: of the champion that is watched.
        span: what the log was read for.
        now: what is taken as the present.
        metric: that of the champion gate, by which performance is told where ``retrain`` names none.
        versions: all registered ones.
        previous: looks before this one, the newest first.
        fresh_data: whether the raw table differs from the one the champion was trained on; None where nobody knows.
        outcomes_since: from when on outcomes count, up to the end of the span; "" for its beginning.
        progress: that the last retraining helped, or would have; None where it did not.
        new_labels: outcomes that came since the champion was registered; None: those of this look are all there are.
        findings: what reading the log brought up.
    """

    use_case: str
    version: int
    record_digest: str
    registered_at: str
    span: Span
    now: str
    metric: str
    versions: tuple[Version, ...] = ()
    previous: Sequence[Watch] = ()
    fresh_data: bool | None = None
    outcomes_since: str = ""
    progress: Progress | None = None
    new_labels: int | None = None
    findings: tuple[Sighting, ...] = ()

    @property
    def own_looks(self) -> tuple[Watch, ...]:
        """Earlier looks at this very champion, the newest first."""
        return tuple(look for look in self.earlier_looks if self.is_own(look))

    @property
    def earlier_looks(self) -> tuple[Watch, ...]:
        """Earlier looks at whatever champion, the newest first."""
        return tuple(look for look in self.previous if moment(look.made_at) < moment(self.now))

    def is_own(self, look: Watch) -> bool:
        """Whether a look is at this very champion."""
        return (look.version, look.record_digest) == (self.version, self.record_digest)

    @property
    def registered_times(self) -> tuple[str, ...]:
        """When versions were registered, the champion's among them."""
        return (self.registered_at, *(version.registered_at for version in self.versions))


def hours_between(earlier: str, later: str) -> float:
    """Hours from one moment to another."""
    return (moment(later) - moment(earlier)).total_seconds() / 3600


def days_between(earlier: str, later: str) -> float:
    """Days from one moment to another."""
    return hours_between(earlier, later) / 24
