"""The going rate of a place and time, known before the day it is asked for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from slipway.core.params import LevelParams
from slipway.core.use_case import Level

RELATIVE = "{by}: level relative to all"


@dataclass(frozen=True, eq=False)
class LocalLevels:
    """Levels by period and group, on the scale of logarithms, as a table that is looked up.

    A period's levels are those of rows before it, so that neither its own rows nor later ones move them. A date before
    the first period has the first period's levels, one after the last period the last one's.

    Attributes:
        groups: the values of ``by`` that were seen, sorted; any other value has the level of all.
        origin: first day of the first period, in days since 1970-01-01.
        overall: float64 (periods,), mean logarithm of target per unit over all groups.
        relative: float32 (groups + 1, periods), how far a group's level is above that; the last row, unseen ones, is 0.
        known_until: the last day whose levels are read off rows; later ones are carried on.
    """

    date: str
    by: str
    groups: tuple[str, ...]
    origin: int
    period_days: int
    overall: np.ndarray
    relative: np.ndarray
    known_until: int

    @property
    def column(self) -> str:
        """Name of the feature that :meth:`features` adds."""
        return relative_level(self.by)

    @property
    def last_day(self) -> int:
        """Last day of the last period, in days since 1970-01-01."""
        return self.origin + self.period_days * self.overall.size - 1

    def base(self, rows: pd.DataFrame) -> np.ndarray:
        """The level of all at each row's date, float64 (n,)."""
        return np.asarray(self.overall[self._periods(rows)])

    def features(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with one more column, float32: how far their group is above the level of all."""
        group = rows[self.by].map({name: code for code, name in enumerate(self.groups)}).fillna(len(self.groups))
        return rows.assign(**{self.column: self.relative[group.to_numpy(dtype="int64"), self._periods(rows)]})

    def is_known(self, rows: pd.DataFrame) -> np.ndarray:
        """Whether there were earlier rows to read a level off when each row was; bool (n,)."""
        return np.asarray(rows[self.date].to_numpy() >= self.origin)

    def _periods(self, rows: pd.DataFrame) -> np.ndarray:
        passed = (rows[self.date].to_numpy(dtype="float32") - np.float32(self.origin)) / np.float32(self.period_days)
        return np.asarray(np.clip(np.floor(passed), 0, self.overall.size - 1), "int64")


def relative_level(by: str) -> str:
    """What the feature is called that levels of ``by`` add."""
    return RELATIVE.format(by=by)


def fit_local_levels(
    rows: pd.DataFrame, target: np.ndarray, *, level: Level, date: str, params: LevelParams
) -> LocalLevels:
    """Read levels off rows.

    A period's level of all is the mean of ln(target / per) over the rows of the window before it; a group's is the same
    mean over its own rows, drawn to that of all as if by ``prior_rows`` rows there (the posterior mean of a normal
    model; Efron and Morris, Stein's paradox in statistics, 1977). Periods without any row before them in the window
    take the levels of the period before; the first period is the first with a whole window before it. After the last
    row the level of all goes on by the mean change a period over ``drift_days`` (a random walk with drift; Hyndman and
    Athanasopoulos, Forecasting: principles and practice, 5.2), and groups keep their distance from it.

    Args:
        rows: prepared features (n, k), n at least 1: ``date`` in days since 1970-01-01, ``level.by``, ``level.per``.
        target: ln of the target, float64 (n,).
    """
    day = rows[date].to_numpy(dtype="float64")
    start, window = int(day.min()), params.window_days // params.period_days
    period = ((day - start) // params.period_days).astype("int64")
    groups = tuple(sorted(set(rows[level.by])))
    group = rows[level.by].map({name: code for code, name in enumerate(groups)}).to_numpy(dtype="int64")
    shape = len(groups), int(period.max()) + 2
    values = target - np.log(rows[level.per].to_numpy(dtype="float64"))
    known = np.isfinite(values)
    sums, counts = _windows((group * shape[1] + period)[known], values[known], shape, window)
    overall, relative = _shrunk(sums, counts, params.prior_rows)
    first = min(window, int(period.max()))
    ahead = params.horizon_days // params.period_days
    return LocalLevels(
        date=date,
        by=level.by,
        groups=groups,
        origin=start + first * params.period_days,
        period_days=params.period_days,
        overall=np.concatenate([overall[first:], _drift(overall[first:], params, ahead)]),
        relative=np.pad(relative[:, first:], ((0, 1), (0, 0))).astype("float32")[:, _held(overall.size - first, ahead)],
        known_until=start + overall.size * params.period_days - 1,
    )


def _windows(
    cells: np.ndarray, values: np.ndarray, shape: tuple[int, int], window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sum and number of values of each group in the ``window`` periods before each period.

    Args:
        cells: int64 (n,), each value's place in a table of ``shape``, (groups, periods).
    """
    sums, counts = (np.bincount(cells, weights, minlength=shape[0] * shape[1]) for weights in (values, None))
    return _trailing(sums.reshape(shape), window), _trailing(counts.reshape(shape), window)


def _trailing(table: np.ndarray, window: int) -> np.ndarray:
    before = np.pad(np.cumsum(table, axis=1), ((0, 0), (1, 0)))
    ends = np.arange(table.shape[1])
    return np.asarray(before[:, ends] - before[:, np.maximum(0, ends - window)])


def _shrunk(sums: np.ndarray, counts: np.ndarray, prior: float) -> tuple[np.ndarray, np.ndarray]:
    """The level of all (periods,) and how far each group is above it (groups, periods)."""
    totals = counts.sum(axis=0)
    overall = _carried(np.divide(sums.sum(axis=0), totals, out=np.full(totals.shape, np.nan), where=totals > 0))
    return overall, (sums - counts * overall) / (counts + prior)


def _carried(levels: np.ndarray) -> np.ndarray:
    """Gaps filled with what was there before; what comes before any level is filled with 0 and cut off later."""
    filled: np.ndarray = pd.Series(levels).ffill().fillna(0.0).to_numpy()
    return filled


def _drift(overall: np.ndarray, params: LevelParams, ahead: int) -> np.ndarray:
    back = min(params.drift_days // params.period_days, overall.size - 1)
    step = (overall[-1] - overall[-1 - back]) / back if back else 0.0
    return np.asarray(overall[-1] + step * np.arange(1, ahead + 1))


def _held(known: int, ahead: int) -> np.ndarray:
    return np.minimum(np.arange(known + ahead), known - 1)
