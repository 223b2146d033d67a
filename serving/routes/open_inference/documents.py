"""The protocol's documents, as OpenAPI shows them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from serving.routes.open_inference.tensors import BYTES, NUMBERS

HEADER_LENGTH = "Inference-Header-Content-Length"
BINARY = "application/octet-stream"
JSON = "application/json"


class InferenceError(BaseModel):
    """Why a request was not answered, in words."""

    error: str


class ServerMetadata(BaseModel):
    name: str
    version: str
    extensions: list[str]


class Live(BaseModel):
    live: bool


class Ready(BaseModel):
    ready: bool


class _Model(BaseModel):
    model_config = ConfigDict(protected_namespaces=())


class ModelReady(BaseModel):
    name: str
    ready: bool


class TensorMetadata(BaseModel):
    """A tensor's name and type; the first figure of its shape, -1, stands for any number of rows."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class OutputTensor(BaseModel):
    """An output; its data follow the JSON when ``parameters`` hold a ``binary_data_size``."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = None
    data: list[Any] | None = None


class InferenceResponse(_Model):
    """What the model says of the rows, one tensor an output."""

    model_name: str
    model_version: str
    id: str | None = None
    parameters: dict[str, Any]
    outputs: list[OutputTensor]


def infer_document(taken: Mapping[str, str], given: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, Any]:
    """The part of OpenAPI that tells what ``infer`` takes.

    Args:
        taken, given: the model's inputs and outputs, each with its datatype.
        row: an example of the inputs.
    """
    inputs = [
        {"name": name, "shape": [1, 1], "datatype": datatype, "data": [row[name]]} for name, datatype in taken.items()
    ]
    schema = _request(list(taken), list(given)) | {"examples": [{"inputs": inputs}]}
    content = {JSON: {"schema": schema}, BINARY: {"schema": _BODY_OF_BYTES}}
    return {"requestBody": {"required": True, "content": content}, "parameters": [_HEADER]}


def _request(names: list[str], outputs: list[str]) -> dict[str, Any]:
    tensor = {
        "name": {"enum": names},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 2},
        "datatype": {"enum": [*NUMBERS, BYTES]},
        "parameters": _PARAMETERS,
        "data": {"type": "array", "description": "One element a row, flat or one list a row; null is missing."},
    }
    properties = {
        "id": {"type": ["string", "null"]},
        "parameters": _PARAMETERS,
        "inputs": _list(_object(tensor, ["name", "shape", "datatype"]), len(names)) | {"minItems": len(names)},
        "outputs": {"anyOf": [_list(_wanted(outputs), len(outputs)), {"type": "null"}]},
    }
    return _object(properties, ["inputs"])


def _wanted(outputs: list[str]) -> dict[str, Any]:
    return _object({"name": {"enum": outputs}, "parameters": _PARAMETERS}, ["name"])


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_PARAMETERS: dict[str, Any] = {"type": ["object", "null"]}
_BODY_OF_BYTES = {
    "type": "string",
    "format": "binary",
    "description": f"The JSON, {HEADER_LENGTH} bytes long, then the bytes of each input with a binary_data_size.",
}
_HEADER = {
    "name": HEADER_LENGTH,
    "in": "header",
    "required": False,
    "description": "How many bytes of the body are JSON; the tensors' bytes follow.",
    "schema": {"type": "integer", "minimum": 0},
}
