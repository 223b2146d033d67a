"""What every stage has in common: its result is written down and told, whether it ends well or badly."""

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from slipway.core.errors import Interrupted, SlipwayError, WriteFailed
from slipway.core.stage_result import Outcome, StageResult
from slipway.ports import Notifier
from slipway.workspace.files import DISK_FULL, unwritable, write_document, write_text
from slipway.workspace.paths import Paths


def carry_out(stage: str, paths: Paths, notifier: Notifier, action: Callable[[], str | Outcome]) -> StageResult:
    """Run a stage's action, which returns its headline, or more than that.

    Raises:
        SlipwayError: whatever the action raised; anything unforeseen becomes one, with its traceback in a file.
    """
    started = time.monotonic()
    paths.result(stage).unlink(missing_ok=True)
    try:
        found = action()
    except BaseException as raised:
        error = _as_ours(raised, stage, paths)
        tell_failure(stage, paths, notifier, error, time.monotonic() - started)
        raise error from raised
    outcome = Outcome(headline=found) if isinstance(found, str) else found
    result = StageResult(
        use_case=paths.use_case,
        stage=stage,
        status="done",
        headline=outcome.headline,
        seconds=round(time.monotonic() - started, 3),
        verdict=outcome.verdict,
        links=outcome.links,
    )
    write_document(paths.result(stage), result)
    notifier.notify(result)
    return result


def tell_failure(stage: str, paths: Paths, notifier: Notifier, error: SlipwayError, seconds: float = 0.0) -> None:
    """Write down and tell a failure that the stage itself could not: it was killed, or had not begun."""
    failed = _failed(error, stage, paths.use_case, seconds)
    with suppress(WriteFailed):  # on a full disk, too, the first failure is the one to tell
        write_document(paths.result(stage), failed)
    notifier.notify(failed)


def _failed(error: SlipwayError, stage: str, use_case: str, seconds: float) -> StageResult:
    return StageResult(
        use_case=use_case,
        stage=stage,
        status="failed",
        headline=error.what,
        seconds=round(seconds, 3),
        cause=error.cause,
        next_step=error.next_step,
        exit_code=error.exit_code,
    )


def _as_ours(raised: BaseException, stage: str, paths: Paths) -> SlipwayError:
    if isinstance(raised, SlipwayError):
        return raised
    if isinstance(raised, KeyboardInterrupt):
        return Interrupted(
            f"{stage} of {paths.use_case} was interrupted",
            cause="Ctrl-C, or the terminal was closed",
            next_step="run the same command again; it picks up where it stopped",
        )
    if isinstance(raised, MemoryError):
        return SlipwayError(
            f"{stage} of {paths.use_case} ran out of memory",
            cause="the table is larger than this machine can hold",
            next_step="run it on a machine with more memory",
        )
    if isinstance(raised, OSError) and raised.errno in DISK_FULL:
        return unwritable(Path(raised.filename or paths.data), raised)
    trace = paths.local / "logs" / f"{stage}.traceback.txt"
    write_text(trace, "".join(traceback.format_exception(raised)))
    return SlipwayError(
        f"{stage} of {paths.use_case} failed unexpectedly: {type(raised).__name__}: {raised}",
        cause="a mistake in the use case's own code, or in Slipway",
        next_step=f"the traceback is in {trace}",
    )
