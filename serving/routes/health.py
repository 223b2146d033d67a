"""Whether the process lives, whether it answers, and what it counted."""

from typing import Any

from fastapi import FastAPI, Response

from serving.answers import Health
from serving.routes.answering import Answering
from serving.telemetry.metrics import CONTENT_TYPE

_NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {"model": Health, "description": "Not warmed up yet, or about to stop"}
}


def add_health(app: FastAPI, answering: Answering) -> None:
    """Add /health/live and /health/ready."""

    @app.get("/health/live")
    async def live() -> Health:
        """Whether the process answers at all."""
        return Health(status="live")

    @app.get("/health", responses=_NOT_READY)
    @app.get("/health/ready", responses=_NOT_READY)
    async def ready(response: Response) -> Health:
        """Whether predictions are answered: from the warm-up until the stop begins."""
        if answering.service.ready:
            return Health(status="ready")
        response.status_code = 503
        return Health(status="not ready")


def add_metrics(app: FastAPI, answering: Answering) -> None:
    """Add /metrics."""

    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """What all workers counted, in Prometheus' text format."""
        return Response(answering.metrics.exposition(), headers={"content-type": CONTENT_TYPE})
