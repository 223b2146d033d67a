"""From rows to the outlook that serves, and what it is worth on rows that it was not made from."""

import numpy as np

from slipway.core.days import day_text
from slipway.core.errors import DataUnfit
from slipway.core.evaluation import Backtest, OutlookCheck
from slipway.core.outlook import Ahead, GroupOutlook, Outlook
from slipway.core.use_case import Level, Numeric, UseCase
from slipway.forecasting.backtest import LEAST_MONTHS, LEAST_ROWS, Rehearsal, judged_from, rehearse, truth
from slipway.forecasting.choosing import chosen, found
from slipway.forecasting.monthly import MonthlyLevels, Seen, monthly_levels, months_of

BAND = 0.9
SHOWN_MONTHS = 36
DIGITS = 6


def make_outlook(use_case: UseCase, seen: Seen) -> Outlook | None:
    """The next months' levels by the method that served best in the past; None where the use case declares none.

    Raises:
        DataUnfit: there are too few months, or too few of them with rows enough.
    """
    if use_case.outlook is None or use_case.level is None:
        return None
    monthly = _levels(use_case.level, seen)
    rehearsals = rehearse(monthly, use_case.outlook.months, BAND)
    if not monthly.groups or any(np.isnan(rehearsal.reach[-1]).any() for rehearsal in rehearsals.values()):
        raise _unfit(use_case.level, f"are read off too few months of {LEAST_ROWS} rows or more to forecast them")
    method = chosen(rehearsals, judged_from(monthly))
    return Outlook(
        by=use_case.level.by,
        per=use_case.level.per,
        time=use_case.time if use_case.time in use_case.dates else None,
        unit=_unit(use_case, use_case.level),
        last_month=monthly.name(monthly.months - 1),
        last_day=day_text(float(seen.time.max())),
        band=BAND,
        method=method,
        groups=_groups(monthly, rehearsals[method]),
        backtest=found(monthly, rehearsals, method, judged_from(monthly)),
    )


def check_outlook(use_case: UseCase, outlook: Outlook, seen: Seen, known: int) -> OutlookCheck:
    """Hold its method, and all others, to months that came after it.

    Args:
        seen: the rows that the outlook was made from, followed by those held out.
        known: how many the former are.
    """
    if use_case.level is None or use_case.outlook is None:
        raise TypeError(f"{use_case.name} declares no outlook")
    monthly = _levels(use_case.level, seen, tuple(outlook.groups))
    last_known = int(months_of(seen.time[:known]).max()) - monthly.first
    months = judged_from(monthly, last_known)
    return OutlookCheck(
        rehearsed=outlook.backtest, held_out=_held_out(monthly, use_case.outlook.months, outlook.method, months)
    )


def _held_out(monthly: MonthlyLevels, horizon: int, method: str, months: range) -> Backtest | None:
    return found(monthly, rehearse(monthly, horizon, BAND), method, months) if len(months) else None


def _levels(level: Level, seen: Seen, groups: tuple[str, ...] | None = None) -> MonthlyLevels:
    monthly = monthly_levels(seen, level, groups)
    if monthly.months < LEAST_MONTHS:
        raise _unfit(level, f"are known for {monthly.months} months; a forecast needs {LEAST_MONTHS}")
    return monthly


def _unfit(level: Level, problem: str) -> DataUnfit:
    return DataUnfit(
        f"levels of {level.by} {problem}",
        cause="the table does not reach back far enough, or has too few rows a month in every group",
        next_step="collect more, or take `outlook` out of the use case's declaration",
    )


def _groups(monthly: MonthlyLevels, rehearsal: Rehearsal) -> dict[str, GroupOutlook]:
    shown, levels = slice(-min(SHOWN_MONTHS, monthly.months), None), np.exp(truth(monthly))
    forecasts, reach = rehearsal.forecasts[-1], rehearsal.reach[-1]
    return {
        name: GroupOutlook(
            levels=tuple(None if np.isnan(level) else _tidy(level) for level in levels[shown, at]),
            rows=tuple(int(n) for n in monthly.rows[shown, at]),
            now=_tidy(np.exp(forecasts[0, at])),
            ahead=tuple(_ahead(forecasts[h, at], reach[h - 1, at]) for h in range(1, len(forecasts))),
        )
        for at, name in enumerate(monthly.groups)
    }


def _ahead(forecast: float, reach: float) -> Ahead:
    low, level, high = (_tidy(np.exp(forecast + way * reach)) for way in (-1, 0, 1))
    return Ahead(low=low, level=level, high=high)


def _unit(use_case: UseCase, level: Level) -> str:
    unit = next((f.unit for f in use_case.features if isinstance(f, Numeric) and f.name == level.per), "")
    return f"{use_case.unit or use_case.target} per {unit or level.per}"


def _tidy(figure: float) -> float:
    return float(f"{figure:.{DIGITS}g}")
