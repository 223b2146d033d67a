"""Bundles small enough to reckon by hand: a linear model over one number and one category, for each task.

classification: probability = sigmoid(0.05 * tenure + shift), regression: value = 1000 * area + shift. A shift is 1.0
for the second category, 0.0 for any other; a missing number counts as 0.
"""

import json
from pathlib import Path
from typing import Any

from slipway.core.background import Background
from slipway.core.signature import Field, Interval, Signature
from slipway.core.task import Task
from slipway.core.value import sha256
from slipway.training.onnx_codes import coded
from tests.support.records import record

CHURN = Signature(
    use_case="churn",
    title="Who leaves next month",
    task=Task.CLASSIFICATION,
    inputs=(
        Field(name="tenure", type="number", nullable=False, unit="months", low=0.0, high=72.0),
        Field(name="total charges", type="number", nullable=True, unit="USD", low=18.8, high=8684.8),
        Field(
            name="contract",
            type="category",
            nullable=False,
            description="How long the customer is bound",
            categories=("Month-to-month", "Two year"),
        ),
    ),
    output="churn",
    threshold=0.6,
    examples=(
        {"tenure": 12.0, "total charges": 500.5, "contract": "Month-to-month"},
        {"tenure": 0.0, "total charges": None, "contract": "Two year"},
    ),
)

HOMES = Signature(
    use_case="homes",
    title="What a home sells for",
    task=Task.REGRESSION,
    inputs=(
        Field(name="area", type="number", nullable=False, unit="m²", low=20.0, high=900.0),
        Field(name="heating", type="category", nullable=True, categories=("gas", "oil")),
    ),
    output="price",
    output_unit="USD",
    examples=({"area": 100.0, "heating": "gas"},),
)

SALES = Signature(
    use_case="sales",
    title="What a sale brings",
    task=Task.REGRESSION,
    inputs=(
        Field(name="sold", type="date", nullable=False, description="of the contract", low=16_000.0, high=16_800.0),
        Field(name="heating", type="category", nullable=True, categories=("gas", "oil")),
    ),
    output="price",
    output_unit="USD",
    interval=Interval(level=0.9, below=0.1, above=0.2, relative=True),
    examples=({"sold": "2015-12-31", "heating": "gas"},),
)
"""Its value is the day as a number: days since 1970-01-01, and 1 more with oil."""

_WEIGHTS = {Task.CLASSIFICATION: ("tenure", 0.05, "Sigmoid"), Task.REGRESSION: ("area", 1000.0, "Identity")}


def model_bytes(signature: Signature, weight: float | None = None) -> bytes:
    """The ONNX model of a signature: one input a field, shape (rows, 1), output "prediction", float64 (rows, 1).

    ``weight`` replaces the number's.
    """
    from onnx import TensorProto, helper

    number, usual, link = ("sold", 1.0, "Identity") if signature is SALES else _WEIGHTS[signature.task]
    category = next(f for f in signature.inputs if f.type == "category")
    nodes = [
        helper.make_node(
            "LabelEncoder", [category.name], ["shift"], domain="ai.onnx.ml",
            keys_strings=[category.categories[1]], values_floats=[1.0], default_float=0.0,
        ),
        helper.make_node("IsNaN", [number], ["missing"]),
        helper.make_node("Where", ["missing", "zero", number], ["filled"]),
        helper.make_node("Mul", ["filled", "weight"], ["scaled"]),
        helper.make_node("Add", ["scaled", "shift"], ["sum"]),
        helper.make_node("Cast", ["sum"], ["raw"], to=TensorProto.DOUBLE),
        helper.make_node(link, ["raw"], ["prediction"]),
    ]  # fmt: skip
    types = {"number": TensorProto.FLOAT, "category": TensorProto.STRING, "date": TensorProto.FLOAT}
    graph = helper.make_graph(
        nodes,
        signature.use_case,
        [helper.make_tensor_value_info(f.name, types[f.type], [None, 1]) for f in signature.inputs],
        [helper.make_tensor_value_info("prediction", TensorProto.DOUBLE, [None, 1])],
        initializer=[
            helper.make_tensor("weight", TensorProto.FLOAT, [1], [usual if weight is None else weight]),
            helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]),
        ],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())


def write_bundle(folder: Path, signature: Signature = CHURN, model: bytes | None = None) -> Path:
    """Write a whole, valid bundle; ``model`` replaces the signature's own model."""
    folder.mkdir(parents=True)
    content = model_bytes(signature) if model is None else model
    judged = record(use_case=signature.use_case, task=signature.task, model_digest=sha256(content))
    (folder / "model.onnx").write_bytes(content)
    shortcut = coded(content)
    if shortcut is not None:
        (folder / "coded.onnx").write_bytes(shortcut)
    (folder / "signature.json").write_text(signature.model_dump_json())
    (folder / "background.json").write_text(Background(rows=signature.examples).model_dump_json())
    (folder / "record.json").write_text(judged.model_dump_json())
    seal(folder)
    return folder


def seal(folder: Path, **changes: Any) -> None:
    """Write the manifest of what lies in a folder; ``changes`` replace its fields."""
    files = {p.name: sha256(p.read_bytes()) for p in sorted(folder.iterdir()) if p.name != "manifest.json"}
    (folder / "manifest.json").write_text(json.dumps({"schema_version": 1, "files": files} | changes))
