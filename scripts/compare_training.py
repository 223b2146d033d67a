"""How well other ways to train a use case do on its holdout, or on the folds that its intervals are made with.

    python scripts/compare_training.py NAME [--variant 'WORDS={"estimator": "linear"}' ...] [--on holdout|folds]

The first row is the section `train` of params.yaml; a variant is that section with some keys changed, or a whole one
where it names another estimator. `slipway prepare NAME` must have run. Folds are blocks of training rows in order of
time where the split is by time, so that choices made on them have not seen the holdout.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from slipway.core.params import AnyTrainParams, TrainParams
from slipway.core.signature import Interval
from slipway.core.use_case import UseCase
from slipway.data.preparation import TARGET, TIME
from slipway.evaluation.coverage import check_scores
from slipway.evaluation.measure import Kit, Measure
from slipway.evaluation.scores import Scores
from slipway.evaluation.tasks import KITS
from slipway.stages.recipe import naive_guess, trainer_of
from slipway.training.folds import random_folds, time_ordered_folds
from slipway.training.intervals import prediction_interval
from slipway.wiring import Project, open_project

_SHOWN = 3
_FOLDS = 5
_SHARED = ("seed", "target", "level")


@dataclass(frozen=True)
class Data:
    """Rows to train on and rows to judge on, once or fold by fold."""

    use_case: UseCase
    pairs: tuple[tuple[pd.DataFrame, pd.DataFrame], ...]
    in_time: bool

    @property
    def truth(self) -> np.ndarray:
        return np.concatenate([judged[TARGET].to_numpy() for _, judged in self.pairs])


@dataclass(frozen=True)
class Result:
    """What a variant says of the rows judged on, and what of that the holdout shows of its intervals."""

    words: str
    said: np.ndarray
    seconds: float
    interval: Interval | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    asked = _arguments().parse_args(arguments)
    project = open_project()
    use_case, section = project.use_case(asked.name), project.section(asked.name)
    data = _data(project, use_case, in_time=section.split.by == "time", folds=asked.on == "folds")
    written = section.train.model_dump()
    variants = {"params.yaml": section.train} | dict(_variant(text, written) for text in asked.variant)
    naive = [naive_guess(use_case, train, judged) for train, judged in data.pairs]
    results = [Result("naive", np.concatenate(naive), 0.0, None)]
    results += [_judged(words, params, data, with_interval=asked.on == "holdout") for words, params in variants.items()]
    rows = list(_rows(results, data, KITS[use_case.task]))
    print(_table(rows))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", help="the use case")
    parser.add_argument("--variant", action="append", default=[], metavar="WORDS=JSON")
    parser.add_argument("--on", choices=("holdout", "folds"), default="holdout")
    parser.add_argument("--json", type=Path)
    return parser


def _data(project: Project, use_case: UseCase, *, in_time: bool, folds: bool) -> Data:
    paths = project.paths(use_case.name)
    train = pd.read_parquet(paths.train)
    if not folds:
        return Data(use_case, ((train, pd.read_parquet(paths.holdout)),), in_time)
    dealt = (
        time_ordered_folds(train[TIME].to_numpy())
        if in_time
        else random_folds(len(train), _FOLDS, np.random.default_rng(0))
    )
    return Data(use_case, tuple((train.iloc[past], train.iloc[judged]) for past, judged in dealt), in_time)


def _variant(text: str, written: dict[str, Any]) -> tuple[str, AnyTrainParams]:
    words, _, changes = text.partition("=")
    changed = json.loads(changes)
    other = changed.get("estimator", written["estimator"]) != written["estimator"]
    kept = {key: written[key] for key in _SHARED} if other else written
    made: AnyTrainParams = TypeAdapter(TrainParams).validate_json(json.dumps(kept | changed))
    return words, made


def _judged(words: str, params: AnyTrainParams, data: Data, *, with_interval: bool) -> Result:
    trainer = trainer_of(data.use_case, params)
    names = [feature.name for feature in data.use_case.features]
    start = time.perf_counter()
    said = [trainer.train(t[names], t[TARGET].to_numpy()).evaluate(judged) for t, judged in data.pairs]
    seconds = time.perf_counter() - start
    if not (with_interval and data.use_case.task.has_interval):
        return Result(words, np.concatenate(said), seconds, None)
    train, _ = data.pairs[0]
    order = train[TIME].to_numpy() if data.in_time else None
    relative = params.target == "log"
    interval = prediction_interval(
        trainer, train[names], train[TARGET].to_numpy(), params.seed, relative=relative, time=order
    )
    return Result(words, np.concatenate(said), seconds, interval)


def _rows(results: Sequence[Result], data: Data, kit: Kit) -> Iterator[dict[str, Any]]:
    truth = data.truth
    first = Scores(truth, results[1].said, threshold=0.5)
    for result in results:
        scores = Scores(truth, result.said, threshold=0.5)
        row: dict[str, Any] = {"variant": result.words}
        for measure in list(kit.measures.values())[:_SHOWN]:
            row[measure.name] = _figure(measure, scores)
            row[f"{measure.name} gain"] = "" if result is results[1] else _gain(measure, scores, first)
        if result.interval is not None:
            check = check_scores(result.interval, scores)
            row["coverage"] = f"{check.coverage.value:.3f} [{check.coverage.low:.3f}, {check.coverage.high:.3f}]"
            row["width"] = f"{check.width:,.0f}"
        yield row | {"seconds": round(result.seconds, 1)}


def _figure(measure: Measure, scores: Scores) -> str:
    metric = measure.of(scores)
    if metric.value is None or metric.low is None or metric.high is None:
        return "not defined"
    digits = ",.0f" if abs(metric.value) >= 1000 else ".4f"
    return f"{metric.value:{digits}} [{metric.low:{digits}}, {metric.high:{digits}}]"


def _gain(measure: Measure, scores: Scores, first: Scores) -> str:
    gain = measure.difference(scores, first)
    if gain is None:
        return "not defined"
    scale, unit = (100, " %") if measure.relative else (1, "")
    return f"{gain.value * scale:+.2f}{unit} [{gain.low * scale:+.2f}, {gain.high * scale:+.2f}]"


def _table(rows: Sequence[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [f"| {' | '.join(names)} |", "| " + " | ".join("---" for _ in names) + " |"]
    lines += [f"| {' | '.join(str(row.get(name, '')) for name in names)} |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
