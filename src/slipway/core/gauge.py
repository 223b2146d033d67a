"""A number that goes up and down, as Prometheus keeps it."""

from pydantic import Field

from slipway.core.value import Value


class Gauge(Value):
    """One sample.

    Attributes:
        name: in Prometheus' spelling, its unit last: ``slipway_monitor_last_look_timestamp_seconds``.
        told: what it is, in a sentence.
        labels: what tells it from others of its name; the use case is not among them, since who pushes adds it.
    """

    name: str
    told: str
    value: float
    labels: dict[str, str] = Field(default_factory=dict)
