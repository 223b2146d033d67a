"""What a team writes about its model; the machine reads nothing else of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slipway.core.task import Task

if TYPE_CHECKING:
    import pandas as pd

    from slipway.core.expectation import Expectation
    from slipway.core.source import Source


@dataclass(frozen=True)
class Numeric:
    """A model input that is a number. ``unit`` is what a caller of the endpoint reads, such as ``"months"``."""

    name: str
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class Categorical:
    """A model input that is one of a set of strings."""

    name: str
    description: str = ""


@dataclass(frozen=True)
class Date:
    """A model input that is a calendar day: what models take is the number of days since 1970-01-01."""

    name: str
    description: str = ""


Feature = Numeric | Categorical | Date
NO_FEATURES = frozenset({"prediction", "__target__", "__time__"})  # the model's output; outcome and moment of a row


@dataclass(frozen=True)
class Level:
    """What the target is worth at a place and time: per unit of a numeric feature, by the values of a categorical one.

    When a row was is said by the use case's ``time``.
    """

    by: str
    per: str


@dataclass(frozen=True)
class UseCase:
    """A model to be: where its data comes from, what valid data is, what is predicted from what.

    Attributes:
        name: the folder's name, the section of params.yaml and the name in the registry.
        title: one line for people.
        target: the column to predict.
        positive: for classification, the value of ``target`` that counts as 1.
        key: columns that together identify a row; equal keys stay on the same side of every split.
        features: the model's inputs, in the order of its signature.
        collect: fetches the raw table; it gets the project's root folder. A ``Source`` where it needs more.
        expectations: the suite the raw table is held to.
        time: the column that says when a row was; rows can then be split and folded in order of time.
        level: what a naive guess is made of, and what models may learn the difference from.
    """

    name: str
    title: str
    task: Task
    target: str
    key: tuple[str, ...]
    features: tuple[Feature, ...]
    collect: "Callable[[Path], pd.DataFrame] | Source"
    expectations: "tuple[Expectation, ...]"
    positive: str | int | None = None
    unit: str = ""
    time: str | None = None
    level: Level | None = None

    @property
    def dates(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.features if isinstance(f, Date))

    @property
    def numeric(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.features if isinstance(f, Numeric))

    @property
    def categorical(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.features if isinstance(f, Categorical))
