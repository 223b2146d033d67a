"""What a use case's page is drawn from, and the few things that are read off it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slipway.core.evaluation import Metric
from slipway.core.moment import moment
from slipway.core.record import Record
from slipway.core.version import Version, carrier
from slipway.core.watch import Watch


@dataclass(frozen=True)
class Portrait:
    """One use case as the registry and its monitor know it.

    Attributes:
        versions: oldest first.
        records: by version number; one that cannot be read is not among them.
        watches: newest first.
        links: of versions, by number, in MLflow; none where it is no server.
        overdue_hours: since the last look, from which nobody seems to look any more.
    """

    name: str
    title: str
    versions: tuple[Version, ...]
    records: Mapping[int, Record]
    watches: tuple[Watch, ...]
    links: Mapping[int, str] = field(default_factory=dict)
    overdue_hours: float = 36.0

    @property
    def champion(self) -> Version | None:
        return carrier(self.versions, "champion")

    @property
    def last(self) -> Watch | None:
        return self.watches[0] if self.watches else None

    @property
    def record(self) -> Record | None:
        """The champion's; without one, the newest there is."""
        numbers = [self.champion.number] if self.champion else sorted(self.records, reverse=True)
        return next((self.records[number] for number in numbers if number in self.records), None)

    @property
    def primary(self) -> Metric | None:
        """The metric that the champion gate compares, of the champion's own evaluation."""
        if self.record is None:
            return None
        metrics = {metric.name: metric for metric in self.record.evaluation.metrics}
        asked = self.record.params.get("gates", {}).get("champion", {}).get("metric")
        return metrics.get(asked) or next(iter(metrics.values()), None)

    @property
    def data_since(self) -> tuple[str, str] | None:
        """Digest of the data that the champion was trained on, and when a decision was first made on it."""
        if self.record is None:
            return None
        digest = self.record.evaluation.data_digest
        same = (known for known in self.records.values() if known.evaluation.data_digest == digest)
        return digest, min((known.provenance.decided_at for known in same), key=moment)


def day(text: str) -> str:
    """Such as 2026-03-08."""
    return moment(text).astimezone(UTC).strftime("%Y-%m-%d")


def minute(text: str) -> str:
    """Such as 2026-03-08 06:05 UTC."""
    return moment(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def age(text: str, now: datetime) -> str:
    """How long ago, in the largest unit that says something."""
    seconds = max(0.0, (now - moment(text)).total_seconds())
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // length)
        if count >= (2 if name == "day" else 1):
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def hours_since(text: str, now: datetime) -> float:
    """Never below zero, whatever the clocks say."""
    return max(0.0, (now - moment(text)).total_seconds() / 3_600)
