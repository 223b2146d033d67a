"""The rows of a use case with scores of models that did not see them: what windows and references are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.core.params import UseCaseParams
from slipway.core.signature import Signature
from slipway.core.use_case import UseCase
from slipway.data.preparation import MISSING_CATEGORY, TARGET
from slipway.monitoring.batch import Batch
from slipway.monitoring.reference import SCORE, Reference, read_reference
from slipway.monitoring.tally import Tally
from slipway.stages.recipe import trainer_of
from slipway.training.folds import random_folds
from slipway.training.interface import FittedModel
from slipway.training.signature import infer_signature
from slipway.wiring import Project

FOLDS = 5

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sample:
    """Exchangeable rows of a use case, as a reference table has them, with what a look needs besides."""

    use_case: UseCase
    table: pd.DataFrame
    signature: Signature
    importances: Mapping[str, float]
    section: UseCaseParams

    def reference(self, rows: Rows) -> Reference:
        """A reference of some of the rows."""
        return read_reference(self.table.iloc[rows].reset_index(drop=True), self.signature, self.importances)


def sample_of(project: Project, name: str) -> Sample:
    """By key: all rows, scored by models of the other folds. By time: those held out, scored by the model."""
    use_case, section, paths = project.use_case(name), project.section(name), project.paths(name)
    train, holdout = pd.read_parquet(paths.train), pd.read_parquet(paths.holdout)
    inputs = [feature.name for feature in use_case.features]
    trainer = trainer_of(use_case, section.train)
    rows = holdout if section.split.by == "time" else pd.concat([train, holdout], ignore_index=True)
    scores = np.empty(len(rows))
    pairs = [(train, np.arange(len(rows)))]
    if section.split.by != "time":
        dealt = random_folds(len(rows), FOLDS, np.random.default_rng(0))
        pairs = [(rows.iloc[others], fold) for others, fold in dealt]
    for others, fold in pairs:
        model = trainer.train(others[inputs], others[TARGET].to_numpy())
        scores[fold] = model.evaluate(rows.iloc[fold])
    table = rows[[*inputs, TARGET]].assign(**{SCORE: scores})
    numbers, words = [*use_case.numeric, *use_case.dates], list(use_case.categorical)
    table = table.astype(dict.fromkeys(numbers, np.float64))
    for column in words:
        table[column] = [None if word == MISSING_CATEGORY else word for word in table[column]]
    signature = infer_signature(use_case, rows, None)
    return Sample(use_case, table, signature, _importances(model, rows, inputs), section)


def _importances(model: FittedModel, rows: pd.DataFrame, inputs: list[str]) -> dict[str, float]:
    """How far scores move, on average, when a column is shuffled."""
    some = rows.sample(n=min(len(rows), 2_000), random_state=0).reset_index(drop=True)
    before, random = model.evaluate(some), np.random.default_rng(0)
    moved = {}
    for name in inputs:
        shuffled = some.assign(**{name: some[name].to_numpy()[random.permutation(len(some))]})
        moved[name] = float(np.abs(model.evaluate(shuffled) - before).mean())
    return moved


def batch_of(table: pd.DataFrame) -> Batch:
    """Rows as if they had been predicted."""
    columns = {str(name): table[name].to_numpy() for name in table.columns if not str(name).startswith("__")}
    rows = len(table)
    ids, never = np.arange(rows, dtype=np.uint64), np.full(rows, np.nan)
    return Batch(columns, table[SCORE].to_numpy(np.float64), ids, never, never)


def tally_of(reference: Reference, table: pd.DataFrame) -> Tally:
    """A window's rows, counted."""
    tally = Tally(reference)
    tally.add(batch_of(table))
    return tally
