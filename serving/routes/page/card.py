"""The model card: what the decision record says of the model. Parts it does not have are left out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from serving.model.service import Service
from serving.routes.page.figures import figure, label
from serving.routes.page.markup import Child, Html, tag

_SHORT = 12
_MARKS = {"passed": "✓", "failed": "✗", "undecided": "?"}
_VERDICTS = {"promote": "promoted", "reject": "rejected", "hold": "held"}


def card(service: Service) -> Html:
    """Verdict with reasons, metrics with intervals, gates, and what the model was made from."""
    record = service.bundle.record
    evaluation = _mapping(record.get("evaluation"))
    return tag(
        "section",
        tag("h2", "Model card"),
        _verdict(_mapping(evaluation.get("verdict"))),
        tag(
            "div",
            _metrics([*_mappings(evaluation.get("metrics")), *_further(evaluation)]),
            _gates(_mappings(evaluation.get("gates"))),
            class_="tables",
        ),
        _facts(service, evaluation, _mapping(record.get("provenance"))),
        class_="card",
        aria_label="Model card",
    )


def _verdict(verdict: Mapping[str, Any]) -> list[Child]:
    decision, reasons = verdict.get("decision"), verdict.get("reasons")
    if not isinstance(decision, str):
        return []
    listed = [tag("li", str(reason)) for reason in reasons] if isinstance(reasons, Sequence) else []
    said = tag("p", "Judged on rows it never saw, and ", tag("strong", _VERDICTS.get(decision, decision)), ".")
    return [said, tag("ul", listed, class_="reasons")]


def _metrics(metrics: Sequence[Mapping[str, Any]]) -> Html | None:
    rows = [
        (_word(m["name"]), _number(m.get("value")), f"{_number(m.get('low'))} to {_number(m.get('high'))}")
        for m in metrics
        if "name" in m
    ]
    return _table("Metrics on the holdout", ("Metric", "Value", "95 % interval"), rows, numbers=(1, 2))


def _further(evaluation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is told beside the metrics: what intervals hold, and what forecasts of levels are worth."""
    interval, outlook = _mapping(evaluation.get("interval")), _mapping(evaluation.get("outlook"))
    found = _mapping(outlook.get("held_out") or outlook.get("rehearsed"))
    served = (m for m in _mappings(found.get("methods")) if m.get("method") == found.get("served"))
    errors, coverage = _mappings(next(served, {}).get("errors")), _mappings(found.get("coverage"))
    told = {"outlook error": errors[:1], "outlook coverage": coverage[:1]}
    intervals = [m for name in ("coverage", "mean_width") if (m := _mapping(interval.get(name)))]
    return [*intervals, *(dict(metric) | {"name": name} for name, found in told.items() for metric in found)]


def _gates(gates: Sequence[Mapping[str, Any]]) -> Html | None:
    rows = [
        (
            _word(gate["gate"]),
            tag("span", _mark(gate.get("outcome")), class_="outcome", data_outcome=str(gate.get("outcome"))),
            str(gate.get("required", "")),
            str(gate.get("observed", "")),
        )
        for gate in gates
        if "gate" in gate
    ]
    return _table("Gates", ("Gate", "Outcome", "Asked for", "Seen"), rows)


def _mark(outcome: Any) -> str:
    return f"{_MARKS.get(str(outcome), '–')} {outcome}"


def _facts(service: Service, evaluation: Mapping[str, Any], provenance: Mapping[str, Any]) -> Html:
    commit = str(provenance.get("commit") or "")[:_SHORT]
    facts = {
        "Decided": str(provenance.get("decided_at") or "").replace("T", " ").replace("+00:00", " UTC"),
        "Estimator": evaluation.get("estimator"),
        "Training rows": _count(evaluation.get("train_rows")),
        "Holdout rows": _count(evaluation.get("rows")),
        "Code": f"{commit}, with uncommitted changes" if commit and provenance.get("dirty") else commit,
        "Data": _short(evaluation.get("data_digest")),
        "Model": _short(evaluation.get("model_digest")),
        "Record": _short(service.bundle.record_digest),
        "Bundle": _short(service.bundle.digest),
    }
    items = [tag("div", tag("dt", name), tag("dd", str(value))) for name, value in facts.items() if value]
    return tag("dl", items, class_="facts")


def _table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[Child]], numbers: Iterable[int] = ()
) -> Html | None:
    if not rows:
        return None
    right = dict.fromkeys(numbers, "number")
    heads = [tag("th", text, scope="col", class_=right.get(column)) for column, text in enumerate(head)]
    lines = [
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            [tag("td", cell, class_=right.get(column)) for column, cell in enumerate(row[1:], 1)],
        )
        for row in rows
    ]
    table = tag("table", tag("caption", caption), tag("thead", tag("tr", heads)), tag("tbody", lines))
    return tag("div", table, class_="scrolls", tabindex="0", role="region", aria_label=caption)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []


def _word(name: Any) -> str:
    return label(str(name).replace("roc_auc", "ROC AUC"))


def _number(value: Any) -> str:
    if not isinstance(value, int | float):
        return "–"
    return figure(value) if abs(value) >= 1000 else f"{value:.4g}"


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else ""


def _short(digest: Any) -> str:
    return digest[:_SHORT] if isinstance(digest, str) else ""
