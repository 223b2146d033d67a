"""How well the model does on a window as far as that can be told without outcomes.

The labelled rows of the reference are weighted so that scores and important inputs are spread as in the window; the
metric of the weighted rows is the estimate. For probabilities this is confidence-based performance estimation, with
confidences calibrated by the reference's outcomes in each bin; for amounts it is the loss expected of rows with such
scores and inputs. Both are importance weighting under covariate shift (Shimodaira, Improving predictive inference under
covariate shift by weighting the log-likelihood function, 2000), and no task has to be told apart. What changes the
outcome of equal inputs, which is concept drift, is not seen.

The error is how far such estimates were off on windows drawn from the reference itself, half of them tilted to high or
low values of a margin, with the weights learned from the other half of the rows.
"""

from collections.abc import Sequence

import numpy as np

from slipway.core.evaluation import Metric
from slipway.core.watch import Estimate
from slipway.evaluation.measure import Measure, tidy
from slipway.evaluation.spread import TWO_SIDED
from slipway.evaluation.tasks import KITS
from slipway.monitoring.batch import Floats
from slipway.monitoring.margins import Bins, Margin, effective_rows, margins_of, raked, repeated
from slipway.monitoring.performance import estimate_of
from slipway.monitoring.reference import Labelled, Reference
from slipway.monitoring.relative_loss import loss_of
from slipway.monitoring.tally import Tally

FEWEST_LABELLED = 200
FEWEST_EFFECTIVE = 50.0
PSEUDO_ROWS = 10_000
REHEARSALS = 40
REHEARSED_ROWS = 4_000
TILT = 0.5
SEED = 20_140


def estimated(reference: Reference, tally: Tally, metric: str, tolerated: float) -> Estimate | None:
    """The metric of a window without its outcomes; None where the reference has too few rows to learn from."""
    measure, labelled = KITS[reference.task].measures[metric], reference.labelled
    before = _value(measure, labelled, reference.threshold)
    if before is None or min(labelled.rows, tally.prediction.present) < FEWEST_LABELLED:
        return None
    margins = margins_of(reference, tally)
    weights = raked(margins, labelled.rows)
    if effective_rows(weights) < FEWEST_EFFECTIVE:
        return None
    value = _value(measure, repeated(labelled, weights, PSEUDO_ROWS), reference.threshold)
    error = _error(measure, reference, margins, min(tally.prediction.present, REHEARSED_ROWS))
    if value is None or error is None:
        return None
    loss = loss_of(measure, value, error, before, 0.0)
    return Estimate(
        metric=metric,
        rows=tally.prediction.present,
        estimated=tidy(value),
        error=tidy(error),
        loss=loss,
        lost=_is_lost(loss, tolerated),
    )


def _is_lost(loss: Metric, tolerated: float) -> bool:
    """Whether the loss is above the tolerated one by more than its standard error."""
    if loss.value is None or loss.low is None:
        return False
    return loss.value - (loss.value - loss.low) / TWO_SIDED > tolerated


def _value(measure: Measure, rows: Labelled, threshold: float) -> float | None:
    found = estimate_of(measure, rows.scored(threshold))
    return None if found is None or not np.isfinite(found.value) else float(found.value)


def _error(measure: Measure, reference: Reference, margins: Sequence[Margin], rows: int) -> float | None:
    """Root mean square of how far estimates of windows of so many rows were off."""
    random = np.random.default_rng(SEED)
    off = [_rehearsed(measure, reference, margins, rows, random, tilted=bool(k % 2)) for k in range(REHEARSALS)]
    known = [miss for miss in off if miss is not None]
    return float(np.sqrt(np.mean(np.square(known)))) if len(known) > REHEARSALS // 2 else None


def _rehearsed(
    measure: Measure,
    reference: Reference,
    margins: Sequence[Margin],
    rows: int,
    random: np.random.Generator,
    *,
    tilted: bool,
) -> float | None:
    labelled = reference.labelled
    order = random.permutation(labelled.rows)
    learned, seen = order[: labelled.rows // 2], order[labelled.rows // 2 :]
    window = random.choice(seen, rows, p=_tilt(margins, seen, random) if tilted else None)
    weights = raked([_between(margin, learned, window) for margin in margins], learned.size)
    if not weights.sum() > 0:
        return None
    estimate = _value(measure, repeated(labelled.part(learned), weights, REHEARSED_ROWS), reference.threshold)
    truth = _value(measure, labelled.part(window), reference.threshold)
    return None if estimate is None or truth is None else estimate - truth


def _between(margin: Margin, learned: Bins, window: Bins) -> Margin:
    counted = np.bincount(margin.bins[window], minlength=margin.window.size).astype(np.float64)
    return Margin(margin.bins[learned], counted)


def _tilt(margins: Sequence[Margin], rows: Bins, random: np.random.Generator) -> Floats:
    """Chances of rows to be drawn that grow or shrink along one of the margins."""
    bins = margins[int(random.integers(len(margins)))].bins[rows].astype(np.float64)
    spread = bins.std() or 1.0
    chances = np.exp(random.normal() * TILT * (bins - bins.mean()) / spread)
    return np.asarray(chances / chances.sum())
