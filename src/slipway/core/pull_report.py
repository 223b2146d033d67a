"""All that is told of a pull request: the document ``report.json``. It also comes from forks, so it is bounded."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from slipway.core.changes import DataChanges
from slipway.core.expectation import Validation
from slipway.core.measured import ImageFigures
from slipway.core.record import Record
from slipway.core.stage_result import StageResult
from slipway.core.value import Value

MOST_USE_CASES = 1_000
LONGEST_TEXT = 20_000
LONGEST_LIST = 20_000
LARGEST_COUNT = 10**15
DEEPEST = 40

Line = Annotated[str, Field(max_length=400)]
LINK = r"^(https?://[A-Za-z0-9.:/_-]{1,390})?$"
Link = Annotated[str, Field(pattern=LINK)]


class Dossier(Value):
    """What there is about one use case; None where its file was not there to be gathered.

    Attributes:
        reasons: why the change affects it, in words.
        results: the last result of each stage, in the order of stages.
        previous_params: its section of params.yaml at the base; None where it had none.
    """

    use_case: Line
    reasons: Annotated[tuple[str, ...], Field(max_length=LONGEST_LIST)] = ()
    results: Annotated[tuple[StageResult, ...], Field(max_length=100)] = ()
    record: Record | None = None
    validation: Validation | None = None
    changes: DataChanges | None = None
    previous_params: dict[str, Any] | None = None
    image: ImageFigures | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> "Dossier":
        """Records and validations have no bounds at home; from a stranger they have an end."""
        _bound(self, DEEPEST)
        return self


class PullReport(Value):
    """One pull request, all use cases that it affects.

    Attributes:
        base, head: commits compared; "unknown" outside a repository.
        run_url: the page of the run that holds the whole report as an artifact; "" where there is none.
        made_at: UTC, ISO 8601.
        price: USD that a minute of a runner costs.
        removed: use cases that the base has and the head has not.
    """

    schema_version: Literal[1] = 1
    base: Line
    head: Line
    run_url: Link = ""
    made_at: Line
    price: Annotated[float, Field(ge=0, le=1_000)]
    dossiers: Annotated[tuple[Dossier, ...], Field(max_length=MOST_USE_CASES)] = ()
    removed: Annotated[tuple[Line, ...], Field(max_length=MOST_USE_CASES)] = ()


def _bound(value: object, depth: int) -> None:
    if depth == 0:
        raise ValueError(f"nesting of at most {DEEPEST} levels")
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ValueError(f"texts of at most {LONGEST_TEXT} characters")
    if isinstance(value, int) and abs(value) > LARGEST_COUNT:
        raise ValueError(f"counts of at most {LARGEST_COUNT}")
    for part in _parts(value):
        _bound(part, depth - 1)


def _parts(value: object) -> list[object]:
    if isinstance(value, Value):
        return list(value.__dict__.values())
    parts = [*value, *value.values()] if isinstance(value, Mapping) else value
    if not isinstance(parts, list | tuple):
        return []
    if len(parts) > LONGEST_LIST:
        raise ValueError(f"lists of at most {LONGEST_LIST} entries")
    return list(parts)
