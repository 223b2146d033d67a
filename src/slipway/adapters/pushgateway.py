"""Gauges to Prometheus' Pushgateway, which keeps them until they are scraped; and the twin that only remembers."""

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import basic_auth_handler, push_to_gateway

from slipway.core.gauge import Gauge

JOB = "slipway_monitor"
PATIENCE = 10.0
_log = logging.getLogger(__name__)


class Pushgateway:
    """Pushes over HTTP, a group a use case. A name and a password may be in the address, and are never told."""

    def __init__(self, address: str, *, patience: float = PATIENCE) -> None:
        parts = urlsplit(address.strip())
        self._place = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else (None, None)
        self._patience = patience

    def __repr__(self) -> str:
        return "Pushgateway()"

    def push(self, use_case: str, gauges: Sequence[Gauge]) -> None:
        """Put gauges in the place of those that were pushed for this use case before."""
        registry = CollectorRegistry()
        registry.register(_Collected(gauges))
        name, password = self._login
        handler = partial(basic_auth_handler, username=name, password=password)
        try:
            push_to_gateway(self._place, JOB, registry, {"use_case": use_case}, self._patience, handler)
        except (OSError, ValueError) as error:
            _log.warning("the gauges of %s were not pushed: %s; the next look pushes them again", use_case, _why(error))


class RecordingGauges:
    """The twin: remembers what was pushed last for each use case."""

    def __init__(self) -> None:
        self.pushed: dict[str, tuple[Gauge, ...]] = {}

    def push(self, use_case: str, gauges: Sequence[Gauge]) -> None:
        """Remember them instead of those before."""
        self.pushed[use_case] = tuple(gauges)


class _Collected:
    def __init__(self, gauges: Sequence[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in self._gauges:
            family = families.setdefault(
                gauge.name, GaugeMetricFamily(gauge.name, gauge.told, labels=list(gauge.labels))
            )
            family.add_metric(list(gauge.labels.values()), gauge.value)
        return families.values()


def _why(error: Exception) -> str:
    """In words that hold no part of the address."""
    if isinstance(error, HTTPError):
        return f"the Pushgateway answered HTTP {error.code}"
    if isinstance(error, TimeoutError):
        return "the Pushgateway did not answer in time"
    return "the Pushgateway could not be reached" if isinstance(error, OSError) else "SLIPWAY_PUSHGATEWAY is no address"
