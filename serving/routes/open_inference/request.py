"""A request for inference: its JSON part, and the tensors whose data follow it as bytes."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic_core import from_json

MOST_INFLATED = 16 * 2**20
"""How many bytes a compressed body may become."""

BINARY_SIZE = "binary_data_size"
BINARY_WANTED = "binary_data"
ALL_BINARY_WANTED = "binary_data_output"

_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_MOST_DIGITS = 18

Parameters = dict[str, Any] | None


class Malformed(Exception):
    """A request that the protocol does not allow, told in words."""


class EncodingUnknown(Exception):
    """A body compressed in a way that is not understood."""


class TooLarge(Exception):
    """A body that grows beyond what is accepted when it is inflated."""


@dataclass(frozen=True)
class Tensor:
    """An input as it was sent: its data as JSON, or None, and its bytes, or None."""

    name: str
    shape: Sequence[int]
    datatype: str
    parameters: dict[str, Any]
    data: Any
    content: bytes | None


class _Input(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    shape: list[int]
    datatype: str
    parameters: Parameters = None
    data: Any = None


class _Wanted(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    parameters: Parameters = None


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    inputs: list[_Input]
    id: str | None = None
    parameters: Parameters = None
    outputs: list[_Wanted] | None = None


@dataclass(frozen=True)
class InferenceRequest:
    """What is asked.

    Attributes:
        id: the caller's name for the request, which the answer repeats.
        outputs: names of the outputs asked for, each with whether its data are wanted as bytes; None for all.
        all_binary: whether outputs are wanted as bytes where nothing else is said.
    """

    id: str | None
    inputs: Sequence[Tensor]
    outputs: dict[str, bool] | None
    all_binary: bool


def inflated(body: bytes, encoding: str) -> bytes:
    """A body without its compression.

    Raises:
        EncodingUnknown: it is neither gzip nor deflate.
        Malformed: it is not what it says it is, or is cut off.
        TooLarge: it becomes more than ``MOST_INFLATED`` bytes.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in _WINDOWS:
        raise EncodingUnknown(f"a body may be compressed with gzip or deflate, not with {encoding}")
    stream = zlib.decompressobj(_WINDOWS[encoding])
    try:
        content = stream.decompress(body, MOST_INFLATED + 1)
    except zlib.error as error:
        raise Malformed(f"the body is not {encoding}: {error}") from error
    if len(content) > MOST_INFLATED:
        raise TooLarge(f"the body becomes more than {MOST_INFLATED:,} bytes")
    if not stream.eof or stream.unused_data:
        raise Malformed(f"the body is not one whole {encoding} stream")
    return content


def read(body: bytes, header_length: str | None) -> InferenceRequest:
    """The request in a body.

    Args:
        header_length: the value of Inference-Header-Content-Length, if there is one.

    Raises:
        Malformed: it is no request, or its bytes are not those that its tensors announce.
    """
    length = _length(header_length, body)
    document = _document(body[:length])
    inputs = list(_with_bytes(document.inputs, body[length:]))
    flags = document.parameters or {}
    all_binary = _flag(flags, ALL_BINARY_WANTED, default=False)
    return InferenceRequest(document.id, inputs, _outputs(document.outputs, all_binary), all_binary)


def _length(header_length: str | None, body: bytes) -> int:
    if header_length is None:
        return len(body)
    if not (header_length.isascii() and header_length.isdigit() and len(header_length) <= _MOST_DIGITS):
        raise Malformed("Inference-Header-Content-Length is not a number of bytes")
    if int(header_length) > len(body):
        raise Malformed(
            f"Inference-Header-Content-Length says {int(header_length):,} bytes; the body has {len(body):,}"
        )
    return int(header_length)


def _document(text: bytes) -> _Document:
    try:
        document = from_json(text, allow_inf_nan=True)
    except ValueError as error:
        raise Malformed(f"the request is not JSON: {error}") from error
    try:
        return msgspec.convert(document, _Document)
    except msgspec.ValidationError as error:
        raise Malformed(f"the request is not one of this protocol: {error}") from error


def _with_bytes(inputs: Sequence[_Input], tail: bytes) -> Iterator[Tensor]:
    start = 0
    for sent in inputs:
        parameters = sent.parameters or {}
        size = _size(parameters.get(BINARY_SIZE), len(tail) - start)
        content = None if size is None else tail[start : start + size]
        start += size or 0
        yield Tensor(sent.name, sent.shape, sent.datatype, parameters, sent.data, content)
    if start != len(tail):
        raise Malformed(f"the body has {len(tail) - start:,} bytes more than its tensors announce")


def _size(size: Any, left: int) -> int | None:
    if size is None:
        return None
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= left:
        raise Malformed(f"{BINARY_SIZE} of an input is not a number of bytes that the body has left")
    return size


def _outputs(wanted: Sequence[_Wanted] | None, all_binary: bool) -> dict[str, bool] | None:
    if not wanted:
        return None
    outputs = {output.name: _flag(output.parameters or {}, BINARY_WANTED, default=all_binary) for output in wanted}
    if len(outputs) != len(wanted):
        raise Malformed("an output is asked for twice")
    return outputs


def _flag(parameters: dict[str, Any], name: str, *, default: bool) -> bool:
    flag = parameters.get(name, default)
    if not isinstance(flag, bool):
        raise Malformed(f"{name} is neither true nor false")
    return flag
