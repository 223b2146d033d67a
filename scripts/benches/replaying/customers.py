"""Streams of churn: real customers drawn by months, outcomes drawn from a fixed relation, and what is planted.

The table has no time and few rows, so that a year in order has to be made. Customers are drawn with replacement and
keep all their columns. Whether a customer leaves is drawn anew at each drawing, with the probability that a model
fitted to the whole real table gives: a row that was learned does not betray the outcome of its double, and what is
planted is known exactly.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from scripts.benches.replaying.stream import DAY, Fault, Stream
from slipway.core.params import UseCaseParams
from slipway.core.use_case import UseCase
from slipway.data.preparation import inputs_of, prepare
from slipway.stages.recipe import trainer_of
from slipway.training.signature import infer_signature

MOMENT = "asked_at"
BEGINS = pd.Timestamp("2025-01-01", tz="UTC").timestamp()
MONTH_DAYS, STEPS = 28.0, 4
WEEKLY_ROWS = 600
HISTORY_DAYS = 112.0
LABEL_DAYS = 14.0
PLANTED_MONTH = 4
HOLDOUT_SHARE = 0.1
_NOT_OF_A_STREAM = ("expect_table_columns_to_match_set", "expect_compound_columns_to_be_unique")

Floats = np.ndarray


@dataclass(frozen=True)
class Planted:
    """What changes at the planted month.

    Attributes:
        weights: of customers (n,) in drawing, from the real table and their probabilities.
        logits: added to the logit of leaving, (n,): the relation changes, and what customers look like does not.
        odds: of those who left against those who stayed, in drawing: the prior moves, and nothing else.
    """

    title: str
    words: str
    weights: Callable[[pd.DataFrame], Floats] | None = None
    logits: Callable[[pd.DataFrame], Floats] | None = None
    odds: float = 1.0
    fault: Fault | None = None


def _newer_customers(rows: pd.DataFrame) -> Floats:
    return np.exp(-rows["tenure"].to_numpy() / 40.0)


def _for_another_reason(rows: pd.DataFrame) -> Floats:
    return np.where(rows["partner"] == "Yes", 1.0, -1.0)


def _constant(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(device_protection="No internet service")


def _in_cents(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(monthly_charges=rows["monthly_charges"] * 100)


def _in_years(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(tenure=(rows["tenure"] / 12).round())


PLANTED: Mapping[str, Planted] = {
    "steady": Planted("No drift", "nothing"),
    "covariate": Planted(
        "Covariate drift", "customers are drawn by exp(-tenure / 40 months): tenure falls", weights=_newer_customers
    ),
    "label": Planted("Label drift", "the odds of leaving are 1.6 times as high, whoever it is", odds=1.6),
    "concept": Planted(
        "Concept drift", "a partner adds 1 logit of leaving, none takes 1 away", logits=_for_another_reason
    ),
    "constant": Planted(
        "Fault: a column gone constant", "device_protection arrives as 'No internet service' always", fault=_constant
    ),
    "cents": Planted(
        "Fault: a unit that is refused",
        "monthly_charges arrives in cents, out of the range that is taken",
        fault=_in_cents,
    ),
    "years": Planted(
        "Fault: a unit that is taken", "tenure arrives in whole years, within the range that is taken", fault=_in_years
    ),
}


def customers(
    name: str, use_case: UseCase, params: UseCaseParams, raw: pd.DataFrame, *, seed: int, months: int = 12
) -> Stream:
    """A stream of one kind; another ``seed`` draws other customers and outcomes."""
    planted, rng = PLANTED[name], np.random.default_rng([seed, 8])
    weeks = np.arange(-int(HISTORY_DAYS // 7), months * STEPS)
    before = _leaving(use_case, params, raw)
    after = before if planted.logits is None else _moved(before, planted.logits(raw))
    drawn, left = [], []
    for week in weeks:
        changed = week >= (PLANTED_MONTH - 1) * STEPS and planted.fault is None
        rows, outcome = _week(raw, after, planted, rng) if changed else _week(raw, before, PLANTED["steady"], rng)
        drawn.append(rows)
        left.append(outcome)
    table = raw.iloc[np.concatenate(drawn)].reset_index(drop=True)
    table[use_case.target] = np.where(np.concatenate(left), "Yes", "No")
    moments = _moments(weeks, rng)
    table[MOMENT] = moments.astype("datetime64[s]")
    return Stream(
        name=name, title=planted.title, planted=planted.words, use_case=_in_time(use_case), params=_by_time(params),
        table=table, moments=moments, begins=BEGINS, month_days=MONTH_DAYS, steps=STEPS, months=months,
        label_days=LABEL_DAYS, remembered_days=HISTORY_DAYS, fault=planted.fault,
        planted_month=None if name == "steady" else PLANTED_MONTH,
    )  # fmt: skip


def _week(raw: pd.DataFrame, leaves: Floats, planted: Planted, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Positions of a week's customers, and whether each leaves."""
    weights = np.ones(len(raw)) if planted.weights is None else planted.weights(raw)
    share = leaves * planted.odds + (1 - leaves)
    rows = rng.choice(len(raw), WEEKLY_ROWS, p=weights * share / (weights * share).sum())
    return rows, rng.random(WEEKLY_ROWS) < leaves[rows] * planted.odds / share[rows]


def _moved(probabilities: Floats, logits: Floats) -> Floats:
    moved: Floats = 1 / (1 + (1 / probabilities - 1) * np.exp(-logits))
    return moved


def _leaving(use_case: UseCase, params: UseCaseParams, raw: pd.DataFrame) -> Floats:
    """How probably each customer leaves, (n,): by the use case's own trainer, fitted to the whole real table."""
    prepared, _ = prepare(raw, use_case, params.split)
    inputs = inputs_of(infer_signature(use_case, prepared, None), raw)
    left = (raw[use_case.target] == use_case.positive).to_numpy(float)
    said: Floats = np.clip(trainer_of(use_case, params.train).train(inputs, left).evaluate(inputs), 0.005, 0.995)
    return said


def _moments(weeks: Floats, rng: np.random.Generator) -> Floats:
    """Ascending, spread over each week, whole seconds."""
    spread = np.sort(rng.integers(0, 7 * int(DAY), (len(weeks), WEEKLY_ROWS)), axis=1)
    return (BEGINS + weeks[:, None] * 7 * DAY + spread).ravel()


def _in_time(use_case: UseCase) -> UseCase:
    """With the moment of each row; a stream repeats customers, so the suite's rules on that are left out."""
    suite = tuple(e for e in use_case.expectations if e.kind not in _NOT_OF_A_STREAM)
    return replace(use_case, time=MOMENT, expectations=suite)


def _by_time(params: UseCaseParams) -> UseCaseParams:
    section = params.model_dump(mode="json")
    section["split"] = {"by": "time", "holdout_share": HOLDOUT_SHARE}
    return UseCaseParams.model_validate_json(json.dumps(section))
