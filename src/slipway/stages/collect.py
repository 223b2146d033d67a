"""collect: the source of the data becomes a file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slipway.core.errors import DataUnfit, SlipwayError, SourceUnavailable
from slipway.core.source import Errand, Source
from slipway.core.use_case import UseCase
from slipway.workspace.files import write_bytes, write_frames
from slipway.workspace.paths import Paths

if TYPE_CHECKING:
    import pandas as pd


def collect(
    use_case: UseCase,
    paths: Paths,
    variables: Mapping[str, str] | None = None,
    *,
    tell: Callable[[str], None] = lambda line: None,
    now: datetime | None = None,
) -> str:
    """Fetch the raw table and write it to ``paths.raw``; the headline says how large it is.

    Args:
        variables: of the environment; a source is handed those that it names and that are not empty.
        tell: is told how far the source is.
        now: what the source takes for the present, by default the present.

    Raises:
        SourceUnavailable: the use case's own ``collect`` failed, or gave something that is no table.
        DataUnfit: the table is empty or lacks the target.
    """
    source = as_source(use_case)
    handed = {v.name: value for v in source.variables if (value := (variables or {}).get(v.name, "").strip())}
    errand = Errand(
        root=paths.root,
        kept=paths.kept,
        keep=lambda name, content: write_bytes(paths.kept / name, content),
        variables=handed,
        now=now or datetime.now(UTC),
        tell=tell,
    )
    hidden = [handed[name] for name in source.secrets if name in handed]
    seen = _Seen()
    _write(use_case, paths, seen.all_of(use_case, _pieces(use_case, source, errand, hidden)))
    return f"{seen.rows:,} rows, {seen.columns} columns"


def as_source(use_case: UseCase) -> Source:
    """A use case's source; a plain function is one that needs the root alone."""
    collect = use_case.collect
    return collect if isinstance(collect, Source) else Source(lambda errand: collect(errand.root))


def _pieces(use_case: UseCase, source: Source, errand: Errand, hidden: Sequence[str]) -> "Iterator[pd.DataFrame]":
    """What the source gives, piece by piece; whatever it raises is ours, and without its secrets."""
    import pandas as pd

    with _as_ours(use_case, hidden):
        found = source.fetch(errand)
        whole = isinstance(found, pd.DataFrame) or not isinstance(found, Iterator)
        for piece in [found] if whole else found:
            if not isinstance(piece, pd.DataFrame):
                raise _unavailable(use_case, f"it returned a {type(piece).__name__}, not a table")
            yield piece


@contextmanager
def _as_ours(use_case: UseCase, hidden: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except (SlipwayError, GeneratorExit):
        raise
    except Exception as error:
        said = _first_line(error)
        for secret in hidden:
            said = said.replace(secret, "***")
        # an exception that may hold a secret is not chained: a traceback shows all of it
        raise _unavailable(use_case, f"{type(error).__name__}: {said}") from (None if hidden else error)


class _Seen:
    """Counts what goes by, and refuses a table that nothing can be learned from before it takes the old one's place."""

    rows = 0
    columns = 0

    def all_of(self, use_case: UseCase, pieces: "Iterable[pd.DataFrame]") -> "Iterator[pd.DataFrame]":
        for piece in pieces:
            self.columns = len(piece.columns)
            if len(piece):
                _refuse_without_target(use_case, piece)
                self.rows += len(piece)
                yield piece
        if self.rows == 0:
            raise _empty(use_case)


def _empty(use_case: UseCase) -> DataUnfit:
    return DataUnfit(
        f"the source of {use_case.name} gave an empty table",
        cause="the source has no rows for this question, or its answer was misread",
        next_step=f"look at what collect returns in src/use_cases/{use_case.name}; `dvc checkout` brings the last "
        "good table back",
    )


def _refuse_without_target(use_case: UseCase, frame: "pd.DataFrame") -> None:
    if use_case.target not in frame.columns:
        raise DataUnfit(
            f"the source of {use_case.name} gave no column {use_case.target!r}, which is to be predicted",
            cause=f"it was renamed at the source; there are {', '.join(map(str, frame.columns))}",
            next_step=f"mend collect, or the target, in src/use_cases/{use_case.name}",
        )


def _write(use_case: UseCase, paths: Paths, pieces: "Iterator[pd.DataFrame]") -> None:
    from pyarrow.lib import ArrowException

    try:
        write_frames(paths.raw, pieces)
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
