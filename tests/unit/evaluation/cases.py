"""Evidence to judge: small, seeded, of either task."""

from dataclasses import replace

import numpy as np

from slipway.core.params import AbsoluteGate, BaselineGate, GateParams, ReferenceGate, SliceGate
from slipway.core.task import Task
from slipway.evaluation.evidence import Evidence

CLASSIFICATION_GATES = GateParams(
    absolute=(
        AbsoluteGate(metric="roc_auc", min=0.7),
        AbsoluteGate(metric="brier", max=0.2),
        AbsoluteGate(metric="recall", min=0.3),
    ),
    baseline=BaselineGate(metric="average_precision", min_gain=0.05),
    champion=ReferenceGate(metric="roc_auc", margin=0.01),
    anchor=ReferenceGate(metric="roc_auc", margin=0.01),
    slices=SliceGate(metric="roc_auc", max_drop=0.03),
)

REGRESSION_GATES = GateParams(
    absolute=(AbsoluteGate(metric="mape", max=0.4), AbsoluteGate(metric="bias", min=-50.0, max=50.0)),
    baseline=BaselineGate(metric="rmse_log", min_gain=0.1),
    champion=ReferenceGate(metric="rmse_log", margin=0.02),
    anchor=ReferenceGate(metric="rmse_log", margin=0.02),
    slices=SliceGate(metric="rmse_log", max_drop=0.03),
)


def sigmoid(log_odds):
    return 1 / (1 + np.exp(-log_odds))


def classified(rows=2000, seed=0, noise=0.02, **changes):
    """A candidate that is the champion with a little noise on its log odds."""
    random = np.random.default_rng(seed)
    log_odds = random.normal(-1, 1.8, rows)
    y = (random.random(rows) < sigmoid(log_odds)).astype(float)
    evidence = Evidence(
        task=Task.CLASSIFICATION,
        y=y,
        candidate=sigmoid(log_odds + random.normal(0, noise, rows)),
        baseline=np.full(rows, y.mean()),
        champion=sigmoid(log_odds),
        anchor=sigmoid(log_odds),
        shuffled=random.uniform(0.2, 0.4, rows),
        slices={"plan": random.choice(np.array(["basic", "gold"]), rows, p=[0.7, 0.3])},
        threshold=0.3,
    )
    return replace(evidence, **changes)


def estimated(rows=2000, seed=0, noise=0.02, **changes):
    """A regression candidate that is the champion with a little noise on its logarithm."""
    random = np.random.default_rng(seed)
    logs = random.normal(5, 0.5, rows)
    champion = np.exp(logs + random.normal(0, 0.2, rows))
    evidence = Evidence(
        task=Task.REGRESSION,
        y=np.exp(logs),
        candidate=champion * np.exp(random.normal(0, noise, rows)),
        baseline=np.full(rows, np.exp(5.0)),
        champion=champion,
        anchor=champion,
        shuffled=np.exp(random.normal(5, 0.05, rows)),
        slices={"area": random.choice(np.array(["hill", "shore"]), rows, p=[0.7, 0.3])},
    )
    return replace(evidence, **changes)
