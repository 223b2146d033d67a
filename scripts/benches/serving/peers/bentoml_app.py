"""BentoML over the ONNX file: bentoml serve bentoml_app:Churn."""

from typing import Any

import bentoml

from scripts.benches.serving.peers.scoring import Scoring


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Churn:
    """Rows in, probabilities out."""

    def __init__(self) -> None:
        self._scoring = Scoring()

    @bentoml.api(route="/predict")  # type: ignore[untyped-decorator]
    async def predict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Probabilities of rows."""
        return {"probabilities": self._scoring.probabilities(rows)}
