"""Putting an encoder and an estimator together as one ONNX graph.

The encoder is converted by skl2onnx. The estimator's part is written here, in double precision: converters store
split thresholds as float32, which sends a row whose value lies between the two to the other side of the tree.
"""

import warnings
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import onnx
from onnx import TensorProto, helper

from slipway.core.task import Task

PREDICTION = "prediction"
OPSETS = {"": 17, "ai.onnx.ml": 3}
INPUT = "encoded_double"
OUTPUT = "raw_double"
LINKS = {Task.CLASSIFICATION: "Sigmoid", Task.REGRESSION: "Identity"}


def assemble(encoder: Any, names: Sequence[str], head: list[Any], link: str) -> bytes:
    """Chain an encoder's graph with an estimator's nodes.

    Args:
        encoder: a fitted scikit-learn transformer over the columns ``names``.
        head: nodes that read the double tensor :data:`INPUT` and write the double tensor :data:`OUTPUT`, (n, 1).
        link: "Sigmoid" to make a probability of the output, or "Identity".

    Returns:
        The serialized model; equal inputs give equal bytes.
    """
    model = _convert(encoder, names)
    graph = model.graph
    _leave_columns_as_they_are(graph)
    encoded = graph.output[0].name
    graph.node.append(helper.make_node("Cast", [encoded], [INPUT], name="to_double", to=TensorProto.DOUBLE))
    graph.node.extend(head)
    graph.node.append(helper.make_node(link, [OUTPUT], [PREDICTION], name="link"))
    _name_inputs(graph, names)
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(PREDICTION, TensorProto.DOUBLE, [None, 1]))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _convert(encoder: Any, names: Sequence[str]) -> Any:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    categorical, marks = _categorical(encoder), _marks(names)
    types = [(marks[n], (StringTensorType if n in categorical else FloatTensorType)([None, 1])) for n in names]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = convert_sklearn(_marked(encoder, marks), "slipway", types, target_opset=OPSETS)
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in OPSETS.items())
    model.producer_version = ""
    model.doc_string = ""
    return model


def _marks(features: Sequence[str]) -> dict[str, str]:
    """Names to convert under: the converter changes a space in a feature's name, and uses some names itself."""
    return {feature: f"feature_{number}" for number, feature in enumerate(features)}


def _marked(encoder: Any, marks: Mapping[str, str]) -> Any:
    marked = copy(encoder)
    marked.transformers_ = [(name, t, [marks[c] for c in columns]) for name, t, columns in encoder.transformers_]
    return marked


def _leave_columns_as_they_are(graph: Any) -> None:
    """Drop the converter's reshapes of encoded columns: ours are (n, 1) already, and each costs a request time.

    What they made is read from where they read it.
    """
    columns = {output for node in graph.node if node.op_type == "LabelEncoder" for output in node.output}
    idle = [node for node in graph.node if node.op_type == "Reshape" and node.input[0] in columns]
    read = {node.output[0]: node.input[0] for node in idle}
    shapes = {node.input[1] for node in idle}
    for node in idle:
        graph.node.remove(node)
    for node in graph.node:
        node.input[:] = [read.get(name, name) for name in node.input]
    unread = shapes - {name for node in graph.node for name in node.input}
    for initializer in [each for each in graph.initializer if each.name in unread]:
        graph.initializer.remove(initializer)


def _name_inputs(graph: Any, features: Sequence[str]) -> None:
    """Call each input like its feature, and an inner tensor that is called so by another name."""
    called = {feature: f"{feature} (inner)" for feature in features}
    called |= {mark: feature for feature, mark in _marks(features).items()}
    for node in graph.node:
        for tensors in (node.input, node.output):
            tensors[:] = [called.get(name, name) for name in tensors]
    for value in (*graph.input, *graph.initializer):
        value.name = called.get(value.name, value.name)


def _categorical(encoder: Any) -> list[str]:
    return [c for name, _, columns in encoder.transformers_ if name == "categorical" for c in columns]
