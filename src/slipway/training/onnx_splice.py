"""Nodes put before and behind a finished graph, so that it takes raw inputs and answers in the target's unit."""

from typing import Any, Protocol

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from slipway.training.onnx_graph import PREDICTION


class RateTable(Protocol):
    """Levels by period and group as a graph looks them up, see :func:`with_going_rate`."""

    @property
    def date(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def groups(self) -> tuple[str, ...]: ...
    @property
    def origin(self) -> int: ...
    @property
    def period_days(self) -> int: ...
    @property
    def overall(self) -> np.ndarray: ...
    @property
    def relative(self) -> np.ndarray: ...


def exponentiated(model: bytes) -> bytes:
    """The graph whose prediction is e to the power of what it was."""
    edited = onnx.load_from_string(model)
    before = _renamed_prediction(edited.graph, "slipway:logarithm")
    edited.graph.node.append(helper.make_node("Exp", [before], [PREDICTION], name="slipway:exponential"))
    return _sealed(edited)


def with_going_rate(model: bytes, rate: RateTable) -> bytes:
    """The graph with the level of all added to its prediction, and its input ``rate.column`` looked up inside.

    The period of a row is floor((date - origin) / period_days), held to those of the table; a group that is not in the
    table has the last row of ``relative``. The inputs ``rate.date`` (float32) and ``rate.by`` (string) are added where
    the graph does not read them itself.
    """
    edited = onnx.load_from_string(model)
    graph = edited.graph
    before = _renamed_prediction(graph, "slipway:difference")
    for value in [each for each in graph.input if each.name == rate.column]:
        graph.input.remove(value)
    _require_input(graph, rate.date, TensorProto.FLOAT)
    _require_input(graph, rate.by, TensorProto.STRING)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*_looked_up(rate), *nodes])
    graph.node.append(
        helper.make_node("Add", [before, "slipway:level of all"], [PREDICTION], name="slipway:with level of all")
    )
    return _sealed(edited)


def _looked_up(rate: RateTable) -> list[Any]:
    periods = rate.overall.size
    codes = helper.make_node(
        "LabelEncoder",
        [rate.by],
        ["slipway:level group"],
        name="slipway:level group",
        domain="ai.onnx.ml",
        keys_strings=list(rate.groups),
        values_int64s=list(range(len(rate.groups))),
        default_int64=len(rate.groups),
    )
    return [
        _constant("slipway:level origin", np.float32(rate.origin)),
        _constant("slipway:level days", np.float32(rate.period_days)),
        _constant("slipway:level first", np.float32(0)),
        _constant("slipway:level last", np.float32(periods - 1)),
        _constant("slipway:level periods", np.int64(periods)),
        _constant("slipway:levels of all", np.asarray(rate.overall, "float64")),
        _constant("slipway:levels relative", np.asarray(rate.relative, "float32").reshape(-1)),
        codes,
        _node("Sub", [rate.date, "slipway:level origin"], "slipway:level passed"),
        _node("Div", ["slipway:level passed", "slipway:level days"], "slipway:level exact"),
        _node("Floor", ["slipway:level exact"], "slipway:level floor"),
        _node("Clip", ["slipway:level floor", "slipway:level first", "slipway:level last"], "slipway:level held"),
        helper.make_node(
            "Cast", ["slipway:level held"], ["slipway:level period"], name="slipway:level period", to=TensorProto.INT64
        ),
        _node("Mul", ["slipway:level group", "slipway:level periods"], "slipway:level row"),
        _node("Add", ["slipway:level row", "slipway:level period"], "slipway:level cell"),
        _node("Gather", ["slipway:levels of all", "slipway:level period"], "slipway:level of all"),
        helper.make_node(
            "Gather", ["slipway:levels relative", "slipway:level cell"], [rate.column], name="slipway:level relative"
        ),
    ]


def _node(kind: str, inputs: list[str], output: str) -> Any:
    return helper.make_node(kind, inputs, [output], name=output)


def _constant(name: str, value: Any) -> Any:
    return helper.make_node("Constant", [], [name], name=name, value=numpy_helper.from_array(np.asarray(value), name))


def _renamed_prediction(graph: Any, name: str) -> str:
    for node in graph.node:
        for tensors in (node.input, node.output):
            tensors[:] = [name if tensor == PREDICTION else tensor for tensor in tensors]
    return name


def _require_input(graph: Any, name: str, kind: int) -> None:
    if name not in {value.name for value in graph.input}:
        graph.input.append(helper.make_tensor_value_info(name, kind, [None, 1]))


def _sealed(model: Any) -> bytes:
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
