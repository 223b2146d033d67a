"""Cutting a report to a length: what matters least is left out first, and a line says what."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A part of the report. ``weight`` says how late it is left out when the whole is too long; 0 goes first."""

    title: str
    body: str
    weight: int


@dataclass(frozen=True)
class Placed:
    """A section among those of all use cases; ``place`` is its use case's, counted from the top."""

    place: int
    section: Section


def chosen(parts: Sequence[Placed], limit: int, render: Callable[[Collection[Placed]], str]) -> str:
    """What ``render`` makes of as many parts as fit into ``limit`` characters.

    Left out first: the lightest sections, of equal weight those of the last use case.
    """
    kept = dict.fromkeys(parts)
    order = sorted(kept, key=lambda part: (part.section.weight, -part.place))
    text = render(kept)
    while len(text) > limit and order:
        over = len(text) - limit
        while over > 0 and order:
            lightest = order.pop(0)
            del kept[lightest]
            over -= len(lightest.section.body)
        text = render(kept)
    return text


def titles(parts: Collection[Placed]) -> str:
    """Such as ``charts of 3 use cases, slices``; titles in the order they were left out in."""
    ordered = sorted(parts, key=lambda part: part.section.weight)
    counts = Counter(part.section.title.lower() for part in ordered)
    return ", ".join(f"{title} of {n} use cases" if n > 1 else title for title, n in counts.items())
