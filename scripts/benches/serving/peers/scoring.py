"""The model as a peer runs it: rows as dictionaries in, probabilities out. Imports nothing of this project."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime


class Scoring:
    """A session on one thread, over a bundle; by default the one that BENCH_BUNDLE names."""

    def __init__(self, bundle: Path | None = None) -> None:
        bundle = bundle or Path(os.environ["BENCH_BUNDLE"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            (bundle / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        inputs = json.loads((bundle / "signature.json").read_text())["inputs"]
        self._inputs = [(field["name"], field["type"] == "number") for field in inputs]

    def probabilities(self, rows: list[dict[str, Any]]) -> list[float]:
        """One probability a row."""
        columns = {name: self._column([row[name] for row in rows], number) for name, number in self._inputs}
        found: list[float] = self._session.run(["prediction"], columns)[0][:, 0].tolist()
        return found

    @staticmethod
    def _column(cells: list[Any], number: bool) -> Any:
        if number:
            return np.array([np.nan if cell is None else cell for cell in cells], np.float32).reshape(-1, 1)
        return np.array([cell or "" for cell in cells], object).reshape(-1, 1)
