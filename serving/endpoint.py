"""An endpoint put together from a bundle and its settings: the one place where all rooms meet."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fastapi import FastAPI

from serving.access.gate import Gate
from serving.access.keys import Keys
from serving.access.rates import Rate
from serving.bundle.loading import Bundle
from serving.front.front import Front
from serving.model.service import Service
from serving.prediction_log.log import LogCounters, LogSettings, NoLog, PredictionLog
from serving.prediction_log.stores import open_store
from serving.routes.answering import Answering
from serving.routes.app import management_routes, routes
from serving.settings import LogTo, Settings, read_settings
from serving.telemetry.counters import Counters
from serving.telemetry.metrics import Metrics, table
from serving.telemetry.tracing import NoTracing, OpenTelemetry, Tracing


@dataclass(frozen=True)
class Endpoint:
    """All that answers for one bundle in one process."""

    app: Front
    management: FastAPI
    answering: Answering
    gate: Gate
    tracing: Tracing

    def stop(self, seconds: float) -> None:
        """Write what the log and the traces still hold."""
        self.answering.log.stop(seconds)
        self.tracing.stop(seconds)


def make_endpoint(
    bundle: Bundle, settings: Settings, counters: Counters | None = None, clock: Callable[[], float] = time.time
) -> Endpoint:
    """Load the model and answer its first example.

    Args:
        counters: the row of this worker, from :func:`serving.telemetry.metrics.table`.
        clock: what the prediction log, its files' names included, takes for the present, seconds since 1970 in UTC.

    Raises:
        BundleInvalid: the model cannot be loaded, does not fit the signature or cannot answer its own example.
        KeysUnusable: the keys file cannot be read, or holds none.
    """
    service = Service(bundle, settings.model_version)
    service.warm_up()
    metrics = Metrics(counters or table(bundle.signature), bundle.signature, service.name)
    answering = Answering(
        service=service,
        log=_log(service, settings.log, settings, metrics, clock),
        metrics=metrics,
        most_rows=settings.limits.rows,
        seconds=settings.limits.seconds,
        thread=ThreadPoolExecutor(1, "many-rows"),
        clock=clock,
    )
    gate, tracing = _gate(settings), OpenTelemetry(service.name) if settings.traces_to else NoTracing()
    apart = settings.management_port is not None
    app = Front(
        routes(answering, keyed=settings.keys is not None),
        answering,
        gate,
        settings.limits,
        tracing,
        management_apart=apart,
    )
    return Endpoint(app, management_routes(answering), answering, gate, tracing)


def create_app(bundle: Bundle, *options: str, version: str | None = None) -> Front:
    """An ASGI application that answers for a bundle as ``python -m serving`` with ``options`` would; it is ready."""
    named = ("--model-version", version) if version else ()
    endpoint = make_endpoint(bundle, read_settings(["bundle", *named, *options], {}))
    endpoint.answering.service.ready = True
    return endpoint.app


def _gate(settings: Settings) -> Gate:
    keys = Keys(settings.keys) if settings.keys is not None else None
    limits = settings.limits
    return Gate(keys, Rate(limits.rate), Rate(limits.address_rate), Rate(limits.wrong_key_rate))


def _log(
    service: Service, log: LogTo, settings: Settings, metrics: Metrics, clock: Callable[[], float]
) -> PredictionLog | NoLog:
    if log.target is None:
        return NoLog()
    return PredictionLog(
        service.bundle.signature,
        open_store(log.target, settings.credentials, clock),
        counters=LogCounters(**metrics.log),
        model=service.name,
        salt=log.salt,
        settings=LogSettings(log.rotate_bytes, log.rotate_seconds, log.buffer_bytes),
    )
