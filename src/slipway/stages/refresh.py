"""refresh: the source is asked anew; what is new and valid is kept for a pull request, all else leaves no trace."""

from contextlib import suppress

from slipway.core.changes import DataChanges
from slipway.core.errors import DataMissing, StageFailed
from slipway.ports import Pipeline, VersionControl
from slipway.stages.changes import compare_data
from slipway.stages.own_words import in_its_own_words
from slipway.workspace.paths import Paths

HEAD = "HEAD"


def refresh(paths: Paths, pipeline: Pipeline, vcs: VersionControl) -> DataChanges:
    """Fetch the raw table anew; a new one that is valid is brought to the remote and stays in the lock file.

    One that is the committed one, or not valid, leaves everything as it was. Killed anywhere and run again, it begins
    by undoing what the killed one did, and converges. What the source keeps is brought before, and pushed with the
    table.

    Returns:
        How the new table differs from the committed one.

    Raises:
        StageFailed: collect or validate failed; carries its words and its exit code.
        ToolFailed: the remote did not take the table, or does not give what the source keeps.
    """
    name = paths.use_case
    pipeline.go_back(name)
    with suppress(DataMissing):  # one that is lost everywhere is what a new one is welcome for
        pipeline.settle_raw(name)
    pipeline.settle_kept(name)
    pipeline.hold(name)
    try:
        _reproduce(paths, pipeline, "collect")
        found = compare_data(paths, pipeline, vcs, HEAD)
        if found.same:
            pipeline.go_back(name)
            return found
        _reproduce(paths, pipeline, "validate")
        pipeline.push_raw(name)
    except BaseException:
        pipeline.go_back(name)
        raise
    pipeline.let_go(name)
    return found


def headline(found: DataChanges) -> str:
    """In one line."""
    if found.same:
        return f"nothing new: the source of {found.use_case} gives the table that is committed"
    counted = f"{found.rows_before:,} rows before, {found.rows_after:,} now; " if found.known else ""
    return f"new data of {found.use_case}: {counted}valid, pushed, and named in dvc.lock: commit it"


def _reproduce(paths: Paths, pipeline: Pipeline, stage: str) -> None:
    try:
        pipeline.reproduce(stage, paths.use_case, force=stage == "collect")
    except StageFailed as failure:
        raise in_its_own_words(paths, stage, failure) from failure
