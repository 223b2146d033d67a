"""Where levels may go in the next months, and how far such forecasts were off: the document ``outlook.json``."""

from slipway.core.evaluation import Backtest
from slipway.core.value import Value


class Ahead(Value):
    """One forecast: the level, and between which levels it lies for a share ``band`` of all forecasts like it."""

    low: float
    level: float
    high: float


class GroupOutlook(Value):
    """One group's levels: target per unit.

    Attributes:
        levels: of the months up to the last one, the last of them last; null where too few rows were there.
        rows: how many there were.
        now: what the method takes the level of the last month to be, which is what forecasts go on from.
        ahead: of the next months.
    """

    levels: tuple[float | None, ...]
    rows: tuple[int, ...]
    now: float
    ahead: tuple[Ahead, ...]


class Outlook(Value):
    """All groups' levels, what is to come of them, and why it is believed.

    Attributes:
        by, per: the field whose values are the groups, and the one whose units are counted.
        time: the field that says when; None where the model takes none.
        unit: of a level.
        last_month: such as "2015-12"; ``last_day`` is the day in it that was seen last, ISO 8601.
        band: the share of forecasts that bands are made to hold.
        groups: the groups' values.
    """

    schema_version: int = 1
    by: str
    per: str
    time: str | None
    unit: str
    last_month: str
    last_day: str
    band: float
    method: str
    groups: dict[str, GroupOutlook]
    backtest: Backtest
