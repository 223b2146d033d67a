"""What some bundles hold to be served beside predictions: earlier rows to compare with, and levels to come.

The training side declares the same documents for itself; a test holds the two together.
"""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PositiveFloat, PositiveInt, model_validator
from pydantic import Field as Bounded


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_day)]
Cell = float | str | None


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Alike(_Document):
    """What makes a row comparable.

    Attributes:
        place: the columns of latitude and longitude, in degrees.
        size: compared by ratio.
        time: the input that is a day; None where there is none.
        same: in these no comparable row differs.
        km, ratio, days: so far away, so much larger and so long ago count as equally unlike.
    """

    place: tuple[str, str]
    size: str
    time: str | None
    same: tuple[str, ...]
    km: PositiveFloat
    ratio: Annotated[float, Bounded(gt=1)]
    days: PositiveFloat


class ComparableRows(_Document):
    """The document ``comparables.json``: training rows, column by column.

    Attributes:
        count: how many are shown at most.
        days: when each row was, ISO 8601; ``target`` is what it came to.
        columns: inputs of the model.
    """

    schema_version: int = 1
    alike: Alike
    count: PositiveInt
    days: Annotated[tuple[Day, ...], Bounded(min_length=1)]
    target: tuple[float, ...]
    columns: dict[str, tuple[Cell, ...]]

    @model_validator(mode="after")
    def _is_a_table(self) -> "ComparableRows":
        lengths = {len(self.days), len(self.target), *map(len, self.columns.values())}
        if len(lengths) != 1:
            raise ValueError("its columns are of different lengths")
        missing = {*self.alike.place, self.alike.size, *self.alike.same} - self.columns.keys()
        if missing:
            raise ValueError(f"has no column {min(missing)}")
        numbers = (value for name in (*self.alike.place, self.alike.size) for value in self.columns[name])
        if not all(isinstance(value, float) for value in numbers):
            raise ValueError("a place or a size is no number")
        if min(self.columns[self.alike.size]) <= 0:  # type: ignore[type-var,operator]
            raise ValueError("a size is not above 0")
        return self


class Ahead(_Document):
    """One forecast of a level, with the ends of its band."""

    low: PositiveFloat
    level: PositiveFloat
    high: PositiveFloat


class GroupOutlook(_Document):
    """One group: the levels of the last months, of how many rows they are, and what is to come.

    Attributes:
        now: what the level of the last month is taken to be, which ``ahead`` goes on from.
    """

    levels: tuple[float | None, ...]
    rows: tuple[int, ...]
    now: PositiveFloat
    ahead: Annotated[tuple[Ahead, ...], Bounded(min_length=1)]


class Figure(_Document):
    """A figure with its 95 % interval."""

    name: str
    value: float | None
    low: float | None
    high: float | None


class MethodResult(_Document):
    """How far one method was off, and by how much the one that serves was closer."""

    method: str
    errors: tuple[Figure, ...]
    gain: Figure | None


class Backtest(_Document):
    """Forecasts of the past beside what came."""

    first: str
    last: str
    forecasts: int
    served: str
    methods: tuple[MethodResult, ...]
    noise: float
    coverage: Annotated[tuple[Figure, ...], Bounded(min_length=1)]
    width: tuple[Figure, ...]

    @model_validator(mode="after")
    def _tells_of_what_serves(self) -> "Backtest":
        if self.served not in {result.method for result in self.methods if result.errors}:
            raise ValueError("has no errors of the method that serves")
        return self


class Outlook(_Document):
    """The document ``outlook.json``.

    Attributes:
        by: the input whose values are the groups; ``per`` the one whose units are counted.
        time: the input that is a day; None where there is none.
        last_month: such as "2015-12"; ``last_day`` is the day in it that was seen last.
        band: the share of forecasts that bands are made to hold.
    """

    schema_version: int = 1
    by: str
    per: str
    time: str | None
    unit: str
    last_month: Annotated[str, Bounded(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")]
    last_day: Day
    band: Annotated[float, Bounded(gt=0, lt=1)]
    method: str
    groups: dict[str, GroupOutlook]
    backtest: Backtest
