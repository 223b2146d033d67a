"""``python -m serving.healthcheck``: exit code 0 when the endpoint in this container is ready, 1 otherwise.

Ports are those of the environment, as in ``serving.settings``: SLIPWAY_MANAGEMENT_PORT, or else SLIPWAY_PORT.
"""

import http.client
import os
import sys
from collections.abc import Mapping

DEFAULT_PORT = 8080
SECONDS = 2.5


def main(environment: Mapping[str, str]) -> int:
    """Ask once; whatever is wrong is told on standard error, which the engine keeps with the container's state."""
    port = environment.get("SLIPWAY_MANAGEMENT_PORT") or environment.get("SLIPWAY_PORT") or DEFAULT_PORT
    try:
        status = _status(int(port))
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.stderr.write(f"port {port} does not answer: {error}\n")
        return 1
    if status != 200:
        sys.stderr.write(f"/health/ready on port {port} answered {status}\n")
        return 1
    return 0


def _status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(os.environ))
