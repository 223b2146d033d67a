"""The in-memory twin of the search: proposes at random, and keeps its trials in one process."""

import random
from collections.abc import Mapping
from math import exp, log

from slipway.core.tuning import Parameters, Range, Setting, Trial, TrialState, falls_behind


class RandomSearch:
    """See the port; equal seeds propose the same."""

    def __init__(self, space: Mapping[str, Range], present: Parameters, *, seed: int, higher_is_better: bool) -> None:
        self._space = dict(space)
        self._chance = random.Random(seed)  # noqa: S311 - nothing secret
        self._higher_is_better = higher_is_better
        self._trials: dict[int, Trial] = {}
        first = {name: space[name].spelled(present[name]) for name in space}
        self._waiting: list[tuple[Parameters, bool]] = [(first, True)]
        self._given_back: set[int] = set()

    def take(self, budget: int | None) -> Trial | None:
        """A queued trial, or a new one."""
        if budget is not None and len(self.trials()) >= budget:
            return None
        params, default = self._waiting.pop(0) if self._waiting else (self._proposal(), False)
        number = len(self._trials)
        self._trials[number] = Trial(
            number=number, params=params, state=TrialState.RUNNING, began_ms=number, default=default
        )
        return self._trials[number]

    def is_busy(self) -> bool:
        """Whether a trial is at work."""
        return any(trial.state is TrialState.RUNNING for trial in self.trials())

    def step(self, number: int, step: int, value: float) -> bool:
        """Note a fold's value."""
        trial = self._trials[number]
        self._change(number, steps=(*trial.steps[:step], value))
        others = [
            other.steps[step]
            for other in self.trials()
            if other.state is not TrialState.RUNNING and len(other.steps) > step
        ]
        return not trial.default and falls_behind(value, others, higher_is_better=self._higher_is_better)

    def complete(self, number: int, value: float, seconds: float) -> None:
        """Note a trial that saw all folds."""
        self._change(number, state=TrialState.COMPLETE, value=value, seconds=seconds)

    def prune(self, number: int, seconds: float) -> None:
        """Note a trial that fell behind."""
        self._change(number, state=TrialState.PRUNED, seconds=seconds)

    def fail(self, number: int, problem: str, seconds: float) -> None:
        """Note a trial whose parameters cannot be trained with."""
        self._change(number, state=TrialState.FAILED, problem=problem, seconds=seconds)

    def give_back(self, number: int) -> None:
        """Queue a trial again, ahead of new ones."""
        trial = self._trials[number]
        self._given_back.add(number)
        self._waiting.append((trial.params, trial.default))

    def trials(self) -> tuple[Trial, ...]:
        """All but those that were given back."""
        return tuple(trial for number, trial in self._trials.items() if number not in self._given_back)

    def importances(self) -> dict[str, float]:
        """Evenly, where two trials differ."""
        values = {trial.value for trial in self.trials() if trial.state is TrialState.COMPLETE}
        return {} if len(values) < 2 else dict.fromkeys(self._space, 1 / len(self._space))

    def close(self) -> None:
        """Nothing is held."""

    def _change(self, number: int, **fields: object) -> None:
        self._trials[number] = self._trials[number].model_copy(update=fields)

    def _proposal(self) -> Parameters:
        return {name: given.spelled(self._drawn(given)) for name, given in self._space.items()}

    def _drawn(self, given: Range) -> Setting:
        if given.log:
            return exp(self._chance.uniform(log(given.low), log(given.high)))
        return self._chance.uniform(given.low, given.high)
