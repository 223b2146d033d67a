"""What the endpoint counts, and how Prometheus reads it.

Every series is known at the start, from the routes and the model's signature, so that counting is adding to a cell of
shared memory and any worker can answer for all.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from serving.answers import Problem
from serving.bundle.signature import Signature
from serving.model.tasks import Said
from serving.telemetry.counters import Counters

CONTENT_TYPE = CONTENT_TYPE_LATEST
ROUTES = ("predict", "invocations", "infer", "explain", "feedback", "info", "health", "other")
STATUSES = (200, 202, 204, 304, 400, 401, 404, 405, 408, 411, 413, 414, 415, 422, 429, 431, 500, 501, 503)
ALWAYS_TOLD = (200, 422, 500, 503)  # a series that begins above zero hides its first counts from Prometheus
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SCORES = tuple(step / 20 for step in range(1, 20))
UNKNOWN_FIELD = "(unknown)"
LOG = ("written", "dropped", "failed")
GAUGES = ("in_flight", "connections")


class Histogram:
    """Counts of values by upper bound, with their sum; one worker's."""

    def __init__(self, counters: Counters, name: str, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._cells = [counters.counter(f"{name} {position}") for position in range(len(bounds) + 1)]
        self._sum = counters.counter(f"{name} sum")

    def observe(self, value: float) -> None:
        """Count one value."""
        self._cells[bisect_left(self._bounds, value)].add()
        self._sum.add(value)


class Metrics:
    """One worker's counters, and the sums over all workers.

    Args:
        counters: made by :func:`table` before the workers were forked.
        model: what tells this model from others: name, version, record.
    """

    def __init__(self, counters: Counters, signature: Signature, model: Mapping[str, str]) -> None:
        self._counters = counters
        self._fields = (*(field.name for field in signature.inputs), UNKNOWN_FIELD)
        self._model = dict(model)
        self._headline = "probability" if signature.threshold is not None else None
        self._requests = {pair: counters.counter(_request(*pair)) for pair in _pairs()}
        self._seconds = {route: Histogram(counters, f"seconds {route}", SECONDS) for route in ROUTES}
        self._rows = counters.counter("rows")
        self._scores = Histogram(counters, "scores", SCORES)
        self._refused = {field: counters.counter(f"refused {field}") for field in self._fields}
        self._warned = {field: counters.counter(f"warned {field}") for field in self._fields}
        self.in_flight = counters.counter("in_flight")
        self.connections = counters.counter("connections")
        self.log = {name: counters.counter(f"log {name}") for name in LOG}

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests[route, status if status in STATUSES else 500].add()
        self._seconds[route].observe(seconds)

    def predicted(self, said: Sequence[Said]) -> None:
        """Count predicted rows, their scores where they are probabilities, and the fields warned of."""
        self._rows.add(len(said))
        for row in said:
            if self._headline is not None:
                self._scores.observe(row[self._headline])
            for warning in row["warnings"]:
                self._warned[warning["field"]].add()

    def refused(self, problems: Iterable[Problem]) -> None:
        """Count, by field, what did not fit the model's inputs."""
        for problem in problems:
            name = problem.field if problem.field in self._refused else UNKNOWN_FIELD
            self._refused[name or UNKNOWN_FIELD].add()

    def exposition(self) -> bytes:
        """All series over all workers, in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks of a collector."""
        yield self._told_requests()
        yield self._told_seconds()
        yield self._counted("slipway_predictions", "Rows predicted.", "rows")
        yield from self._told_scores()
        yield self._by_field("slipway_refused_inputs", "Problems found in requests, by field.", "refused")
        yield self._by_field("slipway_out_of_range", "Numbers outside the training range, answered.", "warned")
        for name, help_text in _LOG_HELP.items():
            yield self._counted(f"slipway_log_{name}", help_text, f"log {name}")
        for name, help_text in _GAUGE_HELP.items():
            yield GaugeMetricFamily(f"slipway_{name}", help_text, value=self._counters.sum(name))
        info = GaugeMetricFamily("slipway_model_info", "The model that answers.", labels=list(self._model))
        info.add_metric(list(self._model.values()), 1)
        yield info

    def _told_requests(self) -> Metric:
        family = CounterMetricFamily("slipway_requests", "Requests answered.", labels=["route", "status"])
        for route, status in self._requests:
            value = self._counters.sum(_request(route, status))
            if value or status in ALWAYS_TOLD:
                family.add_metric([route, str(status)], value)
        return family

    def _told_seconds(self) -> Metric:
        family = HistogramMetricFamily("slipway_request_seconds", "Time to answer a request.", labels=["route"])
        for route in ROUTES:
            buckets, total = self._histogram(f"seconds {route}", SECONDS)
            family.add_metric([route], buckets, total)
        return family

    def _told_scores(self) -> Iterator[Metric]:
        if self._headline is not None:
            family = HistogramMetricFamily("slipway_scores", "Probabilities predicted.")
            family.add_metric([], *self._histogram("scores", SCORES))
            yield family

    def _histogram(self, name: str, bounds: Sequence[float]) -> tuple[list[tuple[str, float]], float]:
        counts = [self._counters.sum(f"{name} {position}") for position in range(len(bounds) + 1)]
        ends = [*(str(bound) for bound in bounds), "+Inf"]
        return list(zip(ends, accumulate(counts), strict=True)), self._counters.sum(f"{name} sum")

    def _counted(self, name: str, help_text: str, column: str) -> Metric:
        return CounterMetricFamily(name, help_text, value=self._counters.sum(column))

    def _by_field(self, name: str, help_text: str, column: str) -> Metric:
        family = CounterMetricFamily(name, help_text, labels=["field"])
        for field in self._fields:
            family.add_metric([field], self._counters.sum(f"{column} {field}"))
        return family


_LOG_HELP = {
    "written": "Entries handed to the prediction log's store.",
    "dropped": "Entries that found no room in the prediction log's memory.",
    "failed": "Attempts of the prediction log to write that failed.",
}
_GAUGE_HELP = {"in_flight": "Requests being answered.", "connections": "Open connections."}


def table(signature: Signature, workers: int = 1) -> Counters:
    """Room for every series of a model's endpoint; to be made before workers are forked."""
    return Counters(list(_columns(signature)), workers)


def _columns(signature: Signature) -> Iterator[str]:
    yield from (_request(*pair) for pair in _pairs())
    for name, bounds in (*((f"seconds {route}", SECONDS) for route in ROUTES), ("scores", SCORES)):
        yield from (f"{name} {position}" for position in range(len(bounds) + 1))
        yield f"{name} sum"
    for field in (*(field.name for field in signature.inputs), UNKNOWN_FIELD):
        yield f"refused {field}"
        yield f"warned {field}"
    yield from (f"log {name}" for name in LOG)
    yield from ("rows", *GAUGES)


def _pairs() -> list[tuple[str, int]]:
    return [(route, status) for route in ROUTES for status in STATUSES]


def _request(route: str, status: int) -> str:
    return f"requests {route} {status}"
