"""Earlier rows that can be shown beside a prediction: the document ``comparables.json``."""

from slipway.core.value import Value

Cell = float | str | None


class Alike(Value):
    """What makes a row comparable; the names are those of ``ComparableRows.columns``.

    Attributes:
        place: latitude and longitude, in degrees.
        size: compared by ratio.
        time: a day; None where requests name none, then no row is nearer in time than another.
        same: in these no comparable row differs.
        km, ratio, days: so far away, so much larger and so long ago count as equally unlike.
    """

    place: tuple[str, str]
    size: str
    time: str | None
    same: tuple[str, ...]
    km: float
    ratio: float
    days: float


class ComparableRows(Value):
    """The latest training rows, column by column.

    Attributes:
        count: how many rows there are at most beside a prediction.
        days: when each row was, ISO 8601.
        target: what each row's outcome was.
        columns: inputs of the model; all lists are of one length.
    """

    schema_version: int = 1
    alike: Alike
    count: int
    days: tuple[str, ...]
    target: tuple[float, ...]
    columns: dict[str, tuple[Cell, ...]]
