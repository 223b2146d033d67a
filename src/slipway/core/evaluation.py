"""What was found out about a candidate: the document ``evaluation.json``, equal for equal input."""

from enum import StrEnum
from typing import Literal

from slipway.core.expectation import ExpectationResult
from slipway.core.task import Task
from slipway.core.value import Value


class Metric(Value):
    """A metric on the holdout with its two-sided 95 % interval; all None where it is not defined."""

    name: str
    value: float | None
    low: float | None
    high: float | None


def _named(name: str, metric: Metric) -> Metric:
    return metric.model_copy(update={"name": name})


class Finding(StrEnum):
    """What a paired comparison shows, in terms of the candidate."""

    BETTER = "better"
    NOT_WORSE = "not worse"
    WORSE = "worse"
    UNDECIDED = "undecided"


class Comparison(Value):
    """Candidate against another model, paired on the same rows.

    Attributes:
        against: "champion", "anchor" or "baseline".
        difference: candidate minus other, turned so that positive means the candidate is better; for metrics
            compared relatively, a share of the other's value.
        low, high: its two-sided 95 % interval.
        lower_bound, upper_bound: its one-sided 95 % bounds.
        margin: what counts as a difference that matters, in the units of ``difference``.
        deviation: standard deviation of the difference for one row (standard error times sqrt(rows)).
        resolvable: the smallest drop this holdout proves with 80 % power.
        rows_to_settle: rows with which 95 % of truly equal models would pass ``margin``; None for margin 0.
        finding: BETTER when lower_bound > 0, NOT_WORSE when lower_bound > -margin, WORSE when
            upper_bound < -margin, else UNDECIDED.
    """

    against: str
    metric: str
    relative: bool
    difference: float
    low: float
    high: float
    lower_bound: float
    upper_bound: float
    margin: float
    deviation: float
    resolvable: float
    rows_to_settle: int | None
    finding: Finding


class IntervalCheck(Value):
    """A model's prediction interval held to some rows of the holdout.

    Attributes:
        level: the share of rows that it is made to hold.
        width: of the rows' intervals, on average; in the output's unit.
        mean_width: the same with its 95 % confidence interval; None in records made before there was one.
        coverage: the share of the rows that it does hold.
    """

    level: float
    width: float
    coverage: Metric
    mean_width: Metric | None = None

    @property
    def figures(self) -> tuple[Metric, ...]:
        """What is told beside the metrics."""
        return (self.coverage,) if self.mean_width is None else (self.coverage, self.mean_width)


class SliceResult(Value):
    """How the candidate does on one value of one column, and against the champion there.

    Attributes:
        rare_rows: rows of the rarer class (classification) or all rows (regression).
        tested: whether there were rows enough; if not, the comparison fields are None.
        difference: candidate minus champion on the slice, positive is better.
        p_value: one-sided, that the candidate is worse, adjusted by Holm over all tested slices.
        interval: whether the candidate's intervals hold here what they say; None for tasks without.
    """

    column: str
    value: str
    rows: int
    rare_rows: int
    metrics: tuple[Metric, ...]
    tested: bool
    strict: bool = False
    difference: float | None = None
    lower_bound: float | None = None
    upper_bound: float | None = None
    p_value: float | None = None
    interval: IntervalCheck | None = None


class Outcome(StrEnum):
    """What one gate says."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    NOT_APPLICABLE = "not applicable"


class GateResult(Value):
    """One gate's answer: what it saw, what it asked for, and the reason in words."""

    gate: str
    outcome: Outcome
    observed: str
    required: str
    reason: str


class ApiChangeKind(StrEnum):
    """What about an endpoint is not as it was."""

    REMOVED = "input removed"
    ADDED = "input added"
    RETYPED = "input of another type"
    NULL = "null"
    CATEGORIES = "allowed values"
    RANGE = "range"
    MEANING = "description"
    OUT_OF_RANGE = "out of range"
    OUTPUT = "output"
    THRESHOLD = "threshold"


class ApiChange(Value):
    """One difference between the endpoints of champion and candidate.

    Attributes:
        field: the input or output concerned; "" where it is all inputs.
        breaking: whether a request that was right becomes wrong, or an answer means something else.
    """

    kind: ApiChangeKind
    field: str
    detail: str
    breaking: bool


class Sabotage(Value):
    """One model that must not pass, and what each gate said to it.

    Attributes:
        name: such as "constant" or "reversed".
        outcomes: gate name to what it said.
        refused: whether the verdict over all gates was anything but promote.
    """

    name: str
    description: str
    outcomes: dict[str, Outcome]
    refused: bool


class SelfTest(Value):
    """The gates held against models that they must refuse; ``failures`` is empty when they did."""

    sabotages: tuple[Sabotage, ...]
    failures: tuple[str, ...]


class Decision(StrEnum):
    """Promote the candidate, reject it, or hold: no evidence either way, the champion stays."""

    PROMOTE = "promote"
    REJECT = "reject"
    HOLD = "hold"


class Verdict(Value):
    """The decision and its reasons in words, most important first."""

    decision: Decision
    reasons: tuple[str, ...]


class Series(Value):
    """Points of a chart: ``x`` and ``y`` of equal length."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


class Parity(Value):
    """How far the exported model is from the fitted one on the whole holdout."""

    rows: int
    largest_relative_difference: float
    tolerance: float


class Opponent(Value):
    """A registered version the candidate was judged against; ``problem`` says why it could not be."""

    version: str
    record_digest: str
    model_digest: str
    problem: str | None = None


class MainMetrics(Value):
    """The metrics committed on the base branch."""

    reference: str
    metrics: dict[str, float]


class Incumbents(Value):
    """Who the candidate was up against when it was judged: the document ``incumbents.json``.

    Attributes:
        registry: whether it answered; if not, nobody knows who they are.
        holdout_uses: how many registered decisions were made on this very holdout before.
    """

    schema_version: int = 1
    registry: Literal["reachable", "unreachable"]
    champion: Opponent | None
    anchor: Opponent | None
    main: MainMetrics | None
    holdout_digest: str
    holdout_uses: int


class MethodResult(Value):
    """How far one method was off, as a share of the level.

    Attributes:
        errors: mean absolute error, over all horizons and then by horizon; each with its 95 % interval.
        gain: how much smaller the error of the method that serves is, over all horizons, paired on the same forecasts;
            None for that method itself.
    """

    method: str
    errors: tuple[Metric, ...]
    gain: Metric | None


class Backtest(Value):
    """Forecasts of the past made from what was known then, held to what came.

    Attributes:
        first, last: the first and the last month that was forecast from, such as "2012-01".
        forecasts: how many were made by each method.
        served: the method that serves: the one with the smallest error over all horizons on the training rows.
        methods: the simplest first.
        noise: what the mean absolute error would be if all levels were known: that of the few rows of a month alone.
        coverage: share of what came that lay in its band, over all horizons and then by horizon.
        width: of the bands, as a share of the level: from the lower end to the upper one.
    """

    first: str
    last: str
    forecasts: int
    served: str
    methods: tuple[MethodResult, ...]
    noise: float
    coverage: tuple[Metric, ...]
    width: tuple[Metric, ...]


class OutlookCheck(Value):
    """What forecasts of levels are worth.

    Attributes:
        rehearsed: on the rows trained on, by which the method was chosen.
        held_out: months of the holdout, forecast month by month by all methods from what was known then; None where
            none of them follow the training rows.
    """

    rehearsed: Backtest
    held_out: Backtest | None

    @property
    def figures(self) -> tuple[Metric, ...]:
        """What is told beside the metrics."""
        found = self.held_out or self.rehearsed
        error = next(result for result in found.methods if result.method == found.served).errors[0]
        return (_named("outlook_error", error), _named("outlook_coverage", found.coverage[0]))


class Evaluation(Value):
    """Everything the verdict rests on.

    Attributes:
        signature_digest: of the signature that the candidate's endpoint would have; "" before it was noted.
        api_changes: what callers of the champion would notice; none without a champion.
        interval: whether the candidate's intervals hold what they say; None for tasks without.
        outlook: what its forecasts of levels are worth; None for use cases without.
    """

    schema_version: int = 1
    use_case: str
    task: Task
    data_digest: str
    holdout_digest: str
    params_digest: str
    model_digest: str
    signature_digest: str = ""
    rows: int
    train_rows: int
    estimator: str
    parity: Parity
    incumbents: Incumbents
    metrics: tuple[Metric, ...]
    interval: IntervalCheck | None = None
    outlook: OutlookCheck | None = None
    baseline_metrics: tuple[Metric, ...]
    champion_metrics: tuple[Metric, ...]
    comparisons: tuple[Comparison, ...]
    slices: tuple[SliceResult, ...]
    gates: tuple[GateResult, ...]
    api_changes: tuple[ApiChange, ...] = ()
    self_test: SelfTest
    charts: tuple[Series, ...]
    warnings: tuple[ExpectationResult, ...]
    verdict: Verdict

    @property
    def further(self) -> tuple[Metric, ...]:
        """What is told beside the metrics, and gates nothing."""
        told = (self.interval, self.outlook)
        return tuple(figure for one in told if one is not None for figure in one.figures)
