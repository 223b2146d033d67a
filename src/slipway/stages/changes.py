"""What a branch changes in a raw table: whatever is not known of it is told, and fails nothing."""

import hashlib
from pathlib import Path

from slipway.core.changes import DataChanges
from slipway.core.errors import SlipwayError
from slipway.ports import Pipeline, VersionControl
from slipway.stages.base_commit import base_commit
from slipway.stages.pipeline_file import LOCK, raw_digests
from slipway.workspace.files import read_document, read_frame, write_document
from slipway.workspace.paths import Paths


def compare_data(paths: Paths, pipeline: Pipeline, vcs: VersionControl, reference: str) -> DataChanges:
    """Compare the raw table with the one where this branch left ``reference``; written to ``changes.json``.

    Raises:
        WriteFailed: the document could not be written.
    """
    found = _compared(paths, pipeline, vcs, reference)
    if not _is_written(paths, found):
        write_document(paths.changes, found)
    return found


def told(found: DataChanges) -> str:
    """In one line."""
    if not found.known:
        return f"what changed in the data of {found.use_case} is not known: {found.problem}"
    if found.same:
        return f"the data of {found.use_case} is as it was"
    columns = f"{len(found.added)} columns added, {len(found.removed)} removed, {len(found.retyped)} retyped"
    return f"{found.use_case}: {found.rows_before:,} rows before, {found.rows_after:,} now; {columns}"


def _compared(paths: Paths, pipeline: Pipeline, vcs: VersionControl, reference: str) -> DataChanges:
    base = base_commit(vcs, reference)
    if base.commit is None:
        return _unknown(paths, reference, base.words)
    digests = raw_digests(vcs.read(base.commit, LOCK) or "") or {}
    before = digests.get(paths.use_case)
    if before is None:
        return _unknown(paths, base.commit, "the base has no data of this use case yet")
    if not paths.raw.is_file():
        return _unknown(paths, base.commit, "the data of this change is not at hand: its collection failed")
    return _of_tables(paths, pipeline, base.commit, before)


def _of_tables(paths: Paths, pipeline: Pipeline, base: str, before: str) -> DataChanges:
    now = _md5(paths.raw)
    known = DataChanges(use_case=paths.use_case, reference=base, known=True, digest_before=before, digest_after=now)
    if before == now:
        return known
    earlier = _read(paths)
    if earlier is not None and earlier.known and _identity(earlier) == _identity(known):
        return earlier
    try:
        return _computed(paths, pipeline.kept_raw(paths.use_case, before), known)
    except SlipwayError as error:
        return _unknown(paths, base, f"{error.what}: {error.cause}")


def _computed(paths: Paths, kept: Path, known: DataChanges) -> DataChanges:
    from slipway.data.changes import changes

    name = paths.use_case
    before = read_frame(kept, made_by=f"dvc fetch collect@{name}")
    after = read_frame(paths.raw, made_by=f"slipway collect {name}")
    found = changes(before, after, use_case=name, reference=known.reference)
    digests = {"digest_before": known.digest_before, "digest_after": known.digest_after}
    return found.model_copy(update=digests)


def _unknown(paths: Paths, reference: str, problem: str) -> DataChanges:
    return DataChanges(use_case=paths.use_case, reference=reference, known=False, problem=problem)


def _identity(found: DataChanges) -> tuple[str, str, str]:
    return found.reference, found.digest_before, found.digest_after


def _read(paths: Paths) -> DataChanges | None:
    try:
        return read_document(paths.changes, DataChanges, made_by="")
    except SlipwayError:
        return None


def _is_written(paths: Paths, found: DataChanges) -> bool:
    return _read(paths) == found


def _md5(path: Path) -> str:
    """By which DVC knows a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
