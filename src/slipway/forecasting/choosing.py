"""What a backtest found, and which method it lets serve."""

from collections.abc import Mapping

import numpy as np

from slipway.core.evaluation import Backtest, MethodResult, Metric
from slipway.forecasting.backtest import Rehearsal
from slipway.forecasting.monthly import Floats, MonthlyLevels
from slipway.forecasting.spread import mean_over_months

ALL = "all"


def chosen(rehearsals: Mapping[str, Rehearsal], months: range) -> str:
    """The method with the smallest mean absolute error; of equals the simpler one."""
    return min(rehearsals, key=lambda name: float(np.nanmean(_sizes(rehearsals[name], months))))


def found(monthly: MonthlyLevels, rehearsals: Mapping[str, Rehearsal], served: str, months: range) -> Backtest:
    """Every method's errors over the forecasts made in ``months``, and what the bands of the one that serves hold."""
    own = _sizes(rehearsals[served], months)
    reach = np.where(np.isnan(own), np.nan, _at(rehearsals[served].reach, months))
    held = np.where(np.isnan(reach), np.nan, (own <= reach).astype("float64"))
    return Backtest(
        first=monthly.name(months[0]),
        last=monthly.name(months[-1]),
        forecasts=int(np.isfinite(own).sum()),
        served=served,
        methods=tuple(_result(name, _sizes(other, months), own, name == served) for name, other in rehearsals.items()),
        noise=_noise(monthly, own, months),
        coverage=_by_horizon(held),
        width=_by_horizon(np.exp(reach) - np.exp(-reach)),
    )


def _noise(monthly: MonthlyLevels, own: Floats, months: range) -> float:
    """The mean absolute error of a month's mean of n rows with normal errors, over what was judged."""
    alone = np.divide(
        monthly.scatter, np.sqrt(monthly.rows), out=np.full(monthly.rows.shape, np.nan), where=monthly.rows > 0
    )
    came = np.full((monthly.months, *own.shape[1:]), np.nan)
    for h in range(1, own.shape[1] + 1):
        came[:-h, h - 1] = alone[h:]
    judged = np.isfinite(own)
    return float(f"{np.sqrt(2 / np.pi) * _at(came, months)[judged].mean():.6g}") if judged.any() else 0.0


def _result(name: str, sizes: Floats, own: Floats, serves: bool) -> MethodResult:
    gain = None if serves else mean_over_months(ALL, sizes - own)
    return MethodResult(method=name, errors=_by_horizon(sizes), gain=gain)


def _by_horizon(values: Floats) -> tuple[Metric, ...]:
    each = (mean_over_months(_ahead(h), values[:, h - 1]) for h in range(1, values.shape[1] + 1))
    return (mean_over_months(ALL, values), *each)


def _ahead(months: int) -> str:
    return f"{months} month{'s' if months > 1 else ''}"


def _sizes(rehearsal: Rehearsal, months: range) -> Floats:
    return np.abs(_at(rehearsal.errors, months))


def _at(values: Floats, months: range) -> Floats:
    return values[months.start : months.stop]
