"""Great Expectations as a validator: our expectations in its classes, its findings in our words, its HTML data docs."""

import logging
import os
import sysconfig
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from slipway.core.errors import SlipwayError, ToolFailed, UseCaseBroken
from slipway.core.expectation import Expectation, Severity, Validation
from slipway.data.breaches import (
    EXAMPLES,
    Outcome,
    columns_in_words,
    counted,
    mean_in_words,
    result_of,
    text_instead_of_numbers,
    wants_numbers,
)
from slipway.data.derived import Underivable, first_line, refuse_ambiguous, subject_of
from slipway.workspace.files import replacing_folder

RESULT_FORMAT = {
    "result_format": "SUMMARY",
    "partial_unexpected_count": EXAMPLES,
    "return_unexpected_index_query": False,
}
SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "warning"}


@dataclass(frozen=True)
class Statement:
    """One of our expectations, the table it is held against, and its place in the suite."""

    slot: int
    expectation: Expectation
    subject: pd.DataFrame | Underivable

    @property
    def is_derived(self) -> bool:
        return self.expectation.formula is not None


class GreatExpectationsValidator:
    """Checks a table with Great Expectations 1.x, offline and without its telemetry."""

    def validate(
        self, frame: pd.DataFrame, expectations: Sequence[Expectation], *, use_case: str, data_digest: str, docs: Path
    ) -> Validation:
        """Check every expectation and write data docs into ``docs``, starting at ``index.html``.

        Raises:
            UseCaseBroken: an expectation's kind, arguments or formula are not usable.
            WriteFailed: the data docs could not be written; the old ones are left.
            ToolFailed: Great Expectations is not installed, or gave up.
        """
        refuse_ambiguous(expectations)
        table = frame.set_axis(pd.RangeIndex(len(frame)))
        statements = [
            Statement(slot, expectation, subject_of(table, expectation))
            for slot, expectation in enumerate(expectations)
        ]
        with _contained():
            found = _run(table, statements, use_case, data_digest, docs)
        results = tuple(result_of(table, s.expectation, _outcome(s, found[s.slot])) for s in statements)
        return Validation(
            use_case=use_case, rows=len(frame), columns=len(frame.columns), data_digest=data_digest, results=results
        )


def _run(
    table: pd.DataFrame, statements: Sequence[Statement], use_case: str, data_digest: str, docs: Path
) -> dict[int, Any]:
    """Great Expectations' own result for every slot."""
    context = _context()
    tables = {
        use_case: (table, [s for s in statements if not s.is_derived]),
        f"{use_case} relations": (_derived(table, statements), [s for s in statements if s.is_derived]),
    }
    found: dict[int, Any] = {}
    for name, (subject, stated) in tables.items():
        if stated:
            found |= _hold(context, name, subject, stated, data_digest)
    _write_docs(context, docs)
    return found


def _context() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def _derived(table: pd.DataFrame, statements: Sequence[Statement]) -> pd.DataFrame:
    """All derived columns side by side."""
    columns = {
        str(s.expectation.column): s.subject.iloc[:, 0]
        for s in statements
        if s.is_derived and isinstance(s.subject, pd.DataFrame)
    }
    return pd.DataFrame(columns, index=table.index)


def _hold(context: Any, name: str, subject: pd.DataFrame, stated: Sequence[Statement], digest: str) -> dict[int, Any]:
    import great_expectations as gx

    batches = context.data_sources.add_pandas(name).add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=[_translated(s) for s in stated]))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=batches, suite=suite))
    result = definition.run(
        batch_parameters={"dataframe": subject},
        result_format=RESULT_FORMAT,
        run_id=gx.RunIdentifier(run_name=digest[:12] or None),
    )
    return {single.expectation_config.meta["slot"]: single for single in result.results}


def _translated(statement: Statement) -> Any:
    """The expectation as a class of Great Expectations; a red line about the column where it cannot be checked."""
    import great_expectations.expectations as gxe

    expectation, subject = statement.expectation, statement.subject
    kind = getattr(gxe, "".join(part.title() for part in expectation.kind.split("_")), None)
    if kind is None or not expectation.kind.startswith("expect_"):
        raise _unusable(f"there is no expectation of the kind {expectation.kind!r}", "the name is misspelt")
    settings: dict[str, Any] = {
        "severity": SEVERITIES[expectation.severity],
        "notes": expectation.because or None,
        "meta": {"slot": statement.slot},
    }
    if isinstance(subject, Underivable):
        return gxe.ExpectColumnToExist(column=subject.column, **settings)
    column = {} if expectation.column is None else {"column": expectation.column}
    try:
        return kind(**column, **expectation.arguments, **settings)
    except (TypeError, ValueError) as error:
        raise _unusable(
            f"{expectation.kind} on {expectation.column or 'the table'} cannot be used: {first_line(error)}",
            f"its arguments do not fit: {dict(expectation.arguments)}",
        ) from error


def _unusable(what: str, cause: str) -> UseCaseBroken:
    return UseCaseBroken(
        what,
        cause=cause,
        next_step="mend the use case's expectations; greatexpectations.io/expectations lists the kinds there are",
    )


def _outcome(statement: Statement, found: Any) -> Outcome:
    """What Great Expectations found, in our words."""
    expectation, subject = statement.expectation, statement.subject
    if isinstance(subject, Underivable):
        return Outcome(False, subject.reason)
    passed, result = bool(found.success), found.result
    if not passed and expectation.column is not None and wants_numbers(expectation):
        text = text_instead_of_numbers(subject[expectation.column])
        if text is not None:
            return text
    problem = _exception_message(found.exception_info)
    if problem is not None:
        return Outcome(False, f"cannot be checked: {problem}")
    if "unexpected_count" in result:
        return _of_values(expectation, subject, passed, result)
    return Outcome(passed, _aggregate(expectation, subject, passed, result), _all_wrong(expectation, subject, passed))


def _of_values(expectation: Expectation, subject: pd.DataFrame, passed: bool, result: Mapping[str, Any]) -> Outcome:
    looked_at = result["element_count"] - (result.get("missing_count") or 0)
    rows = tuple(int(row) for row in result.get("partial_unexpected_index_list") or ())
    return Outcome(passed, counted(expectation, subject, result["unexpected_count"], looked_at), rows[:EXAMPLES])


def _aggregate(expectation: Expectation, subject: pd.DataFrame, passed: bool, result: Mapping[str, Any]) -> str:
    value = result.get("observed_value")
    match expectation.kind:
        case "expect_column_to_exist":
            return "the column is there" if passed else "the column is missing"
        case "expect_table_columns_to_match_set":
            return columns_in_words(list(subject.columns), expectation.arguments["column_set"])
        case "expect_column_values_to_be_in_type_list":
            return f"the column is of type {value}"
        case "expect_table_row_count_to_be_between":
            return f"{value:,} rows"
        case "expect_column_mean_to_be_between":
            return mean_in_words(value)
    return str(value)


def _all_wrong(expectation: Expectation, subject: pd.DataFrame, passed: bool) -> tuple[int, ...]:
    """A column of the wrong type is wrong in every row."""
    if passed or expectation.kind != "expect_column_values_to_be_in_type_list":
        return ()
    return tuple(range(len(subject))[:EXAMPLES])


def _exception_message(info: Mapping[str, Any] | None) -> str | None:
    """The message of an expectation that raised: on its own, or of the first of its metrics that did."""
    entries = [info or {}, *(entry for entry in (info or {}).values() if isinstance(entry, Mapping))]
    raised = [entry for entry in entries if entry.get("raised_exception")]
    return str(raised[0].get("exception_message")).strip().split("\n", 1)[0][:200] if raised else None


def _write_docs(context: Any, docs: Path) -> None:
    with replacing_folder(docs) as folder:
        site = {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
        context.add_data_docs_site("docs", site)
        context.build_data_docs(site_names=["docs"])
        for page in folder.rglob("*.html"):
            _forget_machine(page)


def _forget_machine(page: Path) -> None:
    """Take this machine's folders out of tracebacks."""
    text = page.read_text(encoding="utf-8")
    for place in ("purelib", "stdlib"):
        text = text.replace(sysconfig.get_path(place), place)
    page.write_text(text, encoding="utf-8")


@contextmanager
def _contained() -> Iterator[None]:
    """Keep Great Expectations from writing to the terminal, and its failures from leaving as its own."""
    logger = logging.getLogger("great_expectations")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SlipwayError:
        raise
    except Exception as error:
        raise ToolFailed(
            f"Great Expectations gave up: {type(error).__name__}: {first_line(error)}",
            cause="it is not installed, or another version than the one Slipway is tested with",
            next_step="run `make setup` to install what requirements/run.txt names",
        ) from error
    finally:
        logger.setLevel(before)
