"""What is run and what is kept of it, as JSON."""

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scripts.benches.replaying.customers import PLANTED, customers
from scripts.benches.replaying.monitored import Ours
from scripts.benches.replaying.policies import Monthly, Never
from scripts.benches.replaying.quality import gains, monthly
from scripts.benches.replaying.replaying import Course, Say, course
from scripts.benches.replaying.sales import sales
from scripts.benches.replaying.stream import Stream
from scripts.benches.replaying.workshop import Trainings
from slipway.evaluation.tasks import KITS
from slipway.wiring import Project

Figures = dict[str, Any]
Make = Callable[[int, int | None], Stream]
FURTHER = {"homes": "rmse"}
FURTHER_OF_CUSTOMERS = "roc_auc"
RESAMPLES = 200


def streams(project: Project) -> Mapping[str, Make]:
    """Name of a stream to what makes it of a seed, and of a number of months where not all are wished for."""

    def of_sales(_: int, months: int | None) -> Stream:
        return sales(project.use_case("homes"), project.section("homes"), _raw(project, "homes"), **_given(months))

    def of_customers(name: str) -> Make:
        return lambda seed, months: customers(
            name,
            project.use_case("churn"),
            project.section("churn"),
            _raw(project, "churn"),
            seed=seed,
            **_given(months),
        )

    return {"homes": of_sales} | {name: of_customers(name) for name in PLANTED}


def is_drawn(name: str) -> bool:
    """Whether another seed gives another stream."""
    return name in PLANTED


def run(stream: Stream, seed: int, folder: Path, say: Say) -> Figures:
    """All policies over one stream; trained models are kept in ``folder`` for other streams."""
    begun, trainings = time.monotonic(), Trainings(stream, folder)
    with tempfile.TemporaryDirectory(prefix="slipway-replay-") as name:
        courses = {
            policy.name: course(stream, policy, trainings, Path(name) / policy.name, say)
            for policy in (Never(), Monthly(), Ours(stream))
        }
    told = told_of(stream, courses)
    return {"seed": seed, "seconds": round(time.monotonic() - begun, 1), "trained": trainings.made, **told}


def told_of(stream: Stream, courses: Mapping[str, Course]) -> Figures:
    """Quality by month, gains and what was decided; by the metric that retraining goes by, and by one more."""
    decided_by = stream.params.retrain.metric or stream.params.gates.champion.metric
    further = FURTHER.get(stream.name, FURTHER_OF_CUSTOMERS)
    return {
        "title": stream.title,
        "planted": stream.planted,
        "planted_month": stream.planted_month,
        "requests": int((stream.month_of > 0).sum()),
        "metric": decided_by,
        "metrics": {metric: _of_metric(stream, courses, metric) for metric in (decided_by, further)},
        "policies": {name: _of_policy(made) for name, made in courses.items()},
    }


def _of_metric(stream: Stream, courses: Mapping[str, Course], metric: str) -> Figures:
    scores = {name: made.scores for name, made in courses.items()}
    found = gains(stream, scores, metric, RESAMPLES)
    return {
        "higher_is_better": KITS[stream.use_case.task].measures[metric].higher_is_better,
        "months": {name: _json_of(monthly(stream, values, metric)) for name, values in scores.items()},
        "gain": dict(zip(("monthly", "ours"), found[0].tolist(), strict=True)),
        "resampled": found[1:].round(6).tolist(),
    }


def _of_policy(made: Course) -> Figures:
    return {"retrainings": made.retrainings, "refused": made.refused, "attempts": made.attempts, "looks": made.looks}


def _json_of(values: list[float]) -> list[float | None]:
    return [round(value, 6) if np.isfinite(value) else None for value in values]


def _given(months: int | None) -> dict[str, int]:
    return {} if months is None else {"months": months}


def _raw(project: Project, name: str) -> pd.DataFrame:
    """The raw table that the lock file names."""
    project.pipeline.settle_raw(name)
    return pd.read_parquet(project.paths(name).raw)
