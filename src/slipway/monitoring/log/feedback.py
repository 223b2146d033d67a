"""Outcomes that came late, and the predictions that they are about."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from slipway.core.task import Task
from slipway.monitoring.batch import Floats, Outcomes
from slipway.monitoring.log.keys import Keys, contained, keys_of

_AT_ONCE = 50_000
_WORDS_KEPT = 100


@dataclass
class Predictions:
    """What was answered, by key; as it comes."""

    keys: list[Keys] = field(default_factory=list)
    scores: list[Floats] = field(default_factory=list)
    times: list[Floats] = field(default_factory=list)

    def add(self, keys: Keys, scores: Floats, times: Floats) -> None:
        """Arrays of shape (n,)."""
        self.keys.append(keys)
        self.scores.append(scores)
        self.times.append(times)

    def sorted(self) -> tuple[Keys, Floats, Floats]:
        """Keys in their order, each once, with the first of its scores and times."""
        keys = np.concatenate([np.empty(0, np.uint64), *self.keys])
        unique, first = np.unique(keys, return_index=True)
        del keys
        return (
            unique,
            np.concatenate([np.empty(0), *self.scores])[first],
            np.concatenate([np.empty(0), *self.times])[first],
        )


class Feedback:
    """Outcomes as they come; of each it keeps a key and a number.

    Args:
        positive: the word that training takes for 1; every other word is 0 to it.

    Attributes:
        entries: how many came.
        unfit: how many cannot be an outcome of this model.
        words: other words than ``positive``, and how often each came; only some where there are very many.
    """

    def __init__(self, task: Task, positive: str | float | None) -> None:
        self._task, self._positive = task, positive
        self._ids: list[str] = []
        self._rows: list[int] = []
        self._waiting: list[float] = []
        self._keys: list[Keys] = []
        self._targets: list[Floats] = []
        self.entries = 0
        self.unfit = 0
        self.words: Counter[str] = Counter()

    def add(self, request: str, row: int, outcome: float | bool | str | None) -> None:
        """One outcome."""
        self.entries += 1
        target = self._target(outcome)
        if target is None or not np.isfinite(target):
            self.unfit += 1
            return
        self._ids.append(request)
        self._rows.append(row)
        self._waiting.append(target)
        if len(self._ids) >= _AT_ONCE:
            self._settle()

    def outcomes(self) -> "Known":
        """What came true, each row once; rows of which different things were told are counted and left out."""
        self._settle()
        keys, targets = (
            np.concatenate([np.empty(0, np.uint64), *self._keys]),
            np.concatenate([np.empty(0), *self._targets]),
        )
        order = np.lexsort((targets, keys))
        keys, targets = keys[order], targets[order]
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, np.intp)
        last = np.r_[first[1:], len(keys)].astype(np.intp) - 1
        agree = targets[first] == targets[last] if len(first) else np.empty(0, bool)
        repeated = int((last - first)[agree].sum())
        return Known(keys[first][agree], targets[first][agree], int((~agree).sum()), repeated)

    def _settle(self) -> None:
        self._keys.append(keys_of(self._ids, self._rows))
        self._targets.append(np.array(self._waiting, np.float64))
        self._ids, self._rows, self._waiting = [], [], []

    def _target(self, outcome: float | bool | str | None) -> float | None:
        if outcome is None:
            return None
        if self._task.is_amount:
            return None if isinstance(outcome, bool) else _number(outcome)
        if isinstance(outcome, bool):
            return float(outcome)
        if isinstance(outcome, str) and outcome != self._positive:
            if outcome in self.words or len(self.words) < _WORDS_KEPT:
                self.words[outcome] += 1
            return 0.0
        return 1.0 if outcome == self._positive else outcome if outcome in {0.0, 1.0} else None


def _number(outcome: float | str) -> float | None:
    try:
        return float(outcome)
    except ValueError:
        return None


@dataclass(frozen=True)
class Known:
    """Outcomes by key, in the order of keys; arrays of shape (n,).

    Attributes:
        contradictory: rows of which different outcomes were told.
        repeated: outcomes that were told before, and agree.
    """

    keys: Keys
    targets: Floats
    contradictory: int
    repeated: int

    def without(self, keys: Keys) -> npt.NDArray[np.uint64]:
        """Keys that are not among those given, which are sorted."""
        return self.keys[~contained(self.keys, keys)]

    def joined(self, predictions: Predictions) -> tuple[Outcomes, int]:
        """Outcomes with what was predicted, and how many found none."""
        keys, scores, times = predictions.sorted()
        found = contained(self.keys, keys)
        at = np.searchsorted(keys, self.keys[found])
        outcomes = Outcomes(self.targets[found], scores[at], times[at])
        usable = np.isfinite(outcomes.scores)
        if not usable.all():
            outcomes = Outcomes(outcomes.targets[usable], outcomes.scores[usable], outcomes.times[usable])
        return outcomes, int((~found).sum())
