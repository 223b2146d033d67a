"""What FastAPI itself costs: the same request model, checked by FastAPI, and an answer that is always the same."""

import os
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI

from serving.bundle.signature import Signature
from serving.inputs.schema import row_type

Row: Any = row_type(Signature.model_validate_json((Path(os.environ["BENCH_BUNDLE"]) / "signature.json").read_bytes()))
app = FastAPI()


@app.post("/predict")
async def predict(row: Annotated[Row, Body()]) -> dict[str, float]:
    """Answer without a model."""
    return {"probability": 0.5}
