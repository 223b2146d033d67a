"""What a model's predictions are compared with: the rows it was made with, and how well it did on those held out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.core.watch import Concern, Sighting, Weight
from slipway.evaluation.scores import Scores
from slipway.monitoring.batch import Floats, Words
from slipway.monitoring.category_column import Categories
from slipway.monitoring.hidden_column import Hidden
from slipway.monitoring.number_column import Numbers

SCORE, TARGET = "__score__", "__target__"

Column = Numbers | Categories | Hidden


@dataclass(frozen=True, eq=False)
class Labelled:
    """The rows of the reference that the model was not trained on; arrays of shape (m,).

    Attributes:
        targets, scores: float64.
        inputs: of these rows, by name, those whose values the log shows: float64, or str and None.
    """

    targets: Floats
    scores: Floats
    inputs: Mapping[str, Floats | Words]

    @property
    def rows(self) -> int:
        return self.targets.size

    def part(self, rows: npt.NDArray[np.intp]) -> "Labelled":
        """Some of the rows, by their positions; one may be there more than once."""
        inputs = {name: values[rows] for name, values in self.inputs.items()}
        return Labelled(self.targets[rows], self.scores[rows], inputs)

    def scored(self, threshold: float) -> Scores:
        """As metrics take them."""
        return Scores(self.targets, self.scores, threshold)


@dataclass(frozen=True, eq=False)
class Reference:
    """A model's reference.

    Attributes:
        rows: of the table; 0 where there is none to compare with.
        columns: by name, one for each input of the signature.
        prediction: scores of the rows that the model was not trained on.
        importances: each column's share of the total, from 0 to 1; empty where nobody knows.
        problems: what is wrong with the table.
    """

    rows: int
    task: Task
    threshold: float
    columns: Mapping[str, Column]
    prediction: Numbers
    labelled: Labelled
    importances: Mapping[str, float]
    problems: tuple[Sighting, ...] = ()

    def importance(self, column: str) -> float | None:
        """A column's share of the model's importance; None where nobody knows."""
        return self.importances.get(column)


def read_reference(table: pd.DataFrame, signature: Signature, importances: Mapping[str, float]) -> Reference:
    """Make a reference from its table.

    A table that does not fit the signature is used as far as it does; what does not is told among ``problems``.

    Args:
        table: a column an input (numbers and dates float64, categories str or None), ``__score__`` (float64, NaN where
            the model was trained on the row) and ``__target__`` (float64), (n, k).
        importances: by input, 0 or more, in any unit.
    """
    problems = [*_of_columns(table, signature), *_of_outcomes(table)]
    columns = {field.name: _column(table, field) for field in signature.inputs}
    labelled = _labelled(table, {name for name, column in columns.items() if not isinstance(column, Hidden)})
    return Reference(
        rows=len(table),
        task=signature.task,
        threshold=0.5 if signature.threshold is None else signature.threshold,
        columns=columns,
        prediction=Numbers.of(_floats(table, SCORE)[np.isfinite(_floats(table, SCORE))]),
        labelled=labelled,
        importances=_shares(importances),
        problems=tuple(problems),
    )


HIDDEN = {"hashed": "the log keeps its values as hashes", "left_out": "the log leaves it out"}


def _column(table: pd.DataFrame, field: Field) -> Column:
    if field.name not in table.columns:
        return Hidden(0, 0, "the reference does not have it", shows_missing=False)
    if field.log != "plain":
        missing = int(table[field.name].isna().sum())
        return Hidden(len(table), missing, HIDDEN[field.log], shows_missing=field.log == "hashed")
    if _is_of_another_type(table, field):
        return Hidden(0, 0, "the reference has another type of it", shows_missing=False)
    return MADE[field.type](table, field)


def _categories(table: pd.DataFrame, field: Field) -> Column:
    return Categories.of(table[field.name].astype(object).to_numpy(), field.categories)


def _numbers(table: pd.DataFrame, field: Field) -> Column:
    values = _floats(table, field.name)
    return Numbers.of(values, low=field.low, high=field.high, is_date=field.type == "date")


MADE: Mapping[str, Callable[[pd.DataFrame, Field], Column]] = {
    "number": _numbers,
    "date": _numbers,
    "category": _categories,
}


def _is_of_another_type(table: pd.DataFrame, field: Field) -> bool:
    values = table[field.name]
    is_text = not pd.api.types.is_numeric_dtype(values) and bool(values.notna().any())
    return is_text != (field.type == "category") and bool(values.notna().any())


def _floats(table: pd.DataFrame, name: str) -> Floats:
    if name not in table.columns:
        return np.full(len(table), np.nan)
    return pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)


def _labelled(table: pd.DataFrame, shown: set[str]) -> Labelled:
    scores, targets = _floats(table, SCORE), _floats(table, TARGET)
    known = np.flatnonzero(np.isfinite(scores) & np.isfinite(targets))
    inputs = {name: table[name].to_numpy()[known] for name in table.columns if name in shown}
    return Labelled(targets[known], scores[known], inputs)


def _shares(importances: Mapping[str, float]) -> dict[str, float]:
    known = {name: max(float(value), 0.0) for name, value in importances.items() if np.isfinite(value)}
    total = sum(known.values())
    return {name: value / total for name, value in known.items()} if total > 0 else {}


def _of_columns(table: pd.DataFrame, signature: Signature) -> list[Sighting]:
    names = {field.name for field in signature.inputs}
    lacking = sorted(names - set(table.columns))
    foreign = sorted(set(map(str, table.columns)) - names - {SCORE, TARGET})
    retyped = [f.name for f in signature.inputs if f.name in table.columns and _is_of_another_type(table, f)]
    parts = [("lacks", lacking), ("has besides", foreign), ("has as another type", retyped)]
    told = "; ".join(f"it {verb} {', '.join(columns)}" for verb, columns in parts if columns)
    if not len(table):
        return [_problem("the reference has no rows, so nothing can be compared", Weight.ALARM)]
    weight = Weight.ALARM if names and len(lacking) + len(retyped) == len(names) else Weight.WARNING
    return [_problem(f"the reference is not of this model's inputs: {told}", weight)] if told else []


def _of_outcomes(table: pd.DataFrame) -> list[Sighting]:
    lacking = [name for name in (SCORE, TARGET) if not np.isfinite(_floats(table, name)).any()]
    if not (len(table) and lacking):
        return []
    told = f"the reference has no {' and no '.join(lacking)}, so performance cannot be compared"
    return [Sighting(name="reference outcomes", concern=Concern.PERFORMANCE, weight=Weight.WARNING, told=told)]


def _problem(told: str, weight: Weight) -> Sighting:
    return Sighting(name="reference", concern=Concern.DATA, weight=weight, told=told)
