"""Changing single values in the text of params.yaml, and nothing else of it: comments, order, quotes stay."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from slipway.core.errors import ParamsInvalid

Value = int | float


def with_values(text: str, path: Sequence[str], values: Mapping[str, Value]) -> str:
    """The text with numbers changed, or added, in the mapping at ``path``.

    Raises:
        ParamsInvalid: there is no mapping at ``path`` that belongs to it alone, so that it would have to be
            written by hand.
    """
    whole = yaml.compose(text, Loader=yaml.SafeLoader)
    found = _mapping_at(whole, path)
    if found is None or _uses(whole, found) > 1 or any(key.value == "<<" for key, _ in found.value):
        raise _by_hand(path)
    present = {key.value: value for key, value in found.value}
    edits = [
        (present[name].start_mark.index, present[name].end_mark.index, _spelled(value))
        for name, value in values.items()
        if name in present
    ]
    new = {name: value for name, value in values.items() if name not in present}
    if new:
        edits.append(_addition(text, found, new))
    after = text
    for start, end, words in sorted(edits, reverse=True):
        after = after[:start] + words + after[end:]
    _require_only_changed(text, after, path, values)
    return after


def _mapping_at(node: Any, path: Sequence[str]) -> Any:
    for name in path:
        below = {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
        node = below.get(name)
    return node if isinstance(node, yaml.MappingNode) and node.value else None


def _uses(node: Any, sought: Any) -> int:
    """How often a node stands in a tree; one that an anchor shares stands there several times."""
    if node is sought:
        return 1
    if isinstance(node, yaml.MappingNode):
        return sum(_uses(value, sought) for _, value in node.value)
    return sum(_uses(item, sought) for item in node.value) if isinstance(node, yaml.SequenceNode) else 0


def _addition(text: str, node: Any, new: Mapping[str, Value]) -> tuple[int, int, str]:
    last_key, last = node.value[-1]
    end = last.end_mark.index
    if node.flow_style:
        return end, end, "".join(f", {name}: {_spelled(value)}" for name, value in new.items())
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    stop -= text[:stop].endswith("\r")
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = " " * last_key.start_mark.column
    return stop, stop, "".join(f"{newline}{indent}{name}: {_spelled(value)}" for name, value in new.items())


def _spelled(value: Value) -> str:
    """As YAML 1.1 reads it back: 1e-05 would be a word."""
    return str(yaml.safe_dump(value)).splitlines()[0]


def _require_only_changed(before: str, after: str, path: Sequence[str], values: Mapping[str, Value]) -> None:
    wanted = yaml.safe_load(before)
    place = wanted
    for name in path:
        place = place[name]
    place.update(values)
    try:
        made = yaml.safe_load(after)
    except yaml.YAMLError:
        made = None
    if made != wanted:
        raise _by_hand(path)


def _by_hand(path: Sequence[str]) -> ParamsInvalid:
    return ParamsInvalid(
        f"params.yaml: {'.'.join(path)} cannot be changed without changing something else",
        cause="it is shared through an anchor, or written in a way that is not understood here",
        next_step="write the proposed values there by hand",
    )
