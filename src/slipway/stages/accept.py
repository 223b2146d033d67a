"""accept: somebody says that the data is as it should be; later data is held to it."""

from contextlib import suppress

from slipway.core.accepted import AcceptedData
from slipway.core.errors import DataMissing
from slipway.workspace.files import file_digest, read_document, read_frame, write_document
from slipway.workspace.paths import Paths


def accept(paths: Paths) -> str:
    """Put the raw table at hand down in outline, in the use case's folder; says what was done.

    Raises:
        DataMissing: there is no raw table, or it cannot be read.
        WriteFailed: the outline could not be written; the old one is left.
    """
    from slipway.data.accepted import outline

    frame = read_frame(paths.raw, made_by=f"slipway collect {paths.use_case}")
    accepted = outline(frame, use_case=paths.use_case, data_digest=file_digest(paths.raw))
    where = paths.accepted.relative_to(paths.root)
    if _known(paths) == accepted:
        return f"{where} is of this table already"
    write_document(paths.accepted, accepted)
    return f"{where} is of this table now, {accepted.rows:,} rows: commit it"


def _known(paths: Paths) -> AcceptedData | None:
    with suppress(DataMissing):
        return read_document(paths.accepted, AcceptedData, made_by=f"slipway accept {paths.use_case}")
    return None
