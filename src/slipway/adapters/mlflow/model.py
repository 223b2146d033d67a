"""The bundle's ONNX model in the form that MLflow's own tools load and serve."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slipway.core.days import day_number
from slipway.core.signature import Signature
from slipway.workspace.bundle import MODEL, SIGNATURE

if TYPE_CHECKING:
    import pandas as pd

_PREFIX = "pipeline/"


def write_mlflow_model(folder: Path, bundle: Path, **identity: Any) -> None:
    """Write an MLflow model folder: ONNX flavor, signature and one row as input example, no pickle.

    Args:
        folder: a folder that does not exist yet.
        bundle: holds model.onnx and signature.json.
        identity: what ``mlflow.models.Model`` is told, such as ``run_id`` and ``model_id``.
    """
    import mlflow.onnx
    import onnx
    from mlflow.models import Model

    signature = Signature.model_validate_json((bundle / SIGNATURE).read_bytes())
    mlflow.onnx.save_model(
        taking_columns(onnx.load_model(bundle / MODEL)),
        str(folder),
        mlflow_model=Model(**identity),
        signature=_schema(signature),
        input_example=example(signature),
        pip_requirements=[f"{name}=={version(name)}" for name in ("mlflow", "numpy", "onnx", "onnxruntime", "pandas")],
        onnx_execution_providers=["CPUExecutionProvider"],
        save_as_external_data=False,
    )


def taking_columns(model: Any) -> Any:
    """The same model with inputs of shape (n,), as MLflow feeds a DataFrame's columns; the bundle's asks for (n, 1).

    A model with one input is fed the whole table and stays as it is.
    """
    from onnx import compose, helper

    inputs = [(value.name, value.type.tensor_type.elem_type) for value in model.graph.input]
    if len(inputs) == 1:
        return model
    column = helper.make_tensor("column", 7, [2], [-1, 1])
    reshapes = [
        helper.make_node("Reshape", [name, column.name], [f"column/{name}"], name=f"reshape/{name}")
        for name, _ in inputs
    ]
    entry = helper.make_graph(
        reshapes,
        "columns",
        [helper.make_tensor_value_info(name, kind, [None]) for name, kind in inputs],
        [helper.make_tensor_value_info(f"column/{name}", kind, [None, 1]) for name, kind in inputs],
        initializer=[column],
    )
    front = helper.make_model(entry, ir_version=model.ir_version, opset_imports=model.opset_import)
    back = compose.add_prefix(model, _PREFIX, rename_outputs=False)
    return compose.merge_models(front, back, io_map=[(f"column/{name}", f"{_PREFIX}{name}") for name, _ in inputs])


def example(signature: Signature) -> "pd.DataFrame":
    """One row as the model takes it: missing numbers NaN, missing categories "", dates in days since 1970-01-01."""
    import pandas as pd

    row = signature.examples[0]
    return pd.DataFrame({field.name: [_CELLS[field.type](row[field.name])] for field in signature.inputs})


def _number(value: float | str | None) -> float:
    return float("nan") if value is None else float(value)


def _category(value: float | str | None) -> str:
    return str(value or "")


def _date(value: float | str | None) -> float:
    return float("nan") if value is None else day_number(str(value))


_CELLS: dict[str, Callable[[float | str | None], float | str]] = {
    "number": _number,
    "category": _category,
    "date": _date,
}


def _schema(signature: Signature) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = {"number": "double", "category": "string", "date": "double"}
    inputs = Schema([ColSpec(kinds[field.type], field.name) for field in signature.inputs])
    return ModelSignature(inputs=inputs, outputs=Schema([ColSpec("double", "prediction")]))
