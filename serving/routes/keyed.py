"""How OpenAPI tells that a key is needed, and where it may stand."""

from typing import Any

SCHEMES: dict[str, dict[str, str]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "password": {"type": "http", "scheme": "basic", "description": "The key as the password, with any name."},
}
WITHOUT_KEY = frozenset({"/health", "/health/live", "/health/ready", "/ping", "/v2/health/live", "/v2/health/ready"})
"""Paths that are answered to everybody."""


def ask_for_a_key(document: dict[str, Any]) -> None:
    """Add to an OpenAPI document that every path but those of health wants a key."""
    document["components"]["securitySchemes"] = SCHEMES
    document["security"] = [{name: []} for name in SCHEMES]
    for path in WITHOUT_KEY & document["paths"].keys():
        for operation in document["paths"][path].values():
            operation["security"] = []
