"""What a live model will be compared with, made when it is sealed."""

from slipway.core.params import UseCaseParams
from slipway.core.signature import Signature
from slipway.monitoring.reference_table import reference_table
from slipway.training.importances import importances
from slipway.workspace.files import read_document, read_frame, write_document, write_frame
from slipway.workspace.paths import Paths


def write_reference(paths: Paths, params: UseCaseParams) -> None:
    """Write reference.parquet and importances.json of the model that was judged; equal input gives equal bytes.

    Raises:
        DataMissing: a prepared table, the scores or the model is absent.
    """
    signature = read_document(paths.signature, Signature, made_by=f"slipway evaluate {paths.use_case}")
    prepare = f"slipway prepare {paths.use_case}"
    holdout = read_frame(paths.holdout, made_by=prepare)
    scores = read_frame(paths.scores, made_by=f"slipway train {paths.use_case}", columns=["candidate"])
    train = None if params.split.by == "time" else read_frame(paths.train, made_by=prepare)
    names = [field.name for field in signature.inputs]
    counted = importances((paths.model / "model.onnx").read_bytes(), holdout, names, params.train.seed)
    table = reference_table(signature, holdout, scores["candidate"].to_numpy(), train, params.train.seed)
    write_document(paths.importances, counted)
    write_frame(paths.reference, table)
