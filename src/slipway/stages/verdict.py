"""Whether a candidate may go on, read off what its stages left behind."""

from collections.abc import Iterable

from slipway.core.errors import CandidateRejected, SlipwayError, StageFailed
from slipway.core.evaluation import Decision
from slipway.core.record import Record
from slipway.core.stage_result import StageResult
from slipway.workspace.files import read_document
from slipway.workspace.paths import Paths

STAGES = ("collect", "validate", "prepare", "train", "incumbents", "evaluate", "image", "register")


def verdict(paths: Paths) -> str:
    """The verdict in one line.

    Raises:
        StageFailed: a stage failed, told in its words and with its exit code; or nothing says how it ended.
        CandidateRejected: the gates refused the candidate.
    """
    failed = first_failure(results(paths))
    if failed is not None:
        raise _failure(failed)
    record = read_or_none(paths)
    if record is None:
        raise StageFailed(
            f"there is no verdict on {paths.use_case}",
            cause="its stages ended without a word: the machine was stopped, or the command did not start",
            next_step=f"read the log of the run, or run `slipway run {paths.use_case} --until evaluate` here",
        )
    decided = record.evaluation.verdict
    said = f"{paths.use_case}: {decided.decision.value}: {'; '.join(decided.reasons[:3])}"
    if decided.decision is Decision.REJECT:
        raise CandidateRejected(
            f"the candidate of {paths.use_case} was rejected: {next(iter(decided.reasons), 'no reason was given')}",
            cause="; ".join(decided.reasons[1:4]) or "the gates in params.yaml ask for more than it reaches",
            next_step="read the report of the run; the champion is where it was",
        )
    return said


def results(paths: Paths) -> tuple[StageResult, ...]:
    """The last result of each stage on this machine, in the order of stages; unreadable ones are left out."""
    return tuple(found for found in (_result(paths, stage) for stage in STAGES) if found is not None)


def first_failure(found: Iterable[StageResult]) -> StageResult | None:
    """The first stage that failed."""
    return next((result for result in found if result.status == "failed"), None)


def read_or_none(paths: Paths) -> Record | None:
    """The record of the decision, where there is a whole one."""
    try:
        return read_document(paths.record, Record, made_by="")
    except SlipwayError:
        return None


def _failure(result: StageResult) -> StageFailed:
    failed = StageFailed(
        f"{result.stage} of {result.use_case} failed: {result.headline}",
        cause=result.cause or "it did not say",
        next_step=result.next_step or "read the log of the run",
    )
    failed.exit_code = result.exit_code or StageFailed.exit_code
    return failed


def _result(paths: Paths, stage: str) -> StageResult | None:
    try:
        return read_document(paths.result(stage), StageResult, made_by="")
    except SlipwayError:
        return None
