"""The shape of one use case's section in params.yaml. Reading the file is the work of ``slipway.workspace.params``."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from slipway.core.quantity import checked_quantity
from slipway.core.value import Value

Share = Annotated[float, Field(gt=0, lt=1)]
Margin = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]

NO_EVIDENCE = ("deploy", "monitor", "retrain", "train_on", "tune")


def _column_and_value(name: str) -> str:
    column, equals, _ = name.partition("=")
    if not (column and equals):
        raise ValueError("column=value, such as contract=Two year")
    return name


SliceName = Annotated[str, AfterValidator(_column_and_value)]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError('a day in quotes, such as "2016-01-01"') from error


Day = Annotated[str, AfterValidator(_day)]


class SplitParams(Value):
    """Which rows are held out.

    Attributes:
        by: ``key`` deals rows out by a hash of their keys; ``time`` holds out the latest.
        holdout_share: of keys, or of rows in order of time where no day is named.
        salt: changes the deal by key.
        holdout_from: by time: the first day that is held out.
    """

    by: Literal["key", "time"] = "key"
    holdout_share: Annotated[float, Field(ge=0.05, le=0.5)] = 0.25
    salt: str = "slipway"
    holdout_from: Day | None = None

    @model_validator(mode="after")
    def _day_only_by_time(self) -> "SplitParams":
        if self.holdout_from is not None and self.by != "time":
            raise ValueError("by: time beside holdout_from")
        return self


class LevelParams(Value):
    """How the going rate of a place is read off earlier rows, and carried on after the last of them.

    Attributes:
        period_days: levels change once in so many days.
        window_days: a level is that of the rows in so many days before its period.
        prior_rows: a group's level is drawn to that of all groups as if by so many rows.
        drift_days: after the last row the level of all goes on as it went over so many days; 0 leaves it where it is.
        horizon_days: for so long.
    """

    period_days: Annotated[int, Field(ge=1, le=366)] = 7
    window_days: Annotated[int, Field(ge=1, le=3660)] = 91
    prior_rows: Annotated[float, Field(gt=0)] = 20.0
    drift_days: Annotated[int, Field(ge=0, le=3660)] = 364
    horizon_days: Annotated[int, Field(ge=0, le=3660)] = 730

    @model_validator(mode="after")
    def _whole_periods(self) -> "LevelParams":
        if self.window_days < self.period_days or 0 < self.drift_days < self.period_days:
            raise ValueError("window_days and drift_days of one period or more")
        return self


class FittingParams(Value):
    """What every estimator is told.

    Attributes:
        target: ``log`` fits the logarithm of a target that is always positive.
        level: with ``log``: fit the difference from the going rate, which the use case declares.
    """

    seed: Annotated[int, Field(ge=0)] = 7
    target: Literal["plain", "log"] = "plain"
    level: LevelParams | None = None

    @model_validator(mode="after")
    def _level_of_logarithms(self) -> Self:
        if self.level is not None and self.target != "log":
            raise ValueError("target: log beside level")
        return self

    def own(self) -> dict[str, Any]:
        """The settings that are the estimator's own."""
        return self.model_dump(exclude={"estimator", *FittingParams.model_fields})


class LightGBMParams(FittingParams):
    """Gradient boosted trees; names and meanings are LightGBM's own."""

    estimator: Literal["lightgbm"]
    n_estimators: Annotated[int, Field(ge=1, le=20_000)] = 200
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    num_leaves: Annotated[int, Field(ge=2, le=4096)] = 31
    min_child_samples: Count = 20
    subsample: Annotated[float, Field(gt=0, le=1)] = 1.0
    colsample_bytree: Annotated[float, Field(gt=0, le=1)] = 1.0
    reg_lambda: Annotated[float, Field(ge=0)] = 0.0


class CatBoostParams(FittingParams):
    """Gradient boosted symmetric trees; names and meanings are CatBoost's own."""

    estimator: Literal["catboost"]
    iterations: Annotated[int, Field(ge=1, le=20_000)] = 500
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.1
    depth: Annotated[int, Field(ge=1, le=12)] = 6
    l2_leaf_reg: Annotated[float, Field(ge=0)] = 3.0
    subsample: Annotated[float, Field(gt=0, le=1)] = 0.8
    rsm: Annotated[float, Field(gt=0, le=1)] = 1.0


class LinearParams(FittingParams):
    """Logistic or ridge regression on scaled and one-hot encoded inputs; ``strength`` is the L2 penalty."""

    estimator: Literal["linear"]
    strength: Annotated[float, Field(gt=0)] = 1.0


AnyTrainParams = LightGBMParams | CatBoostParams | LinearParams
TrainParams = Annotated[AnyTrainParams, Field(discriminator="estimator")]


class EvaluateParams(Value):
    """How the holdout is looked at.

    Attributes:
        threshold: turns a probability into a decision; ignored by tasks that have none.
        slices: categorical features; every value of theirs is looked at by itself.
        bands: so many equally large bands of the target are slices too; 0 for none.
    """

    threshold: Share = 0.5
    slices: tuple[str, ...] = ()
    bands: Annotated[int, Field(ge=0, le=20)] = 0


class LogParams(Value):
    """Features that the prediction log keeps as a hash, or not at all; every other is written as it was sent."""

    hashed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class ServeParams(Value):
    """How the endpoint behaves.

    Attributes:
        out_of_range: what becomes of a row with a number outside the range that training saw.
        refused: numeric features for which it is refused even where others are only warned of.
        breaks_api_of_version: the champion whose callers may break; a promise about any other is not meant.
    """

    out_of_range: Literal["refuse", "warn"] = "refuse"
    refused: tuple[str, ...] = ()
    log: LogParams = LogParams()
    breaks_api_of_version: Count | None = None


Quantity = Annotated[str, AfterValidator(checked_quantity)]
ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]


class Toleration(Value):
    """A taint that pods may be put beside; names and meanings are Kubernetes' own."""

    key: str
    operator: Literal["Exists", "Equal"] = "Exists"
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None


class GitParams(Value):
    """Where a pod clones the code from, instead of taking the checkout in its image; an address without a password."""

    url: Annotated[str, Field(pattern=r"^(https?|ssh|git|file)://[^\s@]+$|^(ssh://)?git@[^\s]+$")]
    reference: Annotated[str, Field(pattern=r"^[\w./][\w./-]*$")] = "main"


class TrainOnParams(Value):
    """What a pod is given that trains in a cluster; no part of what a model is judged by.

    Attributes:
        memory: asked for, and the most it may take; ``cpu`` is asked for, and may be exceeded.
        disk: for checkout, data, cache and what stages write.
        gpus: how many of ``gpu_resource``.
        deadline_minutes: of all attempts together; ``retries`` are for what may pass, such as a lost node.
        keep_hours: how long a Job that has ended is kept, with its log.
        secrets, config_maps: names of those that every variable of is set from.
    """

    cpu: Quantity = "1"
    memory: Quantity = "2Gi"
    disk: Quantity = "4Gi"
    gpus: Annotated[int, Field(ge=0, le=64)] = 0
    gpu_resource: Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[\w.-]+$")] = "nvidia.com/gpu"
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    deadline_minutes: Annotated[int, Field(ge=1, le=20_160)] = 120
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    keep_hours: Annotated[int, Field(ge=0, le=720)] = 24
    secrets: tuple[ObjectName, ...] = ()
    config_maps: tuple[ObjectName, ...] = ()
    git: GitParams | None = None


class AbsoluteGate(Value):
    """A metric's own value against a fixed bound; at least one of ``min`` and ``max``."""

    metric: str
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> "AbsoluteGate":
        if self.min is None and self.max is None:
            raise ValueError("a bound, min or max")
        return self


class BaselineGate(Value):
    """The candidate must be proved better than the naive baseline by more than ``min_gain``."""

    metric: str
    min_gain: Margin = 0.0


class ReferenceGate(Value):
    """Candidate against champion or anchor, paired on the same rows.

    ``non_inferiority`` promotes when the candidate is proved not worse by ``margin`` or more,
    ``superiority`` when it is proved better. For metrics where the task compares relatively
    (log RMSE), the margin is a share: 0.02 is two percent.
    """

    metric: str
    mode: Literal["non_inferiority", "superiority"] = "non_inferiority"
    margin: Margin = 0.01


class SliceGate(Value):
    """No slice may be proved worse (Holm at ``alpha``) and down by ``max_drop`` or more.

    Slices named in ``strict`` (``"column=value"``) must prove non-inferiority with ``margin`` instead.
    """

    metric: str
    max_drop: Margin = 0.03
    alpha: Share = 0.05
    min_rare_rows: Count = 30
    margin: Margin = 0.03
    strict: tuple[SliceName, ...] = ()


class GateParams(Value):
    """Which evidence a candidate needs."""

    absolute: tuple[AbsoluteGate, ...]
    baseline: BaselineGate
    champion: ReferenceGate
    anchor: ReferenceGate
    slices: SliceGate
    promote_without_champion_evidence: bool = False


class CanaryStep(Value):
    """How much of the traffic a canary is given, and what must be seen of it before the next step.

    Attributes:
        share: percent of the pods behind the Service; 0 is shadow mode: it is sent copies and answers nobody.
        requests: the least that the canary must have answered, live and replayed.
        seconds: how long live requests are waited for.
    """

    share: Annotated[int, Field(ge=0, le=90)]
    requests: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    seconds: Annotated[int, Field(ge=1, le=86_400)] = 300


class CanaryTolerance(Value):
    """What a canary may be worse by; a breach is what is proved to be more.

    Attributes:
        error_rate, refused_rate: share of answers that are errors of the endpoint, or refusals of what was sent.
        latency_ms: of the 95th percentile, milliseconds.
    """

    error_rate: Annotated[float, Field(ge=0, lt=1)] = 0.001
    refused_rate: Annotated[float, Field(ge=0, lt=1)] = 0.01
    latency_ms: Annotated[float, Field(ge=0)] = 50.0


class CanaryParams(Value):
    """How a release is tried on a few pods before the others follow; shares may only grow."""

    environments: tuple[str, ...] = ("production",)
    steps: Annotated[tuple[CanaryStep, ...], Field(min_length=1)] = (
        CanaryStep(share=0, seconds=120),
        CanaryStep(share=10),
        CanaryStep(share=50),
    )
    tolerance: CanaryTolerance = CanaryTolerance()

    @model_validator(mode="after")
    def _grows(self) -> "CanaryParams":
        shares = [step.share for step in self.steps]
        if shares != sorted(shares):
            raise ValueError("steps whose shares grow")
        return self


class DeployParams(Value):
    """How a release goes out; no part of what a model is judged by."""

    canary: CanaryParams | None = None


class RangeParams(Value):
    """Where a parameter is searched, both ends included; ``log`` draws orders of magnitude evenly."""

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _has_an_inside(self) -> "RangeParams":
        if self.low >= self.high:
            raise ValueError("a range whose low is below its high")
        if self.log and self.low <= 0:
            raise ValueError("a low above 0, or a range without log")
        return self


class TuneParams(Value):
    """How better parameters are searched; no part of what a model is judged by.

    Attributes:
        space: ranges that take the place of the estimator's own; None leaves a parameter as it is.
        trials: how many sets of parameters are tried, the present ones among them.
        minutes: after which no more is begun; None for no limit.
        seed: of what is proposed.
    """

    space: dict[str, RangeParams | None] = Field(default_factory=dict)
    trials: Count = 40
    minutes: Annotated[float, Field(gt=0)] | None = None
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    seed: Annotated[int, Field(ge=0)] = 7


class DriftFloors(Value):
    """Changes below these are no drift, however sure.

    Attributes:
        distance: Wasserstein distance of a number's values, in standard deviations of the reference.
        share: change of a category's share.
        missing: change of the share of missing values.
    """

    distance: Annotated[float, Field(ge=0)] = 0.1
    share: Annotated[float, Field(ge=0, le=1)] = 0.05
    missing: Annotated[float, Field(ge=0, le=1)] = 0.02


class MonitorParams(Value):
    """What is looked for in a live model's log; no part of what a model is judged by.

    Attributes:
        window_days: how long a look goes back.
        least_rows: with fewer predictions nothing is tested.
        alpha: share of false discoveries among all tests of a window (Benjamini-Hochberg).
        windows: so many in a row must show a drift before it is an alarm.
        least_importance: share of the model's importance from which a drift is acted on.
        refused_share: share of requests refused from which that is an alarm.
        silent_hours: without any request for so long, the model is silent.
        outcome_days: performance is that of outcomes that came in so many days, or in the look where that is longer.
        feedback_days: how long after a prediction its outcome may come.
    """

    window_days: Annotated[float, Field(gt=0, le=366)] = 7.0
    least_rows: Count = 500
    alpha: Share = 0.01
    windows: Annotated[int, Field(ge=1, le=10)] = 2
    floors: DriftFloors = DriftFloors()
    least_importance: Annotated[float, Field(ge=0, le=1)] = 0.03
    refused_share: Annotated[float, Field(gt=0, le=1)] = 0.05
    silent_hours: Annotated[float, Field(gt=0)] = 24.0
    outcome_days: Annotated[float, Field(gt=0, le=3660)] = 28.0
    feedback_days: Annotated[float, Field(ge=0, le=3660)] = 92.0


class RetrainParams(Value):
    """When a live model is retrained; no part of what a model is judged by.

    Attributes:
        metric: by which performance is told; None for that of the champion gate.
        tolerated_loss: share of it that may be lost.
        tolerated_bias: by how much answers may be off on the whole, in standard deviations of the outcome.
        least_labels: new outcomes that are needed.
        cooldown_days: between one retraining and the next.
        oldest_days: age from which a model is retrained anyway; None for never.
    """

    metric: str | None = None
    tolerated_loss: Annotated[float, Field(ge=0, lt=1)] = 0.05
    tolerated_bias: Annotated[float, Field(ge=0)] = 0.05
    least_labels: Count = 500
    cooldown_days: Annotated[float, Field(ge=0)] = 7.0
    oldest_days: Annotated[float, Field(gt=0)] | None = None


class UseCaseParams(Value):
    """One use case's section of params.yaml."""

    split: SplitParams
    train: TrainParams
    evaluate: EvaluateParams
    gates: GateParams
    serve: ServeParams = ServeParams()
    deploy: DeployParams = DeployParams()
    train_on: TrainOnParams = TrainOnParams()
    tune: TuneParams = TuneParams()
    monitor: MonitorParams = MonitorParams()
    retrain: RetrainParams = RetrainParams()

    def evidence(self) -> dict[str, Any]:
        """What a model is made and judged by, as JSON: all but where it is trained, how it was tuned and goes out."""
        return self.model_dump(mode="json", exclude=set(NO_EVIDENCE))


class Params(Value):
    """The whole of params.yaml."""

    use_cases: dict[str, UseCaseParams]
