"""validate: the raw table is held to its suite; a breach of severity error stops the pipeline here."""

from collections.abc import Iterable

from slipway.core.errors import ValidationFailed
from slipway.core.expectation import ExpectationResult, Validation
from slipway.core.use_case import UseCase
from slipway.ports import Validator
from slipway.workspace.files import file_digest, read_frame, write_document
from slipway.workspace.paths import Paths

HEADLINE = 99
NAMED_ERRORS = 3


def validate(use_case: UseCase, paths: Paths, validator: Validator) -> str:
    """Write ``paths.validation`` and the data docs; the headline counts what held and names a warning.

    Raises:
        DataMissing: there is no raw table, or it cannot be read.
        ValidationFailed: an expectation of severity error is broken; the result is written all the same.
    """
    frame = read_frame(paths.raw, made_by=f"slipway collect {use_case.name}")
    validation = validator.validate(
        frame,
        use_case.expectations,
        use_case=use_case.name,
        data_digest=file_digest(paths.raw),
        docs=paths.docs,
    )
    write_document(paths.validation, validation)
    if validation.errors:
        raise _failure(validation, paths)
    return headline(validation)


def headline(validation: Validation) -> str:
    """Such as ``"99 expectations held, 1 warning: 22 rows repeat an earlier one"``, under a hundred characters."""
    warnings = validation.warnings
    held = f"{len(validation.results) - len(warnings)} expectations held"
    if not warnings:
        return held
    plural = "s" if len(warnings) > 1 else ""
    first = f"{warnings[0].column}: " if warnings[0].column else ""
    return _cut(f"{held}, {len(warnings)} warning{plural}: {first}{warnings[0].observed}")


def _cut(text: str) -> str:
    return text if len(text) <= HEADLINE else f"{text[: HEADLINE - 1]}…"


def _failure(validation: Validation, paths: Paths) -> ValidationFailed:
    errors = validation.errors
    named = _one_a_column(errors)[:NAMED_ERRORS]
    lines = [_told(result) for result in named]
    if len(errors) > len(named):
        lines.append(f"and {len(errors) - len(named)} more")
    count = f"{len(errors)} of {len(validation.results)} expectations"
    return ValidationFailed(
        f"the data of {validation.use_case} breaks {count}:\n" + "\n".join(f"  {line}" for line in lines),
        cause=named[0].because or "the source changed, or the table was damaged on its way here",
        next_step=f"open {paths.docs.relative_to(paths.root)}/index.html for all of them, then mend the source, or the "
        f"suite in src/use_cases/{validation.use_case}",
    )


def _one_a_column(errors: Iterable[ExpectationResult]) -> list[ExpectationResult]:
    """The first error of every column, in order: the others of a column mostly follow from it."""
    first: dict[str, ExpectationResult] = {}
    for error in errors:
        first.setdefault(error.column or error.kind, error)
    return list(first.values())


def _told(result: ExpectationResult) -> str:
    rows = "; ".join(_row(example) for example in result.examples)
    said = f"{result.column or 'the table'}: {result.kind} ({result.allowed}), but {result.observed}"
    return f"{said}; rows: {rows}" if rows else said


def _row(example: dict[str, str]) -> str:
    cells = ", ".join(f"{column}={value}" for column, value in example.items() if column != "row")
    return f"{example['row']} ({cells})"
