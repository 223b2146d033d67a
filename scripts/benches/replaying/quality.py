"""What a course was worth: a metric month by month, and the share of a gain that another course kept."""

from collections.abc import Mapping, Sequence

import numpy as np

from scripts.benches.replaying.stream import Stream
from slipway.evaluation.measure import Measure
from slipway.evaluation.scores import Scores
from slipway.evaluation.tasks import KITS

SHARES = (2.5, 97.5)
Floats = np.ndarray


def monthly(stream: Stream, scores: Floats, metric: str) -> list[float]:
    """The metric of each month's answered rows, NaN where it is not defined."""
    return _of_months(stream, scores, KITS[stream.use_case.task].measures[metric], _rows_of_months(stream))


def gains(stream: Stream, courses: Mapping[str, Floats], metric: str, resamples: int = 0, seed: int = 0) -> Floats:
    """Mean over months of how much better than never retraining: monthly, and ours.

    Returns:
        float64 (1 + resamples, 2): the gains, and those of rows drawn again within their months. Months in which some
        course answered nothing are left out.
    """
    measure, rng = KITS[stream.use_case.task].measures[metric], np.random.default_rng(seed)
    rows = _rows_of_months(stream, answered=np.isfinite(np.vstack(list(courses.values()))).all(axis=0))
    drawn = [rows, *([rng.choice(r, len(r)) for r in rows] for _ in range(resamples))]
    return np.array([_gain(stream, courses, measure, each) for each in drawn])


def kept(gain: Floats) -> float | None:
    """Ours as a share of monthly's; None where retraining every month gains nothing."""
    always, ours = gain
    return float(ours / always) if always > 0 else None


def interval(values: Sequence[float] | Floats) -> tuple[float, float]:
    """The middle 95 % of them."""
    low, high = np.nanpercentile(values, SHARES)
    return float(low), float(high)


def _gain(stream: Stream, courses: Mapping[str, Floats], measure: Measure, rows: Sequence[Floats]) -> list[float]:
    by_month = {name: np.array(_of_months(stream, scores, measure, rows)) for name, scores in courses.items()}
    sign = 1.0 if measure.higher_is_better else -1.0
    return [float(np.nanmean(sign * (by_month[name] - by_month["never"]))) for name in ("monthly", "ours")]


def _of_months(stream: Stream, scores: Floats, measure: Measure, rows: Sequence[Floats]) -> list[float]:
    threshold, targets = stream.params.evaluate.threshold, stream.targets
    found = (_value(measure, targets[r], scores[r], threshold) for r in rows)
    return [np.nan if value is None else value for value in found]


def _value(measure: Measure, targets: Floats, scores: Floats, threshold: float) -> float | None:
    answered = np.isfinite(scores)
    return measure.value(Scores(targets[answered], scores[answered], threshold))


def _rows_of_months(stream: Stream, answered: Floats | None = None) -> list[Floats]:
    months = stream.month_of if answered is None else np.where(answered, stream.month_of, 0)
    return [np.flatnonzero(months == month) for month in range(1, stream.months + 1)]
