"""The section that says what changed in the data."""

from slipway.core.changes import ColumnChange, DataChanges
from slipway.report.figures import NOT_DEFINED, number, share, signed
from slipway.report.text import bullets, counted, escape, fold, listing, paragraphs, table

FAR = 0.1
"""From this Jensen-Shannon distance on, a column is worth a look."""
_MISSING_MATTERS = 0.01
_MOST_SHOWN = 8
_MOST_FOLDED = 40
_NOTE = (
    "Distance: Jensen-Shannon, 0 for equal distributions, 1 for nothing in common; "
    f"⚠️ from {FAR} on, or where a percent of the rows lost or gained a value."
)


def data_changes(found: DataChanges | None) -> str:
    """Rows, columns and distributions against the base's table."""
    if found is None:
        return ""
    title = "### What changed in the data"
    if not found.known:
        return paragraphs(title, f"Not known: {escape(found.problem, limit=400)}.")
    if found.same:
        return paragraphs(title, "Nothing: the raw table is the one of the base branch.")
    return paragraphs(title, _counts(found), _columns(found))


def moved(found: DataChanges) -> tuple[ColumnChange, ...]:
    """Columns that are worth a look."""
    return tuple(column for column in found.columns if _is_far(column))


def _is_far(column: ColumnChange) -> bool:
    lost = abs(column.missing_after - column.missing_before) >= _MISSING_MATTERS
    return lost or (column.distance is not None and column.distance >= FAR)


def _counts(found: DataChanges) -> str:
    before, now = found.rows_before, found.rows_after
    difference = f" ({signed(now - before, like=1e6)})" if now != before else ""
    lines = [f"{counted(before, 'row')} before, {now:,} now{difference}"]
    lines += [f"⚠️ {words}: {_names(names)}" for words, names in _named(found) if names]
    lines += [
        f"⚠️ {escape(c.column, limit=60)} was {escape(c.before, limit=40)}, is {escape(c.after, limit=40)}"
        for c in found.retyped[:_MOST_SHOWN]
    ]
    if len(found.retyped) > _MOST_SHOWN:
        lines.append(f"{counted(len(found.retyped) - _MOST_SHOWN, 'more column')} of another type")
    return bullets(lines)


def _named(found: DataChanges) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("columns added", found.added), ("columns removed", found.removed)


def _names(names: tuple[str, ...]) -> str:
    return listing([escape(name, limit=60) for name in names], 12)


def _columns(found: DataChanges) -> str:
    far = moved(found)
    if not found.columns:
        return ""
    said = _table(far[:_MOST_SHOWN]) if far else "No column's distribution moved far."
    rest = [column for column in found.columns if column not in far[:_MOST_SHOWN]]
    more = f"{counted(len(rest), 'other column')}"
    folded = fold(more, paragraphs(_table(tuple(rest[:_MOST_FOLDED])), _left_out(len(rest)))) if rest else ""
    return paragraphs(said, folded, _NOTE)


def _left_out(rest: int) -> str:
    return f"{counted(rest - _MOST_FOLDED, 'more column')} in changes.json." if rest > _MOST_FOLDED else ""


def _table(columns: tuple[ColumnChange, ...]) -> str:
    return table(("Column", "Distance", "Missing"), (_row(column) for column in columns))


def _row(column: ColumnChange) -> tuple[str, str, str]:
    mark = "⚠️ " if _is_far(column) else ""
    distance = NOT_DEFINED if column.distance is None else number(column.distance)
    before, after = share(column.missing_before), share(column.missing_after)
    return f"{mark}{escape(column.column, limit=60)}", distance, after if before == after else f"{before} → {after}"
