"""The same graph for a caller who looks categories up itself.

Most of what one row costs the runtime is carrying its strings in and looking each up. Where every category is read by
LabelEncoders and by nothing else, as the encoder for trees has it, that can be done before: the graph then takes the
encoder's numbers, or where there are several encoders the number of the category for all of them to start from, out of
memory that is filled in place.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto, helper, numpy_helper

from slipway.training.onnx_scoring import score

CODES = "codes"
"""The key of the graph's metadata that holds the tables."""


@dataclass(frozen=True)
class _Encoder:
    """One LabelEncoder: category to number, the number of any other, and the numbers' type."""

    node: Any
    table: dict[str, float]
    other: float
    kind: int


def coded(model: bytes) -> bytes | None:
    """A graph that takes numbers for categories, with the tables in its metadata; None where the encoders forbid it.

    The metadata's ``codes`` is JSON: input name to ``{"table": {category: number}, "other": number}``. Numbers are
    int64 or float32, as the input's type says.
    """
    graph_of = onnx.load_from_string(model)
    graph = graph_of.graph
    encoders = _encoders(graph)
    if encoders is None:
        return None
    tables = {name: _read_from_input(graph, name, readers) for name, readers in encoders.items()}
    helper.set_model_props(graph_of, {CODES: json.dumps(tables)})
    return bytes(graph_of.SerializeToString(deterministic=True))


def score_coded(model: bytes, inputs: pd.DataFrame, names: list[str]) -> np.ndarray:
    """What a coded graph says of a table whose categories are looked up first; float64 (n,)."""
    properties = {entry.key: entry.value for entry in onnx.load_from_string(model).metadata_props}
    numbers = inputs[names].copy()
    for name, codes in json.loads(properties[CODES]).items():
        numbers[name] = inputs[name].map(lambda category, codes=codes: codes["table"].get(category, codes["other"]))
    return score(model, numbers, names)


def _encoders(graph: Any) -> dict[str, tuple[_Encoder, ...]] | None:
    """Who reads each category; None where something else does too, or where there is no category."""
    strings = [value.name for value in graph.input if value.type.tensor_type.elem_type == TensorProto.STRING]
    found = {}
    for name in strings:
        readers = [node for node in graph.node if name in node.input]
        if not readers or any(node.op_type != "LabelEncoder" for node in readers):
            return None
        found[name] = tuple(map(_encoder, readers))
    return found or None


def _encoder(node: Any) -> _Encoder:
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    keys = [key.decode() for key in attributes["keys_strings"]]
    if "values_int64s" in attributes:
        numbers, other, kind = attributes["values_int64s"], attributes.get("default_int64", -1), TensorProto.INT64
    else:
        numbers, other, kind = attributes["values_floats"], attributes.get("default_float", 0.0), TensorProto.FLOAT
    return _Encoder(node, dict(zip(keys, numbers, strict=True)), other, kind)


def _read_from_input(graph: Any, name: str, encoders: tuple[_Encoder, ...]) -> dict[str, Any]:
    """Let the graph take numbers under ``name``; returns what a caller looks categories up in."""
    if len(encoders) == 1:
        return _in_place_of(graph, name, encoders[0])
    categories = sorted({category for encoder in encoders for category in encoder.table})
    for encoder in encoders:
        _gathered(graph, name, encoder, categories)
    _retyped(graph, name, TensorProto.INT64)
    return {"table": {category: code for code, category in enumerate(categories)}, "other": len(categories)}


def _in_place_of(graph: Any, name: str, encoder: _Encoder) -> dict[str, Any]:
    [encoded] = encoder.node.output
    graph.node.remove(encoder.node)
    for node in graph.node:
        node.input[:] = [name if read == encoded else read for read in node.input]
    _retyped(graph, name, encoder.kind)
    return {"table": encoder.table, "other": encoder.other}


def _gathered(graph: Any, name: str, encoder: _Encoder, categories: list[str]) -> None:
    """Put a look-up by the category's number where the encoder was."""
    numbers = [encoder.table.get(category, encoder.other) for category in categories]
    [encoded] = encoder.node.output
    table = f"slipway:table of {encoded}"
    values = np.array([*numbers, encoder.other], helper.tensor_dtype_to_np_dtype(encoder.kind))
    graph.initializer.append(numpy_helper.from_array(values, table))
    encoder.node.CopyFrom(helper.make_node("Gather", [table, name], [encoded], name=encoder.node.name))


def _retyped(graph: Any, name: str, kind: int) -> None:
    value = next(value for value in graph.input if value.name == name)
    value.CopyFrom(helper.make_tensor_value_info(name, kind, [None, 1]))
