"""Adding a section to the text of params.yaml, so that its comments and its order stay."""

import re

from slipway.core.errors import ParamsInvalid

_EMPTY = re.compile(r"^use_cases:[ \t]*(\{\s*\}|null|~)?[ \t]*(#.*)?$", re.MULTILINE)
_HEAD = re.compile(r"^use_cases:[ \t]*(#.*)?$", re.MULTILINE)


def with_section(text: str, section: str) -> str:
    """The text with a section as the last below ``use_cases``.

    Args:
        section: lines indented by two spaces below its name, which is not indented; ends with a newline.

    Raises:
        ParamsInvalid: ``use_cases`` is not written as one entry a line.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = text.splitlines()
    head = next((i for i, row in enumerate(rows) if _HEAD.match(row)), None)
    if head is None:
        rows, head = _opened(rows)
    last = _last_row_below(rows, head)
    indent = _indent_below(rows, head, last)
    added = [f"{indent}{row}" if row else "" for row in section.splitlines()]
    return newline.join([*rows[: last + 1], *added, *rows[last + 1 :], ""])


def _opened(rows: list[str]) -> tuple[list[str], int]:
    for position, row in enumerate(rows):
        if _EMPTY.match(row):
            return [*rows[:position], "use_cases:", *rows[position + 1 :]], position
    raise ParamsInvalid(
        "params.yaml has no `use_cases:` with an entry a line below it",
        cause="the file is written in another style, such as with braces",
        next_step="write `use_cases:` on a line of its own, its entries indented below it",
    )


def _last_row_below(rows: list[str], head: int) -> int:
    """The last row that belongs to the mapping; comments that are indented belong to it too."""
    last = head
    for position in range(head + 1, len(rows)):
        if rows[position].strip() and not rows[position].startswith((" ", "\t")):
            if rows[position].startswith("#"):
                continue
            break
        if rows[position].strip():
            last = position
    return last


def _indent_below(rows: list[str], head: int, last: int) -> str:
    below = [row for row in rows[head + 1 : last + 1] if row.strip() and not row.lstrip().startswith("#")]
    return min((row[: len(row) - len(row.lstrip())] for row in below), key=len, default="  ")
