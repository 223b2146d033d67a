"""What a verdict rests on: the same holdout rows, scored by every model concerned."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slipway.core.errors import MetricsNotFinite
from slipway.core.signature import Interval
from slipway.core.task import Task
from slipway.evaluation.api_changes import ApiCase

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Targets and scores of n holdout rows; all arrays have shape (n,).

    Attributes:
        y: float64, the truth: 0 and 1 for classification, the value itself for regression.
        candidate, baseline, champion, anchor: float64 scores: probability of the positive class, or the value
            predicted. None where there is no such model yet, or where it could not be scored.
        shuffled: float64 scores of a model trained on shuffled labels, for the self-test.
        slices: column name to the column's values as strings.
        threshold: from which probability on the decision is positive; ignored by tasks without decisions.
        champion_problem: why a champion that exists could not be scored, or why the registry did not answer.
        same_as_champion: whether candidate and champion are the same model behind the same signature.
        interval: what the candidate says of how far it may be off; None for tasks without.
        api: the candidate's API against the champion's; None where there is no champion.
    """

    task: Task
    y: Floats
    candidate: Floats
    baseline: Floats
    shuffled: Floats
    champion: Floats | None = None
    anchor: Floats | None = None
    slices: Mapping[str, npt.NDArray[np.str_] | npt.NDArray[np.object_]] | None = None
    threshold: float = 0.5
    champion_problem: str | None = None
    registry_reachable: bool = True
    same_as_champion: bool = False
    api: ApiCase | None = None
    interval: Interval | None = None


def require_finite(evidence: Evidence) -> None:
    """Raise MetricsNotFinite when a candidate's score is NaN or infinite."""
    bad = np.flatnonzero(~np.isfinite(evidence.candidate))
    if bad.size:
        first = ", ".join(str(row) for row in bad[:5])
        raise MetricsNotFinite(
            f"{bad.size} of {evidence.candidate.size} holdout scores of the candidate are NaN or infinite "
            f"(first at holdout rows {first})",
            cause="an input of these rows is one the model cannot handle, or the estimator did not converge",
            next_step="look at these rows of prepared/holdout.parquet, and at the estimator's parameters",
        )
