"""A draft as the files of a use case."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from slipway.core.task import Task
from slipway.core.use_case import Feature, Numeric
from slipway.making.csv_text import MISSING, Sheet
from slipway.making.draft import Draft
from slipway.making.literals import lines, mapping, number, sequence, text
from slipway.making.naming import READ_BY_YAML
from slipway.making.suite import believable, gap_allowed, share_allowed

_FEW_ROWS = 2_000
_PARAMS = {
    Task.CLASSIFICATION: "params_classification.yaml.tmpl",
    Task.REGRESSION: "params_regression.yaml.tmpl",
}
_ALWAYS_SAID = (
    "between",
    "column_exists",
    "missing_share_at_most",
    "of_type",
    "one_of",
    "only_columns",
    "row_count_between",
)


@dataclass(frozen=True)
class Rendered:
    """Texts by file name: what goes into the folder, the generated tests, and the section of params.yaml."""

    code: Mapping[str, str]
    tests: str
    params: str


def render(draft: Draft, *, origin: str, source: str) -> Rendered:
    """Write a draft down; ``source`` is the text of source/__init__.py."""
    code = {
        "__init__.py": _use_case(draft),
        "source/__init__.py": source,
        "expectations.py": _expectations(draft, origin),
    }
    return Rendered(code, _fill("test_use_case.py.tmpl", name=draft.name), _params(draft))


def csv_source(draft: Draft, sheet: Sheet) -> str:
    """The source/__init__.py that reads a CSV file the way it was understood."""
    missing = f"\n    Rows without an outcome are dropped; there were {draft.dropped:,}.\n    " if draft.dropped else ""
    return _fill(
        "csv_source.py.tmpl",
        name=draft.name,
        origin=_quotable(sheet.file),
        missing=sequence([text(token) for token in MISSING], before=len("MISSING = ")),
        columns=mapping({header: text(name) for header, name in draft.headers.items()}),
        left_out=_left_out(draft),
        numbers=_names(draft.numbers, before=len("NUMBERS = ")),
        rows=f"{len(draft.table):,} rows, {len(draft.table.columns)} columns",
        dropped=f"\n{missing}" if missing else "",
        separator=text(sheet.separator),
        encoding=text(sheet.encoding),
        returned=_returned(draft),
        plain_numbers="column" if sheet.decimal == "." else f'column.str.replace({text(sheet.decimal)}, ".")',
    )


def sample_source(task: Task) -> str:
    """The source/__init__.py that makes a table up."""
    return files("slipway.making.samples").joinpath(f"{task}.py").read_text(encoding="utf-8")


def _use_case(draft: Draft) -> str:
    features = [_feature(feature) for feature in draft.features]
    positive = "" if draft.positive is None else f"    positive={text(draft.positive)},\n"
    return _fill(
        "use_case.py.tmpl",
        name=draft.name,
        title=_title(draft),
        title_text=text(_title(draft)),
        task=draft.task.name,
        target=text(draft.target),
        positive=positive,
        feature_kinds=", ".join(sorted({type(feature).__name__ for feature in draft.features})),
        features="(\n" + lines((f"{feature}," for feature in features), 4) + "\n)",
        key=_names(draft.key, indent=4, before=len("key=,")),
    )


def _expectations(draft: Draft, origin: str) -> str:
    table, numbers = draft.table, draft.numbers
    others = [name for name in table.columns if name not in (*draft.categories, *numbers)]
    further = _further(draft)
    imports = sorted({*_ALWAYS_SAID, *(call.partition("(")[0] for call in further)})
    gaps = {name: gap_allowed(table[name]) for name in table.columns}
    return _fill(
        "expectations.py.tmpl",
        rows=f"{len(table):,}",
        origin=_quotable(origin),
        imports="(\n" + "".join(f"    {name},\n" for name in imports) + ")",
        categories=mapping({name: _values(draft, name) for name in draft.categories}),
        believable=mapping({name: _range(believable(table[name])) for name in numbers}),
        seen=mapping({name: _range((table[name].min(), table[name].max())) for name in numbers}),
        gaps=mapping({name: number(share) for name, share in gaps.items() if share}),
        other_columns="".join(f", {text(name)}" for name in others),
        fewest_rows=f"{len(table) // 2:_}" if len(table) >= 20_000 else str(len(table) // 2),
        further="".join(f"        {call},\n" for call in further),
    )


def _further(draft: Draft) -> list[str]:
    calls = []
    if draft.identifier is not None:
        calls.append(f'unique({text(draft.identifier)}, because="it identifies a row")')
    if draft.positive is not None:
        low, high = share_allowed(float(draft.positives.mean()))
        shares = [text(draft.target), text(draft.positive), number(low), number(high)]
        because = 'because="far from what it was, the label is suspect"'
        calls.append(sequence([*shares, because], indent=8, before=1, name="class_share_between"))
    return calls


def _params(draft: Draft) -> str:
    few = len(draft.table) < _FEW_ROWS
    share = float(draft.positives.mean())
    return _fill(
        _PARAMS[draft.task],
        name=draft.name,
        leaves="8" if few else "15",
        child_samples="10" if few else "20",
        threshold=f"{min(max(share, 0.01), 0.99):.2f}",
        slices=f"[{', '.join(map(_yaml, draft.slices))}]",
    )


def _yaml(name: str) -> str:
    return f'"{name}"' if name in READ_BY_YAML else name


def _quotable(origin: str) -> str:
    """A file's name as a docstring can hold it."""
    return re.sub(r"[^\w .()-]", "_", origin)[:80]


def _feature(feature: Feature) -> str:
    unit = [feature.unit] if isinstance(feature, Numeric) and (feature.unit or feature.description) else []
    described = [feature.description] if feature.description else []
    arguments = [text(value) for value in [feature.name, *unit, *described]]
    return sequence(arguments, indent=4, before=1, name=type(feature).__name__)


def _values(draft: Draft, name: str) -> str:
    values = [text(value) for value in sorted(draft.table[name].dropna().unique())]
    return sequence(values, indent=4, before=len(text(name)) + len(": ,"))


def _range(bounds: tuple[float, float]) -> str:
    return f"({number(bounds[0])}, {number(bounds[1])})"


def _names(names: Iterable[str], *, indent: int = 0, before: int = 0) -> str:
    return sequence([text(name) for name in names], indent=indent, before=before)


def _left_out(draft: Draft) -> str:
    if not draft.left_out:
        return ""
    rows = [f"#   {text(header)}: {reason}" for header, reason in draft.left_out.items()]
    return "# Left out:\n" + lines(rows, 0) + "\n"


def _returned(draft: Draft) -> str:
    converted = "pd.DataFrame({name: numbers(cells[name]) if name in NUMBERS else cells[name] for name in cells})"
    if not draft.dropped:
        return f"return {converted}"
    target = text(draft.target)
    known = f"table.dropna(subset={target}, ignore_index=True) if {target} in table else table"
    return f"table = {converted}\n    return {known}"


def _title(draft: Draft) -> str:
    return f"{draft.name.replace('_', ' ').capitalize()}: {draft.target.replace('_', ' ')}"


def _fill(template: str, **values: str) -> str:
    path = files("slipway.making").joinpath("templates", template)
    return Template(path.read_text(encoding="utf-8")).substitute(values)
