"""How one use case stands, in the words and figures that its line in the table of verdicts has."""

from collections.abc import Mapping
from enum import IntEnum

from slipway.core.changes import DataChanges
from slipway.core.evaluation import Comparison, Decision, Evaluation, Metric
from slipway.core.pull_report import Dossier
from slipway.core.record import Record
from slipway.core.stage_result import StageResult
from slipway.report.data_changes import moved
from slipway.report.figures import NOT_DEFINED, difference, duration, gain, interval, label, megabytes, number, signed
from slipway.report.text import counted, escape

HEADERS = ("Use case", "Verdict", "Metric", "Against base", "Against champion", "Data", "Image", "Time")


class Standing(IntEnum):
    """Worst first: the order that a reviewer reads in."""

    FAILED = 0
    MISSING = 1
    REJECTED = 2
    HELD = 3
    PROMOTED = 4


WORDS = {
    Standing.FAILED: "❌ failed",
    Standing.MISSING: "❔ no result",
    Standing.REJECTED: "❌ reject",
    Standing.HELD: "⏸️ hold",
    Standing.PROMOTED: "✅ promote",
}
_DECIDED = {
    Decision.PROMOTE: Standing.PROMOTED,
    Decision.HOLD: Standing.HELD,
    Decision.REJECT: Standing.REJECTED,
}


def failure(dossier: Dossier) -> StageResult | None:
    """The first stage that failed."""
    return next((result for result in dossier.results if result.status == "failed"), None)


def standing(dossier: Dossier) -> Standing:
    """A failed stage counts for more than a decision: the decision may be one of an earlier run."""
    if failure(dossier) is not None:
        return Standing.FAILED
    if dossier.record is None:
        return Standing.MISSING
    return _DECIDED[dossier.record.evaluation.verdict.decision]


def verdict(dossier: Dossier) -> str:
    """The mark and the word."""
    failed = failure(dossier)
    return f"❌ {escape(failed.stage, limit=24)} failed" if failed else WORDS[standing(dossier)]


def seconds(dossier: Dossier) -> float:
    """What its stages took together; those that came out of the cache took nothing."""
    return sum(max(result.seconds, 0.0) for result in dossier.results)


def row(dossier: Dossier) -> tuple[str, ...]:
    """The cells under ``HEADERS``, escaped."""
    judged = _judged(dossier.record) if dossier.record and failure(dossier) is None else ("", "", "")
    image = megabytes(dossier.image.size_bytes) if dossier.image else ""
    took = duration(seconds(dossier)) if dossier.results else ""
    return (f"**{escape(dossier.use_case, limit=60)}**", verdict(dossier), *judged, _data(dossier), image, took)


def _judged(record: Record) -> tuple[str, str, str]:
    evaluation = record.evaluation
    metric = primary(record)
    if metric is None:
        return "", "", ""
    figure = f"{escape(label(metric.name), limit=40)} {interval(metric)}"
    return figure, _against_base(evaluation, metric), _against_champion(evaluation, metric)


def primary(record: Record) -> Metric | None:
    """The metric that the gate against the champion compares, or else the first one."""
    metrics = record.evaluation.metrics
    gates = record.params.get("gates")
    gate = gates.get("champion") if isinstance(gates, Mapping) else None
    name = gate.get("metric") if isinstance(gate, Mapping) else None
    return next((metric for metric in metrics if metric.name == name), next(iter(metrics), None))


def _against_base(evaluation: Evaluation, metric: Metric) -> str:
    main = evaluation.incumbents.main
    before = main.metrics.get(metric.name) if main else None
    if before is None:
        return "no metrics yet"
    if metric.value is None:
        return NOT_DEFINED
    return f"{gain(metric.value, before)} (was {number(before)})"


def _against_champion(evaluation: Evaluation, metric: Metric) -> str:
    if evaluation.incumbents.registry == "unreachable":
        return "registry silent"
    if evaluation.incumbents.champion is None:
        return "no champion yet"
    found = [c for c in evaluation.comparisons if c.against == "champion"]
    same = [c for c in found if c.metric == metric.name] or found
    return _compared(same[0]) if same else "not judged"


def _compared(comparison: Comparison) -> str:
    return f"{difference(comparison)}, {comparison.finding.value}"


def _data(dossier: Dossier) -> str:
    said = [_changed(dossier.changes)] if dossier.changes else []
    if dossier.validation is not None:
        errors, warnings = len(dossier.validation.errors), len(dossier.validation.warnings)
        said += [f"❌ {counted(errors, 'error')}"] if errors else []
        said += [f"⚠️ {counted(warnings, 'warning')}"] if warnings else []
    return ", ".join(said)


def _changed(found: DataChanges) -> str:
    if not found.known:
        return "change not known"
    if found.same:
        return "same"
    rows = found.rows_after - found.rows_before
    columns = len(found.added) + len(found.removed) + len(found.retyped)
    said = [f"{signed(rows, like=1e6)} rows" if rows else "other values"]
    said += [f"⚠️ {counted(columns, 'other column')}"] if columns else []
    said += [f"⚠️ {len(moved(found))} moved"] if moved(found) else []
    return ", ".join(said)
