"""Metrics of a probability against a yes or no."""

import numpy as np

from slipway.core.evaluation import Series
from slipway.evaluation.evidence import Floats
from slipway.evaluation.measure import Kit, Measure, by_name, series
from slipway.evaluation.ranking import average_precision, roc_auc
from slipway.evaluation.resampling import block_means
from slipway.evaluation.scores import Scores
from slipway.evaluation.spread import CellFormula, Cells, Estimate, Influence, Resampled, mean_of, resampled_influence

CALIBRATION_BINS = 10
CHART_POINTS = 20
SMALLEST_PROBABILITY = 1e-15


def _roc_auc(scores: Scores) -> Influence | None:
    return roc_auc(scores.ranking)


def _average_precision(scores: Scores) -> Resampled | None:
    found = average_precision(scores.ranking)
    return None if found is None else resampled_influence(found.value, found.rows)


def _log_loss(scores: Scores) -> Influence:
    """Mean negative log likelihood in nats; probabilities are kept 1e-15 away from 0 and 1."""
    of_truth = np.where(scores.truth, scores.values, 1 - scores.values)
    return mean_of(-np.log(np.clip(of_truth, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)))


def _brier(scores: Scores) -> Influence:
    return mean_of((scores.values - scores.y) ** 2)


def _calibration_error(scores: Scores) -> Resampled:
    """Expected calibration error over ten bins of equal width.

    The gap between mean probability and share of positives in each bin, weighted by the bin's share of rows.
    """
    bin_of = np.clip((scores.values * CALIBRATION_BINS).astype(np.intp), 0, CALIBRATION_BINS - 1)
    gaps = np.zeros((scores.rows, CALIBRATION_BINS))
    gaps[np.arange(scores.rows), bin_of] = scores.values - scores.y
    return Resampled(float(np.abs(gaps.mean(axis=0)).sum()), np.abs(block_means(gaps)).sum(axis=1))


def _precision(cells: Floats) -> Floats:
    return _share(cells[..., 1, 1], cells[..., :, 1].sum(axis=-1))


def _recall(cells: Floats) -> Floats:
    return _share(cells[..., 1, 1], cells[..., 1, :].sum(axis=-1))


def _f1(cells: Floats) -> Floats:
    return _share(2 * cells[..., 1, 1], 2 * cells[..., 1, 1] + cells[..., 0, 1] + cells[..., 1, 0])


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole)


def _of_decisions(name: str, formula: CellFormula) -> Measure:
    def estimate(scores: Scores) -> Estimate | None:
        cells = Cells(scores.truth, scores.decided, formula)
        return cells if np.isfinite(cells.value) else None

    return Measure(name, estimate, higher_is_better=True, most=1.0)


def _rarer_class(y: Floats) -> int:
    positives = int(np.count_nonzero(y > 0.5))
    return min(positives, y.size - positives)


def _charts(candidate: Scores, champion: Scores | None) -> tuple[Series, ...]:
    models = (("candidate", candidate),) if champion is None else (("candidate", candidate), ("champion", champion))
    curves = [_roc_curve(f"ROC {name}", model) for name, model in models]
    return (*curves, *(_calibration(f"calibration {name}", model) for name, model in models), *_histograms(candidate))


def _roc_curve(name: str, scores: Scores) -> Series:
    """True positive rate at evenly spaced false positive rates."""
    positives = scores.ranking.positives[::-1]
    negatives = scores.ranking.rows[::-1] - positives
    hits, alarms = (np.concatenate([[0.0], np.cumsum(c) / max(c.sum(), 1)]) for c in (positives, negatives))
    at = np.linspace(0, 1, CHART_POINTS)
    return series(name, at, np.interp(at, alarms, hits))


def _calibration(name: str, scores: Scores) -> Series:
    """Share of positives against mean probability, in ten groups of equally many rows."""
    groups = np.array_split(np.argsort(scores.values, kind="stable"), CALIBRATION_BINS)
    filled = [group for group in groups if group.size]
    predicted = np.array([scores.values[group].mean() for group in filled])
    return series(name, predicted, np.array([scores.y[group].mean() for group in filled]))


def _histograms(scores: Scores) -> tuple[Series, ...]:
    """Share of each class's rows in twenty bins of equal width."""
    edges = np.linspace(0, 1, CHART_POINTS + 1)
    classes = (("scores of negatives", ~scores.truth), ("scores of positives", scores.truth))
    return tuple(
        series(name, edges[:-1] + np.diff(edges) / 2, np.histogram(scores.values[rows], edges)[0] / max(rows.sum(), 1))
        for name, rows in classes
    )


KIT = Kit(
    measures=by_name(
        Measure("roc_auc", _roc_auc, higher_is_better=True, most=1.0),
        Measure("average_precision", _average_precision, higher_is_better=True, most=1.0),
        Measure("log_loss", _log_loss, higher_is_better=False),
        Measure("brier", _brier, higher_is_better=False),
        Measure("calibration_error", _calibration_error, higher_is_better=False, most=1.0),
        _of_decisions("precision", _precision),
        _of_decisions("recall", _recall),
        _of_decisions("f1", _f1),
    ),
    rare_rows=_rarer_class,
    fewest_rows=1,
    reverse=lambda scores: 1 - scores,
    near_truth=lambda y: y.copy(),
    wrong=lambda y: 1 - y,
    charts=_charts,
)
