"""Figures as tables, in the terminal and in Markdown: every part gives rows, a bar, and what was measured."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

Part = dict[str, Any]


def part(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], **figures: Any) -> Part:
    """One table; ``figures`` goes to the JSON beside it. ``bars`` in it are judged by :func:`bar`."""
    return {
        "title": title,
        "columns": list(columns),
        "rows": [[_text(cell) for cell in row] for row in rows],
        **figures,
    }


def bar(what: str, measured: float, most: float, unit: str) -> dict[str, Any]:
    """A figure held to the most it may be."""
    return {"what": what, "measured": round(measured, 3), "most": most, "unit": unit, "kept": measured <= most}


def show(machine: dict[str, Any], parts: Sequence[Part], console: Console) -> None:
    """Print the machine, every part and, last, the bars."""
    console.print(_words(machine), "")
    for each in parts:
        _print(each["title"], each["columns"], each["rows"], console)
    _print("Bars", *_bars(parts), console)


def markdown(machine: dict[str, Any], parts: Sequence[Part]) -> str:
    """All of it for docs/performance.md."""
    blocks = [_words(machine), _table(*_bars(parts))]
    blocks += [f"### {each['title']}\n\n{_table(each['columns'], each['rows'])}{_busy(each)}" for each in parts]
    return "\n\n".join(blocks) + "\n"


def _words(machine: dict[str, Any]) -> str:
    return f"Machine: {', '.join(f'{name} {value}' for name, value in machine.items())}.".replace("_", " ")


def _busy(each: Part) -> str:
    load = each.get("load_average")
    return f"\n\nLoad average before: {load['before']}, after: {load['after']}." if load else ""


def _bars(parts: Sequence[Part]) -> tuple[list[str], list[list[str]]]:
    rows = [
        [b["what"], f"{_text(b['measured'])} {b['unit']}".strip(), f"{_text(b['most'])} {b['unit']}".strip(), _kept(b)]
        for each in parts
        for b in each.get("bars", ())
    ]
    return ["what", "measured", "bar", ""], rows


def _kept(one: dict[str, Any]) -> str:
    return "kept" if one["kept"] else "missed"


def _print(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table, "")


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
