"""Paths, and the names under which their requests are counted."""

from serving.routes.keyed import WITHOUT_KEY

MANAGEMENT = frozenset({"/metrics", "/health", "/health/live", "/health/ready"})
NOWHERE = "/answered-on-the-management-port"

_NAMED = {
    "/predict": "predict",
    "/invocations": "invocations",
    "/explain": "explain",
    "/comparables": "explain",
    "/outlook": "explain",
    "/feedback": "feedback",
    "/model-info": "info",
    "/metrics": "info",
    **dict.fromkeys(WITHOUT_KEY, "health"),
}


def counted_as(path: str) -> str:
    """The name of a path: one of ``telemetry.metrics.ROUTES``."""
    return _NAMED.get(path) or ("infer" if path.startswith("/v2/") else "other")
