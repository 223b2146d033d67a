"""A source that needs more than to know where the project lies: secrets, files that outlive it, somebody to tell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Variable:
    """A variable of the environment that a source is handed, and that nothing else of the machine looks at.

    Attributes:
        unlocks: what cannot be done without it; "" where that is nothing, and `slipway doctor` is silent about it.
        how: how to get it.
        secret: whether its value must never be shown.
    """

    name: str
    unlocks: str = ""
    how: str = ""
    secret: bool = True


@dataclass(frozen=True)
class Errand:
    """What a source is sent with.

    Attributes:
        root: the project's folder.
        kept: a folder of the source's own below ``data/``, for what it need not fetch again; may not exist yet.
        keep: writes one file below ``kept`` whole or not at all, however the process ends; takes its path there.
        variables: those of its variables that are set.
        now: aware; what the source is to take for the present.
        tell: says how far it is; takes a line without secrets.
    """

    root: Path
    kept: Path
    keep: Callable[[str, bytes], None]
    variables: Mapping[str, str] = field(repr=False)
    now: datetime
    tell: Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """Fetches the raw table: at once, or piece by piece where it is too large to be held in memory.

    Every piece has the same columns of the same types.
    """

    fetch: "Callable[[Errand], pd.DataFrame | Iterable[pd.DataFrame]]"
    variables: tuple[Variable, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables if variable.secret)
