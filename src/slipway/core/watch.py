"""What was seen of a live model in a span of time, and whether to retrain it: the document ``watch.json``."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from slipway.core.evaluation import Metric
from slipway.core.value import Value


class Span(Value):
    """From when to when; both UTC, ISO 8601, ``until`` not included."""

    since: str
    until: str


class Weight(StrEnum):
    """A note is told, a warning is to be looked at, an alarm is what people are called for."""

    NOTE = "note"
    WARNING = "warning"
    ALARM = "alarm"


class Concern(StrEnum):
    """What a finding is about."""

    LOG = "log"
    DATA = "data"
    DRIFT = "drift"
    PREDICTIONS = "predictions"
    PERFORMANCE = "performance"
    ESTIMATE = "estimate"
    SERVICE = "service"


class Sighting(Value):
    """One finding.

    Attributes:
        name: the same as long as it lasts, such as "drift of tenure".
        told: a sentence with its figures.
    """

    name: str
    concern: Concern
    weight: Weight
    told: str


class Counts(Value):
    """What the log and the feedback were made of.

    Attributes:
        files, torn: files read, and those that end in the middle.
        unreadable: lines that are no entry of the log.
        repeated: entries that were there before, by their id.
        predictions: rows answered by the version that is watched, in the span.
        others: rows answered by other versions, by their number.
        refused: requests that did not fit the model's inputs.
        feedback: rows whose outcome came since ``Watch.outcomes_since``; ``contradictory`` and ``orphaned`` ones, which
            are of the same time, are not among them.
        misdated: entries whose time cannot be.
    """

    files: int = 0
    torn: int = 0
    unreadable: int = 0
    repeated: int = 0
    predictions: int = 0
    others: dict[str, int] = Field(default_factory=dict)
    requests: int = 0
    refused: int = 0
    feedback: int = 0
    contradictory: int = 0
    orphaned: int = 0
    misdated: int = 0


class ColumnDrift(Value):
    """One test of one column against the reference.

    Attributes:
        test: of the distribution of the values that are there, or of the share that is missing.
        rows, reference_rows: rows that the test saw.
        p_value: None where it could not be made; then ``untested`` says why.
        effect: Wasserstein distance over the reference's standard deviation (numbers), the largest change of a value's
            share (categories), the change of the missing share.
        floor: an effect below it is no drift, whatever the p value.
        importance: share of the model's total that this column has, from 0 to 1; None where nobody knows.
        drifted: the p value is rejected by Benjamini-Hochberg over all tests, and the effect reaches the floor.
        matters: drifted, and important enough to act on.
        detail: in words, such as "share of 'Two year' 0.24 -> 0.36".
    """

    column: str
    test: Literal["distribution", "missing"]
    rows: int
    reference_rows: int
    p_value: float | None
    effect: float | None
    floor: float
    importance: float | None
    drifted: bool
    matters: bool
    detail: str = ""
    untested: str = ""


class Performance(Value):
    """A metric on labelled rows of the span, beside the same metric on the reference.

    Attributes:
        rows: labelled rows.
        loss: by which share it is worse than on the reference, with the 95 % interval of that; below zero is better.
        proved: whether the interval lies above the tolerated loss.
    """

    metric: str
    rows: int
    reference: Metric
    observed: Metric
    loss: Metric
    proved: bool


class Bias(Value):
    """How far answers are off on the whole: mean outcome less mean answer, in standard deviations of the outcome.

    Attributes:
        rows: labelled rows of the span.
        observed, reference: on these, and on the rows that were held out when the model was made.
        confirmed: both are proved, to the same side, and as large as what is no longer tolerated.
        sure: that of the outcomes alone is, and its 99.9 % interval excludes zero.
    """

    rows: int
    observed: Metric
    reference: Metric
    confirmed: bool
    sure: bool

    @property
    def proved(self) -> bool:
        """Either way."""
        return self.confirmed or self.sure


class Estimate(Value):
    """A metric as the model's own confidence would have it, without labels.

    Attributes:
        error: standard error of the estimate, by how far it was off on resampled windows of the reference.
        loss: as in ``Performance``, from the estimate.
        lost: whether the estimated loss is above the tolerated one by more than its error.
    """

    metric: str
    rows: int
    estimated: float | None
    error: float | None
    loss: Metric
    lost: bool


class Health(Value):
    """How the endpoint did: latency in milliseconds, shares from 0 to 1; None where there was no request."""

    refused_share: float | None
    latency_p50: float | None
    latency_p95: float | None
    latency_p99: float | None
    silent_hours: float | None


class Answer(StrEnum):
    """Whether to retrain."""

    YES = "yes"
    NO = "no"
    WAIT = "wait"


class Cause(StrEnum):
    """What speaks for retraining, the strongest first.

    Progress: the last retraining was proved to help. Bias: answers are off on the whole.
    """

    PERFORMANCE = "performance"
    PROGRESS = "progress"
    BIAS = "bias"
    DRIFT = "drift"
    AGE = "age"


class Retrain(Value):
    """The decision.

    Attributes:
        cause: what speaks for it; None where nothing does.
        since: when this cause began to be seen, window after window, for this champion; "" without a cause.
        reasons: in words, the most important first; what stands against it is among them.
    """

    answer: Answer
    cause: Cause | None
    since: str
    reasons: tuple[str, ...]


class Watch(Value):
    """One look at a live model.

    Attributes:
        version, record_digest: of the champion that was watched.
        made_at: UTC, ISO 8601; what the decision goes by as the present.
        prediction: drift of what was predicted.
        outcomes_since: from when on outcomes count, up to the end of the span; "" for its beginning.
        bias: None where there are too few outcomes to tell.
        standing: names of what drifted in this window, whether or not the one before saw it too.
    """

    schema_version: int = 1
    use_case: str
    version: int
    record_digest: str
    span: Span
    made_at: str
    counts: Counts
    columns: tuple[ColumnDrift, ...]
    prediction: ColumnDrift | None
    performance: tuple[Performance, ...]
    estimate: Estimate | None
    health: Health
    findings: tuple[Sighting, ...]
    standing: tuple[str, ...]
    retrain: Retrain
    outcomes_since: str = ""
    bias: Bias | None = None

    @property
    def counts_since(self) -> str:
        """From when on outcomes count."""
        return self.outcomes_since or self.span.since

    @property
    def alarms(self) -> tuple[str, ...]:
        """Names of what people are called for."""
        return tuple(found.name for found in self.findings if found.weight is Weight.ALARM)
