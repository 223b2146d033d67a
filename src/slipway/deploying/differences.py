"""What ``kubectl diff`` prints, in fewer lines."""

import re

_OBJECT = re.compile(r"^diff .*/(?:[\w.-]+\.)?v\d\w*\.(\w+)\.[\w-]+\.([\w.-]+)$")
_COUNTED_BY_THE_SERVER = re.compile(r"^[+-]\s+generation: \d+$")
_CHANGED = re.compile(r"^[+-](?!--|\+\+)")


def differences(printed: str) -> tuple[str, ...]:
    """Changed lines under their object's kind and name, of a new object these alone; empty when nothing differs."""
    told: list[str] = []
    heading, is_new = "", False
    for line in printed.splitlines():
        begun = _OBJECT.match(line)
        if begun:
            heading, is_new = f"{begun[1]} {begun[2]}", False
        elif line.startswith("@@ -0,0 "):
            told.append(f"{heading}: new")
            is_new = True
        elif not is_new and _CHANGED.match(line) and not _COUNTED_BY_THE_SERVER.match(line):
            if heading:
                told.append(heading)
                heading = ""
            told.append(line)
    return tuple(told)
