"""OpenTelemetry spans, one a request, where an endpoint to send them to is set; else nothing is even imported."""

from typing import Any, Protocol

from serving.exchange import Exchange


class Tracing(Protocol):
    """Where spans go."""

    def answered(self, exchange: Exchange, status: int) -> None:
        """Make the span of an answered request."""
        ...

    def stop(self, seconds: float) -> None:
        """Send what is left."""
        ...


class NoTracing:
    """Nobody asked for traces."""

    def answered(self, exchange: Exchange, status: int) -> None:
        """Do nothing."""

    def stop(self, seconds: float) -> None:
        """Do nothing."""


class OpenTelemetry:
    """Spans by the OpenTelemetry SDK, sent by OTLP over HTTP from a thread of its own.

    The exporter reads the OTEL_* variables of its specification, such as OTEL_EXPORTER_OTLP_HEADERS and
    OTEL_TRACES_SAMPLER, by itself.

    Args:
        model: name, version and record of the model, told with every span as attributes of the resource.
    """

    def __init__(self, model: dict[str, str]) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        attributes = {"service.name": model["name"], "service.version": model["version"]}
        self._provider = TracerProvider(resource=Resource.create({**attributes, "slipway.record": model["record"]}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("slipway.serving")

    def answered(self, exchange: Exchange, status: int) -> None:
        from opentelemetry.trace import SpanKind

        start = int(exchange.at * 1e9)
        span = self._tracer.start_span(
            exchange.route, context=_parent(exchange.trace), kind=SpanKind.SERVER, start_time=start
        )
        span.set_attributes({"http.response.status_code": status, "slipway.request_id": exchange.request_id})
        span.end(start + int(exchange.seconds * 1e9))

    def stop(self, seconds: float) -> None:
        self._provider.force_flush(int(seconds * 1000))
        self._provider.shutdown()


def _parent(trace: str | None) -> Any:
    """The context of a W3C traceparent."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": trace} if trace else {})
