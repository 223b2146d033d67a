"""Looks of a week each, made by hand and named by the day of March 2026 on which they end."""

from typing import Any

from slipway.core.evaluation import Metric
from slipway.core.watch import (
    ColumnDrift,
    Concern,
    Counts,
    Estimate,
    Performance,
    Sighting,
    Span,
    Watch,
    Weight,
)
from tests.support import looks
from tests.support.looks import YES, metric


def drift(column: str = "tenure", **changes: Any) -> ColumnDrift:
    """A test of a column that found nothing, unless told otherwise."""
    return looks.column(column, **{"effect": 0.03, "detail": "mean 32.4 -> 32.6"} | changes)


def performance(**changes: Any) -> Performance:
    """A metric that is as it was."""
    found = Performance(
        metric="roc_auc", rows=900, reference=metric("roc_auc", 0.85, 0.02), observed=metric("roc_auc", 0.84, 0.03),
        loss=metric("loss", 0.01, 0.04), proved=False,
    )  # fmt: skip
    return found.model_copy(update=changes)


def estimate(**changes: Any) -> Estimate:
    """A metric without labels that seems to be as it was."""
    return looks.estimate().model_copy(update=changes)


def watch(day: int = 8, use_case: str = "churn", **changes: Any) -> Watch:
    """A look that found nothing, unless told otherwise."""
    span = Span(since=f"2026-03-{day - 7:02}T06:00:00+00:00", until=f"2026-03-{day:02}T06:00:00+00:00")
    made: dict[str, Any] = {
        "use_case": use_case, "span": span, "made_at": f"2026-03-{day:02}T06:05:00+00:00",
        "counts": Counts(files=7, predictions=2_000, requests=1_990, refused=12, feedback=900),
        "columns": (drift(), drift("contract", effect=0.01, importance=0.4)),
        "prediction": drift("score", importance=None), "performance": (performance(),),
    }  # fmt: skip
    return looks.watch(**made | changes)


def alarmed(day: int = 9, use_case: str = "churn", **changes: Any) -> Watch:
    """A look that saw a column drift, the performance lost, and decided to retrain."""
    detail = "share of 'Two year' .2 -> .4"
    moved = drift("contract", effect=0.22, p_value=1e-9, drifted=True, matters=True, detail=detail)
    found = Sighting(
        name="drift of contract", concern=Concern.DRIFT, weight=Weight.ALARM, told="contract is not what it was: .22"
    )
    told: dict[str, Any] = {
        "columns": (drift(), moved), "findings": (found,), "standing": ("drift of contract",),
        "performance": (performance(loss=Metric(name="loss", value=0.12, low=0.07, high=0.16), proved=True),),
        "retrain": YES.model_copy(update={"since": "2026-03-08", "reasons": ("worse by 12 %",)}),
    }  # fmt: skip
    return watch(day, use_case, **told | changes)
