"""Bundles small enough to reckon by hand: a linear model over one number and one category, for each task.

classification: probability = sigmoid(0.05 * tenure + shift), regression: value = 1000 * area + shift. A shift is 1.0
for the second category, 0.0 for any other; a missing number counts as 0.
"""

import json
from pathlib import Path
from typing import Any

from slipway.core.background import Background
from slipway.core.comparables import Alike, ComparableRows
from slipway.core.evaluation import Backtest, MethodResult, Metric
from slipway.core.outlook import Ahead, GroupOutlook, Outlook
from slipway.core.signature import Field, Interval, Signature
from slipway.core.task import Task
from slipway.core.value import Value, sha256
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

PLACES = Signature(
    use_case="places",
    title="What a place sells for",
    task=Task.REGRESSION,
    inputs=(
        Field(name="sold", type="date", nullable=False, low=16_000.0, high=16_800.0),
        Field(name="district", type="category", nullable=True, categories=("hill", "moor", "shore")),
        Field(name="area", type="number", nullable=True, unit="m²", low=50.0, high=400.0),
        Field(name="latitude", type="number", nullable=True, unit="degrees", low=47.5, high=47.7),
        Field(name="longitude", type="number", nullable=True, unit="degrees", low=-122.4, high=-122.2),
    ),
    output="price",
    output_unit="USD",
    interval=Interval(level=0.9, below=0.1, above=0.2, relative=True),
    out_of_range="warn",
    examples=(
        {"sold": "2016-01-10", "district": "hill", "area": 100.0, "latitude": 47.6, "longitude": -122.3},
        {"sold": "2016-01-10", "district": None, "area": None, "latitude": None, "longitude": None},
    ),
)
"""Its value is 1,000 an m², and 1 more in the moor."""

COMPARABLES = ComparableRows(
    alike=Alike(
        place=("latitude", "longitude"), size="area", time="sold", same=("district",), km=1.0, ratio=1.25, days=180.0
    ),
    count=3,
    days=("2015-12-20", "2015-12-01", "2015-06-15", "2015-03-01", "2014-12-01"),
    target=(110_000.0, 90_000.0, 200_000.0, 105_000.0, 50_000.0),
    columns={
        "latitude": (47.61, 47.6, 47.605, 47.55, 47.65),
        "longitude": (-122.3, -122.31, -122.3, -122.25, -122.35),
        "area": (110.0, 95.0, 100.0, 105.0, 60.0),
        "district": ("hill", "hill", "shore", "hill", "hill"),
    },
)
"""From the first example of PLACES: 1.1 km, 0.7 km, another district, 6.7 km, 6.7 km."""


def outlook() -> Outlook:
    """Levels of two of the three districts: the hill's grow by 1 % a month from 1,000 on, with a band of 10 %."""

    def figure(name: str, value: float) -> Metric:
        return Metric(name=name, value=value, low=value - 0.01, high=value + 0.01)

    def group(level: float) -> GroupOutlook:
        ahead = tuple(Ahead(low=0.9 * to, level=to, high=1.1 * to) for to in (level * 1.01**n for n in (1, 2, 3)))
        return GroupOutlook(levels=(level * 0.9, None, level), rows=(20, 1, 25), now=level, ahead=ahead)

    errors = tuple(figure(name, 0.05) for name in ("all", "1 month", "2 months", "3 months"))
    methods = (
        MethodResult(method="persistence", errors=errors, gain=figure("all", 0.02)),
        MethodResult(method="seasonal naive", errors=errors, gain=figure("all", 0.001)),
        MethodResult(method="shared level", errors=errors, gain=None),
    )
    backtest = Backtest(
        first="2012-01", last="2015-11", forecasts=1234, served="shared level", methods=methods, noise=0.04,
        coverage=(figure("all", 0.91),), width=(figure("all", 0.2),),
    )  # fmt: skip
    return Outlook(
        by="district", per="area", time="sold", unit="USD per m²", last_month="2015-12", last_day="2015-12-30",
        band=0.9, method="shared level", groups={"hill": group(1000.0), "shore": group(2000.0)}, backtest=backtest,
    )  # fmt: skip


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


def write_bundle(folder: Path, signature: Signature = CHURN, model: bytes | None = None, **beside: Value) -> Path:
    """Write a whole, valid bundle; ``model`` replaces the signature's own model, ``beside`` are further documents."""
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
    for name, document in beside.items():
        (folder / f"{name}.json").write_text(document.model_dump_json())
    seal(folder)
    return folder


def write_places(folder: Path) -> Path:
    """A bundle that holds all that can be served beside predictions."""
    return write_bundle(folder, PLACES, comparables=COMPARABLES, outlook=outlook())


def seal(folder: Path, **changes: Any) -> None:
    """Write the manifest of what lies in a folder; ``changes`` replace its fields."""
    files = {p.name: sha256(p.read_bytes()) for p in sorted(folder.iterdir()) if p.name != "manifest.json"}
    (folder / "manifest.json").write_text(json.dumps({"schema_version": 1, "files": files} | changes))
