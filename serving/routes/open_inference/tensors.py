"""From the tensors of a request to rows, and from what is said of rows to tensors."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from serving.bundle.signature import Field
from serving.inputs import cells
from serving.inputs.problems import shown
from serving.routes.open_inference.request import Malformed, Tensor

BYTES = "BYTES"
FLOATS = {"FP16": "<f2", "FP32": "<f4", "FP64": "<f8"}
INTEGERS = {
    **{f"INT{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)},
}
NUMBERS = FLOATS | INTEGERS

_LENGTH = struct.Struct("<I")
_UNSUPPORTED = ("shared_memory_region", "shared_memory_offset", "shared_memory_byte_size")


def rows(tensors: Sequence[Tensor], fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Rows of a request's inputs, not yet held to the model's inputs.

    Raises:
        Malformed: they are not one tensor a field, of shape (n,) or (n, 1) and a type that holds the field.
    """
    sent = _by_name(tensors, fields)
    columns = {field.name: _column(sent[field.name], field) for field in fields}
    if len({len(column) for column in columns.values()}) > 1:
        raise Malformed("the inputs have different numbers of rows")
    return cells.rows(columns)


def output(name: str, datatype: str, column: Sequence[Any], *, binary: bool) -> tuple[dict[str, Any], bytes]:
    """An output of shape (n, 1), and the bytes that follow the JSON when they are wanted so."""
    tensor = {"name": name, "datatype": datatype, "shape": [len(column), 1]}
    if not binary:
        return tensor | {"data": list(column)}, b""
    content = _packed(datatype, column)
    return tensor | {"parameters": {"binary_data_size": len(content)}}, content


def _by_name(tensors: Sequence[Tensor], fields: Sequence[Field]) -> Mapping[str, Tensor]:
    names = {field.name for field in fields}
    sent: dict[str, Tensor] = {}
    for tensor in tensors:
        if tensor.name not in names:
            raise Malformed(f"the model has no input {shown(tensor.name)!r}; it takes {', '.join(sorted(names))}")
        if tensor.name in sent:
            raise Malformed(f"the input {tensor.name!r} is sent twice")
        sent[tensor.name] = tensor
    missing = sorted(names - set(sent))
    if missing:
        raise Malformed(f"inputs are missing: {', '.join(missing)}")
    return sent


def _column(tensor: Tensor, field: Field) -> list[Any]:
    known = NUMBERS if field.type == "number" else (BYTES,)
    if tensor.datatype not in known:
        raise _wrong(tensor, f"has the datatype {shown(tensor.datatype)}; it takes {', '.join(known)}")
    if tensor.content is not None and tensor.data is not None:
        raise _wrong(tensor, "has both `data` and bytes")
    if any(name in tensor.parameters for name in _UNSUPPORTED):
        raise _wrong(tensor, "lies in shared memory, which is not supported")
    rows = _rows(tensor)
    column = _from_data(tensor) if tensor.content is None else _from_bytes(tensor, tensor.content, rows)
    if len(column) != rows:
        raise _wrong(tensor, f"has {len(column):,} elements; its shape asks for {rows:,}")
    return list(map(cells.reader(field), column))


def _rows(tensor: Tensor) -> int:
    if len(tensor.shape) not in (1, 2) or tensor.shape[0] < 1 or any(size != 1 for size in tensor.shape[1:]):
        raise _wrong(tensor, f"has the shape {shown(tensor.shape)}; it takes [n] or [n, 1] with at least one row")
    return tensor.shape[0]


def _from_data(tensor: Tensor) -> list[Any]:
    if not isinstance(tensor.data, list):
        raise _wrong(tensor, "has no list of `data`")
    column = _flat(tensor.data) if len(tensor.shape) == 2 else tensor.data
    fits = _checks(tensor.datatype)
    for cell in column:
        if cell is not None and not fits(cell):
            raise _wrong(tensor, f"has {shown(cell)!r}, which is no {tensor.datatype}")
    return column


def _flat(data: list[Any]) -> list[Any]:
    """Data may be flat whatever the shape; one list a row is as good."""
    if all(isinstance(cell, list) and len(cell) == 1 for cell in data):
        return [cell[0] for cell in data]
    return data


def _checks(datatype: str) -> Any:
    if datatype == BYTES:
        return lambda cell: isinstance(cell, str)
    if datatype in FLOATS:
        return lambda cell: isinstance(cell, int | float) and not isinstance(cell, bool)
    limits = np.iinfo(INTEGERS[datatype])
    low, high = int(limits.min), int(limits.max)
    return lambda cell: isinstance(cell, int) and not isinstance(cell, bool) and low <= cell <= high


def _from_bytes(tensor: Tensor, content: bytes, rows: int) -> list[Any]:
    if tensor.datatype == BYTES:
        return list(_strings(tensor, content))
    dtype = np.dtype(NUMBERS[tensor.datatype])
    if len(content) != rows * dtype.itemsize:
        raise _wrong(tensor, f"has {len(content):,} bytes; its shape asks for {rows * dtype.itemsize:,}")
    column: list[Any] = np.frombuffer(content, dtype).tolist()
    return column


def _strings(tensor: Tensor, content: bytes) -> Iterator[str]:
    """Each string stands behind its length in bytes, 32 bits without sign."""
    start = 0
    while start < len(content):
        begin = start + _LENGTH.size
        end = begin + (_LENGTH.unpack_from(content, start)[0] if begin <= len(content) else 0)
        if max(begin, end) > len(content):
            raise _wrong(tensor, "ends in the middle of a string")
        yield _text(tensor, content[begin:end])
        start = end


def _text(tensor: Tensor, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _wrong(tensor, "has a string that is not UTF-8") from error


def _packed(datatype: str, column: Sequence[Any]) -> bytes:
    if datatype != BYTES:
        return np.array(column, NUMBERS[datatype]).tobytes()
    texts = [text.encode() for text in column]
    return b"".join(_LENGTH.pack(len(text)) + text for text in texts)


def _wrong(tensor: Tensor, what: str) -> Malformed:
    return Malformed(f"the input {shown(tensor.name)!r} {what}")
