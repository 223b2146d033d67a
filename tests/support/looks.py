"""Looks at live models, made by hand."""

from typing import Any

from slipway.core.evaluation import Metric
from slipway.core.watch import (
    Answer,
    Bias,
    Cause,
    ColumnDrift,
    Concern,
    Counts,
    Estimate,
    Health,
    Performance,
    Retrain,
    Sighting,
    Span,
    Watch,
    Weight,
)

SPAN = Span(since="2026-11-14T04:17:00+00:00", until="2026-11-21T04:17:00+00:00")
CALM = Retrain(answer=Answer.NO, cause=None, since="", reasons=("nothing speaks for it",))
YES = Retrain(
    answer=Answer.YES,
    cause=Cause.PERFORMANCE,
    since="2026-11-14T04:17:00+00:00",
    reasons=("ROC AUC fell by 9.1 %, more than the tolerated 5 %", "1,204 new outcomes are enough"),
)
DRIFT = Sighting(
    name="drift of tenure",
    concern=Concern.DRIFT,
    weight=Weight.ALARM,
    told="the mean went from 32 to 45, twice in a row",
)
LOSS = Sighting(name="loss of ROC AUC", concern=Concern.PERFORMANCE, weight=Weight.ALARM, told="0.846 to 0.769")
NOTE = Sighting(name="repeated entries", concern=Concern.LOG, weight=Weight.NOTE, told="3 were there before")
WARNING = Sighting(name="torn file", concern=Concern.LOG, weight=Weight.WARNING, told="one ends in the middle")
HEALTH = Health(refused_share=0.002, latency_p50=1.2, latency_p95=2.4, latency_p99=5.1, silent_hours=0.7)


def column(name: str, *, drifted: bool = False, matters: bool = False, **changes: Any) -> ColumnDrift:
    """A test of a column's values."""
    tested: dict[str, Any] = {
        "column": name, "test": "distribution", "rows": 2000, "reference_rows": 5282,
        "p_value": 1e-9 if drifted else 0.4, "effect": 0.31 if drifted else 0.02, "floor": 0.1, "importance": 0.2,
        "drifted": drifted, "matters": matters, "detail": "mean 32.4 -> 45.0" if drifted else "",
    }  # fmt: skip
    return ColumnDrift(**tested | changes)


def metric(name: str, value: float, half: float) -> Metric:
    return Metric(name=name, value=value, low=value - half, high=value + half)


def too_low(*, proved: bool) -> Bias:
    """A bias whose answers are below what comes true."""
    observed, reference = metric("bias", 0.13, 0.03), metric("bias", 0.12, 0.05)
    return Bias(rows=1204, observed=observed, reference=reference, confirmed=proved, sure=False)


def loss_of_auc() -> Performance:
    return Performance(
        metric="roc_auc", rows=1204, reference=metric("roc_auc", 0.846, 0.021), observed=metric("roc_auc", 0.769, 0.03),
        loss=metric("loss", 0.091, 0.035), proved=True,
    )  # fmt: skip


def estimate(*, lost: bool = False) -> Estimate:
    return Estimate(
        metric="roc_auc", rows=2000, estimated=0.838, error=0.011, loss=metric("loss", 0.009, 0.02), lost=lost
    )


def watch(*findings: Sighting, made_at: str = "2026-11-21T04:17:05+00:00", **changes: Any) -> Watch:
    """A look at churn's third version, in which nothing is wrong unless findings and changes say so."""
    made: dict[str, Any] = {
        "use_case": "churn", "version": 3, "record_digest": "a" * 64, "span": SPAN, "made_at": made_at,
        "counts": Counts(files=12, predictions=2000, requests=2004, refused=4, feedback=1204),
        "columns": (column("tenure"), column("contract")), "prediction": column("prediction", importance=None),
        "performance": (), "estimate": estimate(), "health": HEALTH, "findings": findings, "standing": (),
        "retrain": CALM,
    }  # fmt: skip
    return Watch(**made | changes)


def drifted(**changes: Any) -> Watch:
    """One in which a column drifted, quality fell, and retraining is asked for."""
    made: dict[str, Any] = {
        "columns": (column("tenure", drifted=True, matters=True), column("contract")),
        "performance": (loss_of_auc(),), "standing": ("drift of tenure",), "retrain": YES,
    }  # fmt: skip
    return watch(DRIFT, LOSS, NOTE, **made | changes)
