"""Metrics of order: area under the ROC curve and average precision, with each row's influence on them."""

from functools import cached_property

import numpy as np

from slipway.evaluation.evidence import Floats
from slipway.evaluation.resampling import total
from slipway.evaluation.spread import Bools, Influence


class Ranking:
    """Rows grouped by equal score, groups ascending; one sort serves every metric of order."""

    def __init__(self, truth: Bools, scores: Floats) -> None:
        self.truth = truth
        levels, self.group = np.unique(scores, return_inverse=True)
        self._levels = levels.size

    @cached_property
    def rows(self) -> Floats:
        """Rows in each group."""
        return np.bincount(self.group, minlength=self._levels).astype(np.float64)

    @cached_property
    def positives(self) -> Floats:
        """Rows of the positive class in each group."""
        return np.bincount(self.group[self.truth], minlength=self._levels).astype(np.float64)


def roc_auc(ranking: Ranking) -> Influence | None:
    """Area under the ROC curve with DeLong's variance, ties counted half; None when a class is absent.

    The structural components of DeLong, DeLong and Clarke-Pearson (1988) in the O(n log n) form of Sun and Xu (2014):
    with p positives and q negatives, a positive's component is the share of negatives it outranks and the variance is
    var(positives' components) / p + var(negatives' components) / q, each with its p - 1 and q - 1.
    """
    positives, negatives = ranking.positives, ranking.rows - ranking.positives
    p, q = float(positives.sum()), float(negatives.sum())
    if min(p, q) == 0:
        return None
    outranked = (np.cumsum(negatives) - negatives / 2) / q
    outranking = 1 - (np.cumsum(positives) - positives / 2) / p
    area = total(outranked, positives) / p
    rows = p + q
    of_positive = (outranked - area) * (rows / p) * _unbiased(p)
    of_negative = (outranking - area) * (rows / q) * _unbiased(q)
    return Influence(area, np.where(ranking.truth, of_positive[ranking.group], of_negative[ranking.group]))


def _unbiased(rows: float) -> float:
    """Turns a mean square over ``rows`` into one over rows - 1; a single row has no variance to correct."""
    return float(np.sqrt(rows / (rows - 1))) if rows > 1 else 1.0


def average_precision(ranking: Ranking) -> Influence | None:
    """Precision averaged over the positives; None when there is none.

    With P(s) the share of rows scored s or more and P1(s) that of positives among all rows, it is
    E[Y P1(S) / P(S)] / E[Y]; the influence is its functional derivative, by the chain rule.
    """
    rows, positives = float(ranking.rows.sum()), ranking.positives
    share = float(positives.sum()) / rows
    if share == 0:
        return None
    reached = np.cumsum(ranking.rows[::-1])[::-1] / rows
    precision = np.cumsum(positives[::-1])[::-1] / rows / reached
    of_positive = positives / rows
    covered = total(of_positive, precision)
    gained = np.cumsum(of_positive / reached)
    diluted = np.cumsum(of_positive * precision / reached)
    value = covered / share
    if_positive = (precision + gained - diluted - covered - value * (1 - share)) / share
    if_negative = (-diluted - covered + value * share) / share
    return Influence(value, np.where(ranking.truth, if_positive[ranking.group], if_negative[ranking.group]))
