"""How far estimates without outcomes are off on windows whose outcomes are known."""

from collections.abc import Sequence

import numpy as np

from scripts.benches.monitoring.sample import Rows, Sample, tally_of
from scripts.benches.report import Part, part
from slipway.evaluation.scores import Scores
from slipway.evaluation.tasks import KITS
from slipway.monitoring.estimating import estimated
from slipway.monitoring.reference import SCORE, TARGET, Reference
from slipway.monitoring.relative_loss import loss_of

ROWS = 1_000
TILTS = (0.0, 0.5, 1.0)


def of_windows(samples: Sequence[Sample], windows: int) -> Part:
    """Windows drawn from half of the rows, evenly or tilted along a column; the other half is the reference."""
    rows = []
    for sample in samples:
        metric = sample.section.retrain.metric or sample.section.gates.champion.metric
        for tilt in TILTS:
            said, truth, error = _measured(sample, metric, tilt, windows)
            inside = np.abs(said - truth) <= 1.96 * error
            rows.append(
                [
                    sample.use_case.name,
                    metric,
                    f"{tilt:g}",
                    said.size,
                    100 * float(np.std(truth)),
                    100 * float(np.mean(said - truth)),
                    100 * float(np.sqrt(np.mean((said - truth) ** 2))),
                    100 * float(np.mean(error)),
                    100 * float(np.mean(inside)),
                ]
            )
    columns = ["use case", "metric", "tilt", "windows", "spread of the true loss, points", "bias", "error (rms)"]
    return part("Estimated loss without outcomes", [*columns, "error stated", "inside 1.96 errors, %"], rows)


def _measured(sample: Sample, metric: str, tilt: float, windows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimated loss, true loss and stated error of each window; shares."""
    random = np.random.default_rng(round(10 * tilt))
    found = []
    for number in range(windows):
        order = random.permutation(len(sample.table))
        half = len(order) // 2
        reference = sample.reference(order[:half])
        window = _drawn(sample, order[half:], tilt, number, random)
        said = estimated(reference, tally_of(reference, sample.table.iloc[window]), metric, 0.05)
        if said is not None and said.loss.value is not None and said.loss.low is not None:
            error = (said.loss.value - said.loss.low) / 1.96
            found.append((said.loss.value, _true_loss(sample, metric, reference, window), error))
    said, truth, error = np.array(found).T
    return said, truth, error


def _drawn(sample: Sample, rows: Rows, tilt: float, number: int, random: np.random.Generator) -> Rows:
    """Rows whose chance grows or shrinks with the rank of a numeric column, each column in its turn."""
    names = sample.use_case.numeric
    ranks = sample.table[names[number % len(names)]].iloc[rows].rank(pct=True).fillna(0.5).to_numpy()
    steep = random.choice([-1, 1]) * tilt * np.sqrt(12)
    chances = np.exp(steep * ranks)
    return np.asarray(random.choice(rows, ROWS, replace=False, p=chances / chances.sum()))


def _true_loss(sample: Sample, metric: str, reference: Reference, window: Rows) -> float:
    """By how much the metric of the window is worse than that of the reference."""
    measure = KITS[sample.use_case.task].measures[metric]
    rows = sample.table.iloc[window]
    truth = measure.value(Scores(rows[TARGET].to_numpy(), rows[SCORE].to_numpy(), reference.threshold))
    before = measure.value(reference.labelled.scored(reference.threshold))
    if truth is None or before is None:
        return np.nan
    return loss_of(measure, truth, 0, before, 0).value or 0.0
