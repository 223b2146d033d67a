"""The folder an endpoint loads: a model, its signature, rows to explain by, its decision's record, and a manifest."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from slipway.core.background import Background
from slipway.core.comparables import ComparableRows
from slipway.core.errors import BundleInvalid
from slipway.core.outlook import Outlook
from slipway.core.record import Record
from slipway.core.signature import Signature
from slipway.core.value import Value
from slipway.workspace.files import file_digest, replacing_folder, write_document

MODEL = "model.onnx"
SIGNATURE = "signature.json"
RECORD = "record.json"
MANIFEST = "manifest.json"
BACKGROUND = "background.json"
CODED = "coded.onnx"
COMPARABLES = "comparables.json"
OUTLOOK = "outlook.json"
WHERE_THERE = (CODED, COMPARABLES, OUTLOOK)
"""Files that only some models have."""
_ALWAYS = (MODEL, SIGNATURE, RECORD)  # bundles made before there were explanations have no background

_DOCUMENTS: dict[str, type[Value]] = {BACKGROUND: Background, COMPARABLES: ComparableRows, OUTLOOK: Outlook}

Document = TypeVar("Document", bound=Value)


class Manifest(Value):
    """The document ``manifest.json``: file name to hex SHA-256."""

    files: dict[str, str]
    schema_version: int = 1


def assemble(
    bundle: Path, *, model: Path, signature: Path, background: Path, record: Record, further: Sequence[Path] = ()
) -> str:
    """Write a whole bundle in place of the folder ``bundle``.

    Args:
        further: what only some models have; of the names in ``WHERE_THERE``.

    Returns:
        The bundle's digest.

    Raises:
        BundleInvalid: the record was made for another model than ``model``, or a file is not there.
        WriteFailed: the disk is full; ``bundle`` is as it was.
    """
    copied = {MODEL: model, SIGNATURE: signature, BACKGROUND: background} | {path.name: path for path in further}
    for source in copied.values():
        if not source.is_file():
            raise _invalid(source, "is not there")
    with replacing_folder(bundle) as folder:
        for name, source in copied.items():
            shutil.copyfile(source, folder / name)
        write_document(folder / RECORD, record)
        parts = (*copied, RECORD)
        write_document(folder / MANIFEST, Manifest(files={name: file_digest(folder / name) for name in parts}))
        verify(folder)
    return digest(bundle)


def digest(bundle: Path) -> str:
    """Hex SHA-256 of the manifest: it covers every file of the bundle."""
    return file_digest(bundle / MANIFEST)


def verify(bundle: Path, *, name: str | None = None) -> Manifest:
    """Hold every file of a bundle to its manifest, and the model to its record.

    Args:
        name: what an error calls the bundle, such as "of churn version 3"; its folder when None.

    Raises:
        BundleInvalid: names the first file that is missing, changed, unreadable or not in the manifest.
    """
    manifest = _read(bundle / MANIFEST, Manifest, name)
    for part in sorted({*_ALWAYS, *manifest.files}):
        _hold(bundle / part, manifest.files.get(part), name)
    strangers = {path.name for path in bundle.iterdir()} - {MANIFEST, *manifest.files}
    if strangers:
        raise _invalid(bundle / min(strangers), "is not in the manifest", name)
    _read(bundle / SIGNATURE, Signature, name)
    for part, kind in _DOCUMENTS.items():
        if part in manifest.files:
            _read(bundle / part, kind, name)
    if _read(bundle / RECORD, Record, name).evaluation.model_digest != manifest.files[MODEL]:
        raise _invalid(bundle / RECORD, "is the record of another model", name)
    return manifest


def refuse_other(bundle: Path, model_digest: str, *, name: str | None = None) -> None:
    """Raise BundleInvalid unless the bundle's model is the one of that digest."""
    if file_digest(bundle / MODEL) != model_digest:
        raise _invalid(bundle / MODEL, "is another model than the one registered", name)


def read_record(bundle: Path) -> Record:
    """The decision record in a bundle; raises BundleInvalid when there is none to read."""
    return _read(bundle / RECORD, Record)


def _hold(path: Path, expected: str | None, name: str | None) -> None:
    if expected is None:
        raise _invalid(path, "is not in the manifest", name)
    if not path.is_file():
        raise _invalid(path, "is missing", name)
    if file_digest(path) != expected:
        raise _invalid(path, "was changed after the bundle was written", name)


def _read(path: Path, kind: type[Document], name: str | None = None) -> Document:
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise _invalid(path, "is missing", name) from error
    except (ValidationError, OSError) as error:
        raise _invalid(path, f"cannot be read as a {kind.__name__}", name) from error


def _invalid(path: Path, problem: str, name: str | None = None) -> BundleInvalid:
    return BundleInvalid(
        f"{path.name} {problem}, in the bundle {name or path.parent}",
        cause="the bundle was cut short, copied in part, or edited by hand",
        next_step="make it anew with `slipway run`, or choose another version with `slipway history`",
    )
