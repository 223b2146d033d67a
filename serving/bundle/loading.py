"""The folder an endpoint is made from, read once and believed only when every byte is accounted for."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from serving.bundle.signature import Field, Signature

MANIFEST = "manifest.json"
MODEL = "model.onnx"
SIGNATURE = "signature.json"
RECORD = "record.json"
BACKGROUND = "background.json"
CODED = "coded.onnx"

Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class BundleInvalid(Exception):
    """A bundle that must not be served; ``file`` is the one to look at."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file
        self.problem = problem


class Manifest(BaseModel):
    """Which files a bundle has, each with the hex SHA-256 of its bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_version: Literal[1]
    files: dict[str, Sha256]


class RecordDocument(BaseModel):
    """The part of the decision record that identifies it; everything else is passed through as it is."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    evaluation: dict[str, Any]


Row = dict[str, float | str | None]


class BackgroundDocument(BaseModel):
    """Real training rows that explanations are told against."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Bundle:
    """A verified bundle, held in memory: what was hashed is what is served.

    Attributes:
        model: bytes of model.onnx.
        coded: bytes of coded.onnx, the same model for single rows; None where it has none.
        background: training rows, each a complete input; none in bundles made before there were explanations.
        record: the whole decision record.
        record_digest: hex SHA-256 of the record's evaluation in canonical JSON, the identity of the decision.
        digest: hex SHA-256 of the manifest, which stands for every file.
    """

    signature: Signature
    model: bytes
    background: tuple[Row, ...]
    coded: bytes | None
    record: Mapping[str, Any]
    record_digest: str
    digest: str


def load(folder: Path) -> Bundle:
    """Read a bundle and check it against its manifest.

    Raises:
        BundleInvalid: a file is missing, extra, changed or malformed.
    """
    contents = _read_all(folder)
    manifest = _parse(Manifest, MANIFEST, _required(contents, MANIFEST))
    _check(contents, manifest)
    record = _parse(RecordDocument, RECORD, contents[RECORD]).model_dump()
    if record["evaluation"].get("model_digest") != manifest.files[MODEL]:
        raise BundleInvalid(RECORD, f"is the record of another model than {MODEL}")
    signature = _parse(Signature, SIGNATURE, contents[SIGNATURE])
    return Bundle(
        signature=signature,
        model=contents[MODEL],
        background=_background(contents.get(BACKGROUND), signature),
        coded=contents.get(CODED),
        record=record,
        record_digest=_sha256(_canonical_json(record["evaluation"])),
        digest=_sha256(contents[MANIFEST]),
    )


def _background(content: bytes | None, signature: Signature) -> tuple[Row, ...]:
    if content is None:
        return ()
    rows = _parse(BackgroundDocument, BACKGROUND, content).rows
    for number, row in enumerate(rows):
        if row.keys() != {field.name for field in signature.inputs}:
            raise BundleInvalid(BACKGROUND, f"rows.{number}: is not a complete input of {SIGNATURE}")
        for field in signature.inputs:
            if not _fits(row[field.name], field):
                raise BundleInvalid(BACKGROUND, f"rows.{number}.{field.name}: is not what {SIGNATURE} allows")
    return rows


def _fits(value: float | str | None, field: Field) -> bool:
    if value is None:
        return field.nullable
    if field.type == "category":
        return value in field.categories
    return isinstance(value, str) == (field.type == "date")


def _read_all(folder: Path) -> dict[str, bytes]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise BundleInvalid(str(folder), f"cannot be opened as a folder ({error.strerror})") from error
    return {path.name: _read(path) for path in paths}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleInvalid(path.name, f"cannot be read ({error.strerror})") from error


def _required(contents: Mapping[str, bytes], name: str) -> bytes:
    if name not in contents:
        raise BundleInvalid(name, "is missing")
    return contents[name]


def _check(contents: Mapping[str, bytes], manifest: Manifest) -> None:
    for name in (MODEL, SIGNATURE, RECORD):
        if name not in manifest.files:
            raise BundleInvalid(MANIFEST, f"does not list {name}")
    for name, digest in sorted(manifest.files.items()):
        if _sha256(_required(contents, name)) != digest:
            raise BundleInvalid(name, f"is not the file that {MANIFEST} lists: its SHA-256 differs")
    for name in sorted(contents.keys() - manifest.files.keys() - {MANIFEST}):
        raise BundleInvalid(name, f"is not listed in {MANIFEST}")


Document = TypeVar("Document", bound=BaseModel)


def _parse(kind: type[Document], name: str, content: bytes) -> Document:
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleInvalid(name, f"{where}: {first['msg']}" if where else first["msg"]) from error


def _canonical_json(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
