"""LitServe over the ONNX file: python litserve_app.py PORT."""

import sys
from typing import Any

import litserve

from scripts.benches.serving.peers.scoring import Scoring


class Churn(litserve.LitAPI):  # type: ignore[misc]
    """Rows in, probabilities out."""

    def setup(self, device: str) -> None:
        """Load the model, once a worker."""
        self._scoring = Scoring()

    def decode_request(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of a request."""
        rows: list[dict[str, Any]] = request["rows"]
        return rows

    def predict(self, rows: list[dict[str, Any]]) -> list[float]:
        """Probabilities of rows."""
        return self._scoring.probabilities(rows)

    def encode_response(self, probabilities: list[float]) -> dict[str, Any]:
        """The answer."""
        return {"probabilities": probabilities}


if __name__ == "__main__":
    server = litserve.LitServer(Churn(), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
