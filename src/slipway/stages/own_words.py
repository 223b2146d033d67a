"""What a stage said that ran in a process of its own."""

from slipway.core.errors import SlipwayError, StageFailed
from slipway.core.stage_result import StageResult
from slipway.workspace.files import read_document
from slipway.workspace.paths import Paths


def in_its_own_words(paths: Paths, stage: str, failure: StageFailed) -> StageFailed:
    """The failure as the stage told it, with its exit code; as it is where the stage could not say anything."""
    result = last_result(paths, stage)
    if result is None or result.status == "done":
        return failure
    told = StageFailed(result.headline, cause=result.cause, next_step=result.next_step)
    told.exit_code = result.exit_code
    return told


def last_result(paths: Paths, stage: str) -> StageResult | None:
    """The last result of a stage on this machine; None where there is none to read."""
    try:
        return read_document(paths.result(stage), StageResult, made_by="")
    except SlipwayError:
        return None
