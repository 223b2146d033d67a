"""Metrics of a predicted amount against the amount."""

import numpy as np

from slipway.core.evaluation import Series
from slipway.evaluation.evidence import Floats
from slipway.evaluation.measure import Kit, Measure, by_name, series
from slipway.evaluation.scores import Scores
from slipway.evaluation.spread import Influence, mean_of

CHART_GROUPS = 10
CHART_POINTS = 20


def _errors(scores: Scores) -> Floats:
    return scores.values - scores.y


def _root_mean_square(errors: Floats) -> Influence:
    """Square root of the mean square, by the delta method: d sqrt(m) = dm / (2 sqrt(m))."""
    square = mean_of(errors**2)
    root = float(np.sqrt(square.value))
    return Influence(root, square.rows / (2 * root) if root > 0 else square.rows)


def _rmse(scores: Scores) -> Influence:
    return _root_mean_square(_errors(scores))


def _rmse_log(scores: Scores) -> Influence | None:
    """RMSE of logarithms; None unless every target and every prediction is positive."""
    if min(scores.y.min(), scores.values.min()) <= 0:
        return None
    return _root_mean_square(np.log(scores.values) - np.log(scores.y))


def _mae(scores: Scores) -> Influence:
    return mean_of(np.abs(_errors(scores)))


def _mape(scores: Scores) -> Influence | None:
    """Mean absolute error as a share of the target; None where a target is 0."""
    return mean_of(np.abs(_errors(scores) / scores.y)) if np.all(scores.y) else None


def _bias(scores: Scores) -> Influence:
    """Mean of predicted minus true."""
    return mean_of(_errors(scores))


def _distance_from_unbiased(scores: Scores) -> Influence:
    return _bias(scores).magnitude()


def _r2(scores: Scores) -> Influence | None:
    """Share of the variance explained, 1 - s/v with s the mean square error and v the variance; None for v = 0.

    Delta method: its influence is (s/v² dv - ds/v).
    """
    error, variance = mean_of(_errors(scores) ** 2), mean_of((scores.y - scores.y.mean()) ** 2)
    if variance.value == 0:
        return None
    unexplained = error.value / variance.value
    return Influence(1 - unexplained, (unexplained * variance.rows - error.rows) / variance.value)


def _near_truth(y: Floats) -> Floats:
    return np.asarray(y.mean() + 0.99 * (y - y.mean()))


def _wrong(y: Floats) -> Floats:
    return np.asarray(y + 10 * (np.ptp(y) or 1.0))


def _charts(candidate: Scores, champion: Scores | None) -> tuple[Series, ...]:
    models = (("candidate", candidate),) if champion is None else (("candidate", candidate), ("champion", champion))
    return (*(_actual_by_predicted(f"actual by predicted {n}", m) for n, m in models), _error_histogram(candidate))


def _actual_by_predicted(name: str, scores: Scores) -> Series:
    """Mean target against mean prediction, in ten groups of equally many rows."""
    groups = np.array_split(np.argsort(scores.values, kind="stable"), CHART_GROUPS)
    filled = [group for group in groups if group.size]
    predicted = np.array([scores.values[group].mean() for group in filled])
    return series(name, predicted, np.array([scores.y[group].mean() for group in filled]))


def _error_histogram(scores: Scores) -> Series:
    """Share of rows by error, the outermost 1 % on either side counted with the last bin."""
    low, high = np.quantile(_errors(scores), (0.01, 0.99))
    edges = np.linspace(low, high if high > low else low + 1, CHART_POINTS + 1)
    counts = np.histogram(np.clip(_errors(scores), edges[0], edges[-1]), edges)[0]
    return series("errors of candidate", edges[:-1] + np.diff(edges) / 2, counts / scores.rows)


KIT = Kit(
    measures=by_name(
        Measure("rmse", _rmse, higher_is_better=False, relative=True),
        Measure("mae", _mae, higher_is_better=False, relative=True),
        Measure("mape", _mape, higher_is_better=False, relative=True),
        Measure("r2", _r2, higher_is_better=True, least=-np.inf, most=1.0),
        Measure("bias", _bias, higher_is_better=False, least=-np.inf, compared=_distance_from_unbiased),
        Measure("rmse_log", _rmse_log, higher_is_better=False, relative=True),
    ),
    rare_rows=lambda y: y.size,
    fewest_rows=50,
    reverse=lambda scores: 2 * scores.mean() - scores,
    near_truth=_near_truth,
    wrong=_wrong,
    charts=_charts,
)
