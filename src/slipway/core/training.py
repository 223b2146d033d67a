"""What training tells of itself: the document ``training.json``, equal for equal input."""

from slipway.core.evaluation import Parity
from slipway.core.value import Value


class Training(Value):
    """One fitted and exported model.

    Attributes:
        model_digest: SHA-256 of model.onnx.
    """

    schema_version: int = 1
    estimator: str
    train_rows: int
    holdout_rows: int
    model_digest: str
    model_bytes: int
    parity: Parity
