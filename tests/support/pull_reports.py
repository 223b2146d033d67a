"""Small, valid reports of pull requests: what a test does not name is like any other's."""

from typing import Any

from slipway.core.changes import ColumnChange, DataChanges
from slipway.core.evaluation import Decision
from slipway.core.measured import ImageFigures, ServingFigures
from slipway.core.pull_report import Dossier, PullReport
from slipway.core.stage_result import StageResult
from tests.support import records

BASE = "b" * 40
RUN = "https://github.com/acme/models/actions/runs/7"


def result(stage: str = "train", use_case: str = "churn", **changes: Any) -> StageResult:
    fields: dict[str, Any] = {"status": "done", "headline": f"{stage} went well", "seconds": 30.0}
    return StageResult(use_case=use_case, stage=stage, **(fields | changes))


def failed(stage: str = "train", **changes: Any) -> StageResult:
    fields: dict[str, Any] = {
        "status": "failed",
        "headline": "the estimator could not be fitted",
        "cause": "a feature is constant",
        "next_step": "drop it",
        "exit_code": 30,
    }
    return result(stage, **(fields | changes))


def image() -> ImageFigures:
    serving = ServingFigures(
        requests=200, p50_ms=1.25, p99_ms=3.5, thousand_rows_ms=18.0, first_answer_s=2.25, memory_mb=143.2
    )
    return ImageFigures(
        image="churn:candidate", size_bytes=312_000_000, base_bytes=150_000_000, seconds=41.0, serving=serving
    )


def data_changes(**changes: Any) -> DataChanges:
    fields: dict[str, Any] = {
        "use_case": "churn",
        "reference": BASE,
        "known": True,
        "digest_before": "1" * 32,
        "digest_after": "2" * 32,
        "rows_before": 7_043,
        "rows_after": 7_163,
        "columns": (
            ColumnChange(column="tenure", missing_before=0.0, missing_after=0.0, distance=0.31),
            ColumnChange(column="contract", missing_before=0.0, missing_after=0.0, distance=0.01),
        ),
    }
    return DataChanges(**(fields | changes))


def dossier(use_case: str = "churn", decision: Decision = Decision.PROMOTE, **changes: Any) -> Dossier:
    fields: dict[str, Any] = {
        "reasons": ("params.yaml: train.seed changed",),
        "results": (result("train", use_case), result("evaluate", use_case)),
        "record": records.record(decision, use_case=use_case),
    }
    return Dossier(use_case=use_case, **(fields | changes))


def pull_report(*dossiers: Dossier, **changes: Any) -> PullReport:
    fields: dict[str, Any] = {
        "base": BASE,
        "head": "a" * 40,
        "run_url": RUN,
        "made_at": "2026-01-02T03:04:05+00:00",
        "price": 0.006,
        "dossiers": dossiers,
    }
    return PullReport(**(fields | changes))
