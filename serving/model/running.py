"""Sessions of the ONNX runtime."""

from typing import Any

import onnxruntime

from serving.bundle.loading import BundleInvalid

OUTPUT = "prediction"
MISSING_CATEGORY = ""

_ERRORS_ONLY = 3


class PredictionFailed(Exception):
    """The model gave no finite number: a defect of the model, not of the request."""


def open_session(graph: bytes, file: str) -> Any:
    """A session on one thread: the endpoint scales by processes, and thread pools cost one row more than they give.

    Raises:
        BundleInvalid: ``file`` holds no model that can be loaded, or one without the output.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base but Exception
        raise BundleInvalid(file, f"onnxruntime cannot load it: {error}") from error
    if OUTPUT not in {node.name for node in session.get_outputs()}:
        raise BundleInvalid(file, f'has no output "{OUTPUT}"')
    return session
