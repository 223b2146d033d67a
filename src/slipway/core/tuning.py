"""What is known of a search for better parameters: its space, its trials and what came of it."""

from enum import StrEnum

from slipway.core.value import Value

Setting = int | float
Parameters = dict[str, Setting]
STARTED_BEFORE_PRUNING = 5
"""Trials that must have come as far before another is compared with them."""


class Range(Value):
    """Where a parameter may lie, both ends included; ``log`` draws orders of magnitude evenly."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def holds(self, value: Setting) -> bool:
        return self.low <= value <= self.high

    def spelled(self, value: Setting) -> Setting:
        """The value as it is tried and written down: four significant digits, inside the range."""
        if self.whole:
            return round(value)
        return min(max(float(f"{value:.4g}"), self.low), self.high)


class TrialState(StrEnum):
    """Where a trial stands. A failed one is one whose parameters could not be trained with."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


class Trial(Value):
    """One set of parameters and how it did.

    Attributes:
        steps: the metric over all rows of the folds so far, after each fold.
        began_ms: milliseconds since 1970 in UTC.
        default: whether these are the parameters that params.yaml holds.
        problem: why it failed.
    """

    number: int
    params: Parameters
    state: TrialState
    steps: tuple[float, ...] = ()
    value: float | None = None
    seconds: float | None = None
    began_ms: int | None = None
    default: bool = False
    problem: str = ""


class Gain(Value):
    """How much better one set of parameters is than another on the same rows, positive is better.

    Attributes:
        low, high: two-sided 95 % interval.
        relative: whether it is a share of the other's metric.
    """

    value: float
    low: float
    high: float
    relative: bool


class Findings(Value):
    """What complete trials show beside the present parameters.

    Attributes:
        best: number of the trial with the best metric; None where the present parameters are not measured yet.
        apparent: the best trial's gain over the present parameters, on the very rows it was chosen by.
        gain: the same without that advantage: each fold judged by the choice that the other folds make.
        by_fold: metric of present parameters and of the best trial on each fold's rows.
    """

    best: int | None = None
    apparent: Gain | None = None
    gain: Gain | None = None
    by_fold: tuple[tuple[float | None, float | None], ...] = ()


class Tuning(Value):
    """What a search found out: the document ``tuning.json``.

    Attributes:
        study: identifies data, space, metric and present parameters; equal ones share their trials.
        importances: share of the metric's variance over all trials that a parameter explains.
    """

    schema_version: int = 1
    use_case: str
    study: str
    estimator: str
    metric: str
    higher_is_better: bool
    rows: int
    folds: int
    ordered_by: str | None
    present: Parameters
    space: dict[str, Range]
    trials: tuple[Trial, ...]
    shown: Findings
    importances: dict[str, float]

    @property
    def winner(self) -> Trial | None:
        return next((trial for trial in self.trials if trial.number == self.shown.best), None)

    @property
    def gain(self) -> Gain | None:
        return self.shown.gain

    @property
    def proposal(self) -> Parameters:
        """Parameters to change; none unless the gain's interval excludes zero."""
        winner = self.winner
        if winner is None or winner.default or self.gain is None or self.gain.low <= 0:
            return {}
        return {name: value for name, value in winner.params.items() if value != self.present[name]}


def falls_behind(value: float, others: list[float], *, higher_is_better: bool) -> bool:
    """Whether a trial is worse after so many folds than half of the others were after the same folds.

    The rule of Golovin et al., Google Vizier (2017), with values of the same rows only.
    """
    if len(others) < STARTED_BEFORE_PRUNING:
        return False
    ranked = sorted(others)
    middle = (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2
    return value < middle if higher_is_better else value > middle
