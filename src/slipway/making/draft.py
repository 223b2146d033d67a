"""The decisions that make a use case of a table."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from slipway.core.errors import DataUnfit
from slipway.core.task import Task
from slipway.core.use_case import Categorical, Feature, Numeric
from slipway.making.columns import Finding, Kind, as_numbers, look_at
from slipway.making.naming import column_names, unit_of

FEWEST_ROWS = 100
FEWEST_OF_A_CLASS = 20
MOST_SLICES = 4
MOST_SLICE_VALUES = 8


@dataclass(frozen=True)
class Request:
    """What the person asked for; None where the table is to decide."""

    name: str
    task: Task
    target: str | None = None
    key: tuple[str, ...] = ()
    positive: str | None = None


@dataclass(frozen=True)
class Draft:
    """A use case before it is written down. Columns go by their snake_case names.

    Attributes:
        headers: each column that is used, from the header in the file to its name.
        left_out: each header that is not used, and why.
        table: the columns that are used: numbers as float or int, the rest as str, None where missing; rows
            without an outcome are gone.
        dropped: how many these were.
    """

    name: str
    task: Task
    target: str
    positive: str | None
    key: tuple[str, ...]
    identifier: str | None
    features: tuple[Feature, ...]
    slices: tuple[str, ...]
    headers: Mapping[str, str]
    left_out: Mapping[str, str]
    table: pd.DataFrame
    dropped: int

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(name for name in self.table.columns if pd.api.types.is_numeric_dtype(self.table[name]))

    @property
    def positives(self) -> pd.Series:
        """Whether each row is of the positive class; all False where there are no classes."""
        return self.table[self.target] == (self.positive or "")

    @property
    def categories(self) -> tuple[str, ...]:
        """Columns with a list of values: categorical features, and the classes."""
        features = tuple(f.name for f in self.features if isinstance(f, Categorical))
        return features if self.positive is None else (*features, self.target)


def draft(request: Request, cells: pd.DataFrame, *, origin: str, decimal: str = ".") -> Draft:
    """Decide what is predicted from what.

    Args:
        cells: str with None for missing, under the file's own headers.
        origin: what the table is called in messages.

    Raises:
        DataUnfit: a column that was asked for is not there, the target does not fit the task, or too little is left.
    """
    names = column_names(cells.columns)
    target = _header(request.target, names, origin) if request.target else str(cells.columns[-1])
    known = cells[cells[target].notna()].reset_index(drop=True)
    _require_rows(known, origin, target)
    outcome, positive = _OUTCOMES[request.task](known[target], target, request, decimal)
    asked = tuple(_header(header, names, origin) for header in request.key)
    findings = {h: look_at(names[h], known[h], decimal) for h in known.columns if h != target}
    roles = _roles(findings, asked, origin)
    used = list(dict.fromkeys([*roles.key, *roles.features]))
    converted = {names[h]: _converted(known[h], roles.features.get(h), decimal) for h in used}
    table = pd.DataFrame(converted | {names[target]: outcome})
    features = tuple(_feature(header, names[header], kind) for header, kind in roles.features.items())
    return Draft(
        name=request.name,
        task=request.task,
        target=names[target],
        positive=positive,
        key=tuple(names[header] for header in roles.key or roles.features),
        identifier=names[roles.identifier] if roles.identifier is not None else None,
        features=features,
        slices=_slices(table, features),
        headers={header: names[header] for header in (*used, target)},
        left_out=roles.left_out,
        table=table,
        dropped=len(cells) - len(known),
    )


@dataclass(frozen=True)
class _Roles:
    """What each header is for; ``identifier`` is a key that nobody asked for."""

    key: tuple[str, ...]
    identifier: str | None
    features: Mapping[str, Kind]
    left_out: Mapping[str, str]


def _roles(findings: Mapping[str, Finding], asked: tuple[str, ...], origin: str) -> _Roles:
    """A column of the key is no feature, unless it is one category among several columns."""
    kinds = {header: finding.kind for header, finding in findings.items()}
    features = {h: k for h, k in kinds.items() if k is Kind.CATEGORY or (k is Kind.NUMBER and h not in asked)}
    features = {h: k for h, k in features.items() if asked != (h,)}
    if not features:
        reasons = "; ".join(
            f"{header!r}: {finding.reason or 'identifies rows'}" for header, finding in findings.items()
        )
        raise _unfit(f"no column of {origin} can be learned from", reasons or "there is none", "add other columns")
    found = [header for header, kind in kinds.items() if kind is Kind.IDENTIFIER and header not in asked]
    key = asked or tuple(found[:1])
    left_out = {h: findings[h].reason for h, kind in kinds.items() if kind is Kind.LEFT_OUT and h not in key}
    left_out |= {header: "identifies rows, as the key does" for header in found if header not in key}
    return _Roles(key, None if asked or not found else found[0], features, left_out)


def _header(wanted: str, names: Mapping[str, str], origin: str) -> str:
    """The header that a person means by itself or by its snake_case name."""
    meant = {name: header for header, name in names.items()} | {header: header for header in names}
    if wanted in meant:
        return meant[wanted]
    close = difflib.get_close_matches(wanted, list(names), n=1)
    raise _unfit(
        f"{origin} has no column {wanted!r}" + (f"; did you mean {close[0]!r}?" if close else ""),
        "the name is misspelt",
        f"choose one of {', '.join(map(repr, names))}",
    )


def _require_rows(known: pd.DataFrame, origin: str, target: str) -> None:
    if len(known) < FEWEST_ROWS:
        raise _unfit(
            f"{origin} has {len(known)} rows with a value in {target!r}; at least {FEWEST_ROWS} are needed",
            "the table is a sample, or the wrong column is the target",
            "export more rows, or name another column with --target",
        )


def _classes(column: pd.Series, header: str, request: Request, decimal: str) -> tuple[pd.Series, str | None]:
    """The column as it is, and the class to predict: the one asked for, or the rarer of two."""
    counts = column.value_counts()
    shown = ", ".join(f"{value!r} ({count})" for value, count in counts.head(6).items())
    if len(counts) < 2:
        raise _unfit(f"every row has {header!r} = {shown}", "the export was filtered", "choose another target")
    if request.positive is not None and request.positive not in counts:
        raise _unfit(f"{header!r} is never {request.positive!r}", "the value is misspelt", f"choose one of {shown}")
    if request.positive is None and len(counts) > 2:
        number = as_numbers(column, decimal) is not None and len(counts) > 10
        raise _unfit(
            f"{header!r} has {len(counts)} classes: {shown}{', …' if len(counts) > 6 else ''}",
            "it looks like a number" if number else "a classification here tells one class from the rest",
            "use --task regression"
            if number
            else "say which class is to be told from the others with --positive VALUE",
        )
    positive = request.positive or str(counts.index[-1])
    rarer = min(counts[positive], len(column) - counts[positive])
    if rarer < FEWEST_OF_A_CLASS:
        raise _unfit(
            f"only {rarer} rows tell {header!r} = {positive!r} from the rest; at least {FEWEST_OF_A_CLASS} are needed",
            "the class is too rare in this table",
            "export more rows, or choose another class with --positive VALUE",
        )
    return column, positive


def _values(column: pd.Series, header: str, request: Request, decimal: str) -> tuple[pd.Series, str | None]:
    if request.positive is not None:
        raise _unfit("--positive names a class", "a regression has no classes", "leave it out")
    numbers = as_numbers(column, decimal)
    if numbers is None:
        wrong = column[pd.to_numeric(column.str.replace(decimal, "."), errors="coerce").isna()]
        such = f"{len(wrong)} of {len(column)} values, such as {', '.join(map(repr, wrong.unique()[:3]))}"
        raise _unfit(
            f"{header!r} is not a number in {such}",
            "the column holds words, units or signs",
            "mend the file, name another column with --target, or use --task classification",
        )
    if numbers.nunique() < 3:
        raise _unfit(
            f"{header!r} has {numbers.nunique()} different values only",
            "it is constant, or a yes-or-no answer",
            "name another column with --target, or use --task classification",
        )
    return numbers, None


_OUTCOMES = {Task.CLASSIFICATION: _classes, Task.REGRESSION: _values}


def _converted(column: pd.Series, kind: Kind | None, decimal: str) -> pd.Series:
    numbers = as_numbers(column, decimal) if kind is Kind.NUMBER else None
    return column if numbers is None else numbers


def _feature(header: str, name: str, kind: Kind) -> Feature:
    described = "" if header == name else header
    return Numeric(name, unit_of(header), described) if kind is Kind.NUMBER else Categorical(name, described)


def _slices(table: pd.DataFrame, features: Sequence[Feature]) -> tuple[str, ...]:
    few = [f.name for f in features if isinstance(f, Categorical) and 2 <= table[f.name].nunique() <= MOST_SLICE_VALUES]
    return tuple(few[:MOST_SLICES])


def _unfit(what: str, cause: str, next_step: str) -> DataUnfit:
    return DataUnfit(what, cause=cause, next_step=next_step)
