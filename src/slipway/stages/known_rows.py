"""Rows to replay: of the two versions' own bundles, and others that somebody has."""

import tempfile
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from slipway.core.background import Background
from slipway.core.days import day_number
from slipway.core.errors import BundleInvalid, VersionUnknown
from slipway.core.signature import Field, Row, Signature
from slipway.core.version import Version, numbered
from slipway.deploying.known import Known, distinct, fits
from slipway.ports import Registry
from slipway.workspace.bundle import BACKGROUND, MODEL, SIGNATURE
from slipway.workspace.files import read_document

_HOLDOUT_ROWS = 200


def known_rows(registry: Registry, candidate: Version, champion: int, more: Sequence[Row] = ()) -> Known:
    """What the two versions' models say of rows that they take.

    Args:
        champion: number of the version that serves; where its bundle is not there, nobody knows what it says.
        more: rows of a holdout or of a log; those that do not fit are passed over.

    Raises:
        BundleInvalid: the candidate's bundle is not whole.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slipway-canary-")))
        new = registry.fetch_bundle(candidate.use_case, candidate.number, folder / "candidate")
        old = _fetched(registry, candidate.use_case, champion, folder / "champion")
        rows = distinct([*own_rows(new), *(own_rows(old) if old else ()), *more])
        return Known(rows, _predicted(new, rows), _predicted(old, rows) if old else {})


def own_rows(bundle: Path) -> tuple[Row, ...]:
    """The signature's examples and the training rows that explanations are told against."""
    examples = _signature(bundle).examples
    if not (bundle / BACKGROUND).is_file():
        return examples
    return (*examples, *read_document(bundle / BACKGROUND, Background, made_by="slipway run").rows)


def holdout_rows(path: Path, names: Sequence[str], dates: Collection[str] = ()) -> tuple[Row, ...]:
    """Some rows of a prepared holdout, the same ones each time; none where it is not on this machine."""
    import pandas as pd

    from slipway.training.rows import spelled

    if not path.is_file():
        return ()
    table = pd.read_parquet(path, columns=list(names))
    return spelled(table.sample(n=min(len(table), _HOLDOUT_ROWS), random_state=0), dates)


def _fetched(registry: Registry, use_case: str, number: int, into: Path) -> Path | None:
    try:
        version = numbered(registry.versions(use_case), use_case, number)
        return registry.fetch_bundle(use_case, version.number, into)
    except (VersionUnknown, BundleInvalid):
        return None


def _predicted(bundle: Path, rows: Sequence[Row]) -> dict[int, float]:
    """Position of each row that fits to what the model says of it."""
    import pandas as pd

    from slipway.training.onnx_scoring import score

    signature = _signature(bundle)
    own = own_rows(bundle)
    taken = [position for position, row in enumerate(rows) if row in own or fits(signature, row)]
    cells = {field.name: _cells(field, [rows[position] for position in taken]) for field in signature.inputs}
    names = [field.name for field in signature.inputs]
    said = score((bundle / MODEL).read_bytes(), pd.DataFrame(cells), names)
    return dict(zip(taken, (float(value) for value in said), strict=True))


def _cells(field: Field, rows: Sequence[Row]) -> Any:
    import numpy as np

    values = [row[field.name] for row in rows]
    if field.type == "date":
        return np.array([np.nan if value is None else day_number(str(value)) for value in values], np.float32)
    if field.type == "number":
        return np.array([np.nan if value is None else value for value in values], np.float32)
    return np.array([value or "" for value in values], object)


def _signature(bundle: Path) -> Signature:
    return read_document(bundle / SIGNATURE, Signature, made_by="slipway run")
