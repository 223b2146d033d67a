"""A small model's reference, windows of its log, and the situation of a look."""

from typing import Any

import numpy as np
import pandas as pd

from slipway.core.evaluation import Decision
from slipway.core.params import MonitorParams, RetrainParams
from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.core.version import Standing, Version
from slipway.core.watch import Counts, Span, Watch
from slipway.monitoring.batch import Batch, Outcomes
from slipway.monitoring.looking import look
from slipway.monitoring.reference import Reference, read_reference
from slipway.monitoring.situation import Situation
from slipway.monitoring.tally import Tally

FIELDS = (
    Field(name="tenure", type="number", nullable=True, low=-10, high=10),
    Field(name="ignored", type="number", nullable=False, low=-10, high=10),
    Field(name="contract", type="category", nullable=False, categories=("month", "year")),
    Field(name="signed", type="date", nullable=False),
    Field(name="postcode", type="category", nullable=True, log="hashed"),
    Field(name="name", type="category", nullable=True, log="left_out"),
)
IMPORTANCES = {"tenure": 6.0, "contract": 3.0, "ignored": 0.01, "signed": 1.0, "postcode": 1.0, "name": 0.5}


def signature(task: Task = Task.CLASSIFICATION, fields: tuple[Field, ...] = FIELDS) -> Signature:
    return Signature(use_case="x", title="", task=task, inputs=fields, output="y", examples=(), threshold=0.5)


def rows(count: int, seed: int = 0, tenure: float = 0.0, harm: float = 0.0) -> pd.DataFrame:
    """Rows of which the truth follows tenure; ``harm`` is the share of outcomes that are turned round."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "tenure": random.normal(tenure, 1, count),
            "ignored": random.normal(size=count),
            "contract": random.choice(["month", "year"], count, p=[0.7, 0.3]).astype(object),
            "signed": 17_000 + random.integers(0, 300, count).astype(float),
            "postcode": np.full(count, "hashed", object),
            "name": np.full(count, "left_out", object),
        }
    )
    score = 1 / (1 + np.exp(-2 * table["tenure"].to_numpy()))
    truth = random.random(count) < np.where(random.random(count) < harm, 1 - score, score)
    return table.assign(__score__=score, __target__=truth.astype(float))


def reference(table: pd.DataFrame | None = None, importances: Any = None) -> Reference:
    table = rows(4_000) if table is None else table
    return read_reference(table, signature(), IMPORTANCES if importances is None else importances)


def batch(table: pd.DataFrame, hour: float = 0.0) -> Batch:
    names = [name for name in table.columns if not name.startswith("__") and name != "name"]
    count = len(table)
    return Batch(
        {name: table[name].to_numpy() for name in names},
        table["__score__"].to_numpy(),
        np.arange(count, dtype=np.uint64),
        np.full(count, 1_767_225_600.0 + 3600 * hour),
        np.full(count, 4.0),
    )


def tally(table: pd.DataFrame, against: Reference | None = None) -> Tally:
    counted = Tally(reference() if against is None else against)
    counted.add(batch(table, hour=160))
    return counted


def outcomes(table: pd.DataFrame) -> Outcomes:
    return Outcomes(table["__target__"].to_numpy(), table["__score__"].to_numpy(), np.zeros(len(table)))


def situation(**known: Any) -> Situation:
    """A champion of November, looked at after the first week of 2026."""
    about: dict[str, Any] = {
        "use_case": "x",
        "version": 3,
        "record_digest": "r3",
        "registered_at": "2025-11-01T00:00:00+00:00",
        "span": Span(since="2026-01-01T00:00:00+00:00", until="2026-01-08T00:00:00+00:00"),
        "now": "2026-01-08T00:00:00+00:00",
        "metric": "roc_auc",
        "fresh_data": True,
    }
    return Situation(**about | known)


def version(number: int, registered_at: str, decision: Decision = Decision.REJECT) -> Version:
    return Version(
        use_case="x",
        number=number,
        aliases=(),
        decision=decision,
        reason="a slice is worse",
        record_digest=f"r{number}",
        model_digest=f"m{number}",
        holdout_digest="h",
        commit="c",
        primary="",
        signature_digest="",
        registered_at=registered_at,
        standing=Standing.UNPROMOTED,
    )


def watch(table: pd.DataFrame, *, labelled: bool = False, against: Reference | None = None, **known: Any) -> Watch:
    """A look at a window of these rows."""
    against = reference() if against is None else against
    return look(
        against,
        tally(table, against),
        outcomes(table) if labelled else None,
        known.pop("counts", Counts(predictions=len(table), requests=len(table))),
        params=known.pop("params", MonitorParams()),
        retrain=known.pop("retrain", RetrainParams()),
        collect=known.pop("collect", lambda: None),
        situation=situation(**known),
    )


def week(number: int) -> dict[str, Any]:
    """The span of one of the weeks after the first, and the moment after it."""
    since, until = (pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=7 * (number + n)) for n in (0, 1))
    return {"span": Span(since=since.isoformat(), until=until.isoformat()), "now": until.isoformat()}
