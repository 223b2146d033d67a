"""What valid data looks like, said without naming the library that checks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from slipway.core.value import Value


class Severity(StrEnum):
    """An error stops the pipeline, a warning is reported."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Expectation:
    """One statement about a table, in the vocabulary of Great Expectations.

    Attributes:
        kind: the expectation's snake_case name, such as ``expect_column_values_to_be_between``.
        column: the column it is about; None for statements about the whole table.
        arguments: the expectation's own arguments, such as ``{"min_value": 0}``.
        severity: whether a breach stops the pipeline.
        formula: a ``DataFrame.eval`` expression that makes ``column`` out of other columns, for relations
            between them; the column then exists only during validation.
        per: a column of groups: what the formula gives is divided by the median of its row's group.
        because: the sentence a person reads when it fails.
    """

    kind: str
    column: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    formula: str | None = None
    because: str = ""
    per: str | None = None


class ExpectationResult(Value):
    """What came of one expectation.

    Attributes:
        observed: what was seen, in words or figures, such as ``"3 of 7043 values (0.04 %)"``.
        allowed: what was expected, in words, such as ``"between 0 and 100"``.
        examples: up to five offending rows, each a mapping of column name to value as text, with the row's
            position in the table under ``"row"``.
    """

    kind: str
    column: str | None
    severity: Severity
    passed: bool
    allowed: str
    observed: str
    because: str = ""
    examples: tuple[dict[str, str], ...] = ()


class Validation(Value):
    """The result of holding a table to its suite: the document ``validation.json``."""

    schema_version: int = 1
    use_case: str
    rows: int
    columns: int
    data_digest: str
    results: tuple[ExpectationResult, ...]

    @property
    def errors(self) -> tuple[ExpectationResult, ...]:
        return tuple(r for r in self.results if not r.passed and r.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[ExpectationResult, ...]:
        return tuple(r for r in self.results if not r.passed and r.severity is Severity.WARNING)
