"""Looks at live models, made by hand."""

from typing import Any

from slipway.core.evaluation import Metric
from slipway.core.watch import (
    Answer,
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


def drift(column: str = "tenure", **changes: Any) -> ColumnDrift:
    """A test of a column that found nothing, unless told otherwise."""
    found = ColumnDrift(
        column=column, test="distribution", rows=2_000, reference_rows=1_760, p_value=0.4, effect=0.03, floor=0.1,
        importance=0.2, drifted=False, matters=False, detail="mean 32.4 -> 32.6",
    )  # fmt: skip
    return found.model_copy(update=changes)


def performance(**changes: Any) -> Performance:
    """A metric that is as it was."""
    found = Performance(
        metric="roc_auc",
        rows=900,
        reference=Metric(name="roc_auc", value=0.85, low=0.83, high=0.87),
        observed=Metric(name="roc_auc", value=0.84, low=0.81, high=0.87),
        loss=Metric(name="loss", value=0.01, low=-0.03, high=0.05),
        proved=False,
    )
    return found.model_copy(update=changes)


def estimate(**changes: Any) -> Estimate:
    """A metric without labels that seems to be as it was."""
    found = Estimate(
        metric="roc_auc", rows=2_000, estimated=0.845, error=0.01, lost=False,
        loss=Metric(name="loss", value=0.006, low=-0.02, high=0.03),
    )  # fmt: skip
    return found.model_copy(update=changes)


def watch(day: int = 8, use_case: str = "churn", **changes: Any) -> Watch:
    """A look in March 2026 that found nothing, unless told otherwise."""
    look = Watch(
        use_case=use_case,
        version=3,
        record_digest="ab" * 32,
        span=Span(since=f"2026-03-{day - 7:02}T06:00:00+00:00", until=f"2026-03-{day:02}T06:00:00+00:00"),
        made_at=f"2026-03-{day:02}T06:05:00+00:00",
        counts=Counts(files=7, predictions=2_000, requests=1_990, refused=12, feedback=900),
        columns=(drift(), drift("contract", effect=0.01, importance=0.4)),
        prediction=drift("score", importance=None),
        performance=(performance(),),
        estimate=estimate(),
        health=Health(refused_share=0.006, latency_p50=0.4, latency_p95=1.2, latency_p99=3.0, silent_hours=0.2),
        findings=(),
        standing=(),
        retrain=Retrain(answer=Answer.NO, cause=None, since="", reasons=("nothing speaks for it",)),
    )
    return look.model_copy(update=changes)


def alarmed(day: int = 9, use_case: str = "churn", **changes: Any) -> Watch:
    """A look that saw a column drift, the performance lost, and decided to retrain."""
    moved = drift(
        "contract", effect=0.22, p_value=1e-9, drifted=True, matters=True, detail="share of 'Two year' .2 -> .4"
    )
    found = Sighting(
        name="drift of contract", concern=Concern.DRIFT, weight=Weight.ALARM, told="contract is not what it was: .22"
    )
    lost = performance(loss=Metric(name="loss", value=0.12, low=0.07, high=0.16), proved=True)
    told = {
        "columns": (drift(), moved),
        "findings": (found,),
        "standing": ("drift of contract",),
        "performance": (lost,),
        "retrain": Retrain(answer=Answer.YES, cause=Cause.PERFORMANCE, since="2026-03-08", reasons=("worse by 12 %",)),
    }
    return watch(day, use_case, **(told | changes))
