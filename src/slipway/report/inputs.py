"""The sections that say what went in: data, parameters, code."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from slipway.core.expectation import ExpectationResult, Severity, Validation
from slipway.core.record import Record
from slipway.report.figures import tiny
from slipway.report.text import bullets, counted, escape, fold, listing, paragraphs, table

_MOST_BREACHES = 20
_MOST_CHANGES = 60
_ABSENT = object()


def data_validation(validation: Validation | None, warnings: Sequence[ExpectationResult]) -> str:
    """Counts, and every expectation that was not met with rows that show it."""
    breaches = [*validation.errors, *validation.warnings] if validation else list(warnings)
    body = [_breach(b) for b in breaches[:_MOST_BREACHES]]
    if len(breaches) > _MOST_BREACHES:
        body.append(f"- {len(breaches) - _MOST_BREACHES:,} more in validation.json")
    return paragraphs("### Data", _counts(validation, breaches), "\n".join(body))


def _counts(validation: Validation | None, breaches: Sequence[ExpectationResult]) -> str:
    if validation is None:
        return (
            f"{counted(len(breaches), 'warning')} from validation." if breaches else "Validation found nothing amiss."
        )
    size = f"{counted(validation.rows, 'row')}, {counted(validation.columns, 'column')}"
    met = f"{len(validation.results) - len(breaches)} of {counted(len(validation.results), 'expectation')} met"
    return f"{size}; {met}, {counted(len(validation.errors), 'error')}, {counted(len(validation.warnings), 'warning')}."


def _breach(result: ExpectationResult) -> str:
    mark = "❌" if result.severity is Severity.ERROR else "⚠️"
    about = escape(result.column if result.column is not None else "table", limit=60)
    why = f" {escape(result.because.rstrip('.'))};" if result.because else ""
    seen = f"expected {escape(result.allowed)}; observed {escape(result.observed)}"
    examples = [f"  - {_example(e)}" for e in result.examples[:5]]
    return "\n".join([f"- {mark} **{about}**:{why} {seen}", *examples])


def _example(example: Mapping[str, str]) -> str:
    cells = [f"{escape(k, limit=40)} {escape(v, limit=60) or '(empty)'}" for k, v in example.items() if k != "row"]
    row = f"row {escape(example['row'], limit=20)}: " if "row" in example else ""
    return row + listing(cells, 8)


def parameters(params: Mapping[str, Any], previous: Mapping[str, Any] | None) -> str:
    """What differs from the parameters before, each by its dotted key."""
    if previous is None:
        return paragraphs("### Parameters", "There are no earlier parameters to compare with.")
    changes = changed(previous, params)
    rows = [(escape(key, limit=80), _value(before), _value(after)) for key, before, after in changes[:_MOST_CHANGES]]
    more = [f"{counted(len(changes) - _MOST_CHANGES, 'more change')}."] if len(changes) > _MOST_CHANGES else []
    body = table(("Parameter", "Before", "Now"), rows) if rows else "No parameter changed."
    return paragraphs("### Parameters", body, *more)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Dotted key, old and new value of every leaf that differs, in order of keys."""
    old, new = _leaves(before), _leaves(after)
    keys = sorted(old.keys() | new.keys())
    pairs = ((k, old.get(k, _ABSENT), new.get(k, _ABSENT)) for k in keys)
    return [(k, b, a) for k, b, a in pairs if _value(b) != _value(a) or type(b) is not type(a)]


def _leaves(tree: Any, path: str = "") -> dict[str, Any]:
    if isinstance(tree, Mapping):
        items = [(f"{path}.{key}" if path else str(key), value) for key, value in tree.items()]
    elif isinstance(tree, list | tuple) and any(isinstance(item, Mapping) for item in tree):
        items = [(f"{path}[{place}]", value) for place, value in enumerate(tree)]
    else:
        return {path: list(tree) if isinstance(tree, tuple) else tree}
    return {key: leaf for name, value in items for key, leaf in _leaves(value, name).items()}


def _value(value: Any) -> str:
    if value is _ABSENT:
        return "not set"
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str), limit=80)


def provenance(record: Record) -> str:
    """Commit, data and environment by which the decision can be made again."""
    evaluation, origin = record.evaluation, record.provenance
    uncommitted = ", with uncommitted changes" if origin.dirty else ""
    lines = [
        f"commit {_short(origin.commit)} on {escape(origin.branch, limit=80)}{uncommitted}",
        f"data {_short(evaluation.data_digest)}: {counted(evaluation.train_rows, 'training row')}, "
        f"{counted(evaluation.rows, 'holdout row')}",
        f"holdout {_short(evaluation.holdout_digest)}: {_uses(evaluation.incumbents.holdout_uses)}",
        f"model {_short(evaluation.model_digest)}, {escape(evaluation.estimator, limit=60)}; as ONNX it differs "
        f"from the fitted one by at most {tiny(evaluation.parity.largest_relative_difference)} "
        f"(allowed {tiny(evaluation.parity.tolerance)})",
        f"record {_short(record.digest)}, decided {escape(origin.decided_at, limit=40)}",
    ]
    return paragraphs("### Provenance", bullets(lines), fold("Environment", _environment(record)))


def _uses(before: int) -> str:
    if not before:
        return "its first decision"
    return f"used for {counted(before, 'decision')} before; it wears out with use"


def _environment(record: Record) -> str:
    origin = record.provenance
    versions = [f"{escape(name, limit=40)} {escape(v, limit=24)}" for name, v in sorted(origin.libraries.items())]
    return bullets([
        f"Python {escape(origin.python, limit=40)} on {escape(origin.platform, limit=80)}",
        f"requirements {_short(origin.requirements_digest)}, parameters {_short(record.evaluation.params_digest)}",
        listing(versions, 30) or "no libraries recorded",
    ])  # fmt: skip


def _short(digest: str) -> str:
    return f"<code>{escape(digest[:12])}</code>"
