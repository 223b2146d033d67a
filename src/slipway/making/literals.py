"""Values as Python source, laid out as the formatter would."""

from collections.abc import Iterable, Mapping, Sequence

WIDTH = 120


def text(value: str) -> str:
    """A string literal in double quotes, unless single ones need fewer backslashes."""
    in_single = repr('"' + value)[2:-1]  # a double quote makes repr choose single ones
    if value.count('"') > value.count("'"):
        return f"'{in_single}'"
    in_double = in_single.replace("\\'", "'").replace('"', '\\"')
    return f'"{in_double}"'


def sequence(items: Sequence[str], *, indent: int = 0, before: int = 0, name: str = "") -> str:
    """Source of a tuple (or, with ``name``, a call) of source items: on one line where it fits.

    Args:
        indent: columns by which the line that it starts on is indented.
        before: columns used on that line by what stands before it and after it.
    """
    lone = "," if len(items) == 1 and not name else ""
    line = f"{name}({', '.join(items)}{lone})"
    if indent + before + len(line) <= WIDTH:
        return line
    return f"{name}(\n{lines((f'{item},' for item in items), indent + 4)}\n{' ' * indent})"


def mapping(entries: Mapping[str, str], *, comments: Mapping[str, str] | None = None) -> str:
    """Source of a dict of string keys to source values, one entry a line; a comment may follow an entry."""
    if not entries:
        return "{}"
    said = comments or {}
    rows = (f"{text(key)}: {value}," + (f"  # {said[key]}" if key in said else "") for key, value in entries.items())
    return f"{{\n{lines(rows, 4)}\n}}"


def lines(rows: Iterable[str], indent: int) -> str:
    """Rows below each other; where one is too long for the linter, it is told so."""
    return "\n".join(_row(row, indent) for row in rows)


def _row(row: str, indent: int) -> str:
    first, *rest = (" " * indent + row).split("\n")
    too_long = not rest and len(first) > WIDTH
    return "\n".join([first + ("  # noqa: E501" if too_long else ""), *rest])


def number(value: float) -> str:
    """A whole number without its point, any other in its shortest form."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
