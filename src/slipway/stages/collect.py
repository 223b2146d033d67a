"""collect: the source of the data becomes a file."""

from typing import TYPE_CHECKING

from slipway.core.errors import DataUnfit, SlipwayError, SourceUnavailable
from slipway.core.use_case import UseCase
from slipway.workspace.files import write_frame
from slipway.workspace.paths import Paths

if TYPE_CHECKING:
    import pandas as pd


def collect(use_case: UseCase, paths: Paths) -> str:
    """Fetch the raw table and write it to ``paths.raw``; the headline says how large it is.

    Raises:
        SourceUnavailable: the use case's own ``collect`` failed, or gave something that is no table.
        DataUnfit: the table is empty or lacks the target.
    """
    frame = _fetched(use_case, paths)
    _refuse_unfit(use_case, frame)
    _write(use_case, paths, frame)
    return f"{len(frame):,} rows, {len(frame.columns)} columns"


def _fetched(use_case: UseCase, paths: Paths) -> "pd.DataFrame":
    import pandas as pd

    try:
        frame = use_case.collect(paths.root)
    except SlipwayError:
        raise
    except Exception as error:
        raise _unavailable(use_case, f"{type(error).__name__}: {_first_line(error)}") from error
    if not isinstance(frame, pd.DataFrame):
        raise _unavailable(use_case, f"it returned a {type(frame).__name__}, not a table")
    return frame


def _refuse_unfit(use_case: UseCase, frame: "pd.DataFrame") -> None:
    if frame.empty:
        raise DataUnfit(
            f"the source of {use_case.name} gave an empty table",
            cause="the source has no rows for this question, or its answer was misread",
            next_step=f"look at what collect returns in src/use_cases/{use_case.name}; `dvc checkout` brings the last "
            "good table back",
        )
    if use_case.target not in frame.columns:
        raise DataUnfit(
            f"the source of {use_case.name} gave no column {use_case.target!r}, which is to be predicted",
            cause=f"it was renamed at the source; there are {', '.join(map(str, frame.columns))}",
            next_step=f"mend collect, or the target, in src/use_cases/{use_case.name}",
        )


def _write(use_case: UseCase, paths: Paths, frame: "pd.DataFrame") -> None:
    from pyarrow.lib import ArrowException

    try:
        write_frame(paths.raw, frame)
    except (ArrowException, ValueError, TypeError) as error:
        raise _unavailable(use_case, f"its table cannot be written as Parquet: {_first_line(error)}") from error


def _unavailable(use_case: UseCase, reason: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"the source of {use_case.name} gave nothing usable: {reason}",
        cause="the source cannot be reached, has changed, or a package it needs is not installed",
        next_step=f"mend src/use_cases/{use_case.name}/source, then run `slipway collect {use_case.name}`",
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:300]
