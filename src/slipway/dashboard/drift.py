"""Drift of the last looks as a strip of heat: a row a column of the model, a cell a look."""

from collections.abc import Sequence

from slipway.core.watch import ColumnDrift, Watch
from slipway.dashboard.markup import Html, tag
from slipway.dashboard.portrait import day
from slipway.dashboard.table import table

LOOKS = 8
ROWS = 24
PREDICTION = "the prediction"
_HEATS = (0.5, 1.0, 2.0, 4.0)


def strip(watches: Sequence[Watch]) -> Html:
    """The latest looks, the oldest of them first; columns that moved most come first.

    Args:
        watches: newest first.
    """
    shown = list(reversed(watches[:LOOKS]))
    found = [_worst(watch) for watch in shown]
    names = sorted({name for look in found for name in look}, key=lambda name: (-_reach(name, found), name))
    rows = [[name, _importance(name, found), *[_cell(look.get(name)) for look in found]] for name in names[:ROWS]]
    made = table(
        "How far each column is from the reference",
        ["Column", "Importance", *[day(watch.made_at) for watch in shown]],
        rows,
        numbers=range(1, len(shown) + 2),
        empty="No column was tested yet.",
    )
    rest = len(names) - ROWS
    return tag("div", made, tag("p", f"{rest} columns that moved less are not shown.") if rest > 0 else None)


def _worst(watch: Watch) -> dict[str, ColumnDrift]:
    """By column, the test that is furthest above its floor."""
    worst: dict[str, ColumnDrift] = {}
    tests = [(drift.column, drift) for drift in watch.columns]
    if watch.prediction is not None:
        tests.append((PREDICTION, watch.prediction))
    for name, drift in tests:
        if name not in worst or _heat(drift) > _heat(worst[name]):
            worst[name] = drift
    return worst


def _heat(drift: ColumnDrift) -> float:
    """The effect in floors; what was not tested is coldest."""
    return -1.0 if drift.effect is None else drift.effect / max(drift.floor, 1e-9)


def _reach(name: str, found: Sequence[dict[str, ColumnDrift]]) -> float:
    return max(_heat(look[name]) for look in found if name in look)


def _importance(name: str, found: Sequence[dict[str, ColumnDrift]]) -> str:
    known = [look[name].importance for look in found if name in look]
    importance = known[-1] if known else None
    return "" if importance is None else f"{importance:.0%}"


def _cell(drift: ColumnDrift | None) -> Html:
    if drift is None:
        return tag("span", "–", class_="heat", title="not looked at")
    if drift.effect is None:
        return tag("span", "?", class_="heat", title=drift.untested or "not tested")
    level = sum(_heat(drift) >= bound for bound in _HEATS) if drift.drifted else 0
    word = "matters" if drift.matters else "drifted" if drift.drifted else ""
    mark = tag("span", {"matters": "▲", "drifted": "△"}[word], tag("span", word, class_="unseen")) if word else None
    return tag("span", f"{drift.effect:.2f} ", mark, class_=f"heat heat-{level}", title=_told(drift))


def _told(drift: ColumnDrift) -> str:
    kind = "missing values" if drift.test == "missing" else "values"
    return f"{kind}: {drift.detail or 'no detail'}; floor {drift.floor:g}, {drift.rows:,} rows"
