"""From scores to a verdict."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from slipway.core.errors import ParamsInvalid, SlipwayError
from slipway.core.evaluation import Evaluation, Incumbents, IntervalCheck, Opponent, OutlookCheck
from slipway.core.expectation import Validation
from slipway.core.outlook import Outlook
from slipway.core.params import EvaluateParams, UseCaseParams
from slipway.core.signature import Signature
from slipway.core.training import Training
from slipway.core.use_case import UseCase
from slipway.core.value import canonical_json, digest_of, sha256
from slipway.data.preparation import TARGET, TIME, inputs_of
from slipway.evaluation.api_changes import ApiCase, api_changes
from slipway.evaluation.bands import bands_of
from slipway.evaluation.coverage import check_interval
from slipway.evaluation.evidence import Evidence
from slipway.evaluation.gates import GATES, Gate
from slipway.evaluation.judge import Judgement, judge, unknown_strict_slices
from slipway.forecasting.monthly import Seen
from slipway.forecasting.outlook import check_outlook
from slipway.training.onnx_scoring import score
from slipway.workspace.files import read_document, read_frame, write_document, write_text
from slipway.workspace.metrics import metrics_text
from slipway.workspace.paths import Paths


@dataclass(frozen=True)
class _Inputs:
    """The documents and tables that earlier stages left; ``signature`` is the one the endpoint would have."""

    validation: Validation
    training: Training
    signature: Signature
    incumbents: Incumbents
    holdout: pd.DataFrame
    scores: pd.DataFrame
    outlook: OutlookCheck | None


def evaluate(use_case: UseCase, paths: Paths, params: UseCaseParams, gates: tuple[Gate, ...] = GATES) -> str:
    """Judge the candidate, write evaluation.json and metrics.json; returns the headline.

    A verdict of reject is a result, not an error: the file says so and the run goes on to tell people.

    Raises:
        DataMissing: an earlier stage's output is absent or damaged.
        MetricsNotFinite: the candidate's scores are not all numbers.
        GatesDoNotGate: a sabotaged model passed a gate.
        ParamsInvalid: a strict slice has no rows.
    """
    inputs = _read(use_case, paths, params)
    evidence, incumbents = _gather(use_case, paths, params, inputs)
    _refuse_unknown_slices(use_case, evidence, params)
    judgement = judge(evidence, params.gates, gates)
    evaluation = _compose(use_case, params, inputs, incumbents, judgement)
    write_document(paths.evaluation, evaluation)
    write_text(paths.metrics, metrics_text((*evaluation.metrics, *evaluation.further)))
    return f"{evaluation.verdict.decision.value}: {evaluation.verdict.reasons[0]}"


def _refuse_unknown_slices(use_case: UseCase, evidence: Evidence, params: UseCaseParams) -> None:
    unknown = unknown_strict_slices(evidence, params.gates)
    if unknown:
        raise ParamsInvalid(
            f"params.yaml: use_cases.{use_case.name}.gates.slices.strict: no holdout row is {', '.join(unknown)}",
            cause="a typing mistake in the value, or a value that no longer occurs",
            next_step="write it as column=value with a value of the data, then run the same command again",
        )


def _read(use_case: UseCase, paths: Paths, params: UseCaseParams) -> _Inputs:
    train = f"slipway train {use_case.name}"
    trained = read_document(paths.model / "signature.json", Signature, made_by=train)
    holdout = read_frame(paths.holdout, made_by=f"slipway prepare {use_case.name}")
    return _Inputs(
        validation=read_document(paths.validation, Validation, made_by=f"slipway validate {use_case.name}"),
        training=read_document(paths.model / "training.json", Training, made_by=train),
        signature=trained.completed(params.evaluate.threshold, params.serve),
        incumbents=read_document(
            paths.incumbents / "incumbents.json", Incumbents, made_by=f"slipway incumbents {use_case.name}"
        ),
        holdout=holdout,
        scores=read_frame(paths.scores, made_by=train),
        outlook=_outlook(use_case, paths, holdout),
    )


def _gather(use_case: UseCase, paths: Paths, params: UseCaseParams, inputs: _Inputs) -> tuple[Evidence, Incumbents]:
    champion, champion_scores = _opponent(paths, "champion", inputs.incumbents.champion, inputs.holdout)
    anchor, anchor_scores = _opponent(paths, "anchor", inputs.incumbents.anchor, inputs.holdout)
    incumbents = inputs.incumbents.model_copy(update={"champion": champion, "anchor": anchor})
    evidence = Evidence(
        task=use_case.task,
        y=inputs.holdout[TARGET].to_numpy(),
        candidate=inputs.scores["candidate"].to_numpy(),
        baseline=inputs.scores["baseline"].to_numpy(),
        shuffled=inputs.scores["shuffled"].to_numpy(),
        champion=champion_scores,
        anchor=anchor_scores,
        slices=_slices(use_case, params.evaluate, inputs.holdout),
        threshold=params.evaluate.threshold,
        champion_problem=_problem(incumbents),
        registry_reachable=incumbents.registry == "reachable",
        same_as_champion=_answers_like(paths, champion, inputs),
        api=_api(paths, inputs, params.serve.breaks_api_of_version),
        interval=inputs.signature.interval,
    )
    return evidence, incumbents


def _slices(use_case: UseCase, params: EvaluateParams, holdout: pd.DataFrame) -> dict[str, np.ndarray]:
    """Every column by whose values the holdout is looked at."""
    columns = {name: holdout[name].to_numpy() for name in params.slices}
    if params.bands > 1:
        columns[f"{use_case.target} band"] = bands_of(holdout[TARGET].to_numpy(), params.bands)
    return columns


def _answers_like(paths: Paths, champion: Opponent | None, inputs: _Inputs) -> bool:
    """Whether the champion is this very model behind this very signature."""
    if champion is None or champion.problem or champion.model_digest != inputs.training.model_digest:
        return False
    return _signature(paths, "champion") == inputs.signature


def _api(paths: Paths, inputs: _Inputs, acknowledged: int | None) -> ApiCase | None:
    """What callers of the champion would notice; a signature that cannot be read is told, as it stops no judging."""
    champion = inputs.incumbents.champion
    if champion is None:
        return None
    version = int(champion.version)
    try:
        changes = api_changes(_signature(paths, "champion"), inputs.signature)
    except SlipwayError as error:
        return ApiCase(version, acknowledged=acknowledged, problem=champion.problem or _first_line(error))
    return ApiCase(version, changes, acknowledged)


def _problem(incumbents: Incumbents) -> str | None:
    if incumbents.registry == "unreachable":
        return "the registry did not answer, so nobody knows whether there is a champion"
    problems = (o.problem for o in (incumbents.champion, incumbents.anchor) if o is not None)
    return next((problem for problem in problems if problem), None)


def _opponent(
    paths: Paths, role: str, opponent: Opponent | None, holdout: pd.DataFrame
) -> tuple[Opponent | None, np.ndarray | None]:
    """Score an opponent on the holdout; one that cannot be scored is told with its problem."""
    if opponent is None or opponent.problem:
        return opponent, None
    try:
        return opponent, _score(paths, role, holdout)
    except (SlipwayError, KeyError, ValueError, RuntimeError, OSError) as error:
        problem = f"version {opponent.version} could not be scored on this holdout: {_first_line(error)}"
        return opponent.model_copy(update={"problem": problem}), None


def _score(paths: Paths, role: str, holdout: pd.DataFrame) -> np.ndarray:
    inputs = inputs_of(_signature(paths, role), holdout)
    scores = score((paths.incumbents / role / "model.onnx").read_bytes(), inputs, list(inputs.columns))
    if not np.isfinite(scores).all():
        raise ValueError(f"{int((~np.isfinite(scores)).sum())} of its scores are not finite")
    return scores


def _signature(paths: Paths, role: str) -> Signature:
    made_by = f"slipway incumbents {paths.use_case}"
    return read_document(paths.incumbents / role / "signature.json", Signature, made_by=made_by)


def _first_line(error: Exception) -> str:
    text = error.what if isinstance(error, SlipwayError) else str(error)
    return (text.splitlines() or [type(error).__name__])[0][:200]


def _interval(inputs: _Inputs) -> IntervalCheck | None:
    interval = inputs.signature.interval
    if interval is None:
        return None
    return check_interval(interval, inputs.holdout[TARGET].to_numpy(), inputs.scores["candidate"].to_numpy())


def _outlook(use_case: UseCase, paths: Paths, holdout: pd.DataFrame) -> OutlookCheck | None:
    """What forecasts of levels are worth, on the months that were held out too; None where there are none."""
    if use_case.outlook is None:
        return None
    made = read_document(paths.model / "outlook.json", Outlook, made_by=f"slipway train {use_case.name}")
    train = read_frame(paths.train, made_by=f"slipway prepare {use_case.name}")
    rows = pd.concat([train, holdout[train.columns]], ignore_index=True)
    seen = Seen(rows, rows[TARGET].to_numpy(), rows[TIME].to_numpy())
    return check_outlook(use_case, made, seen, len(train))


def _compose(
    use_case: UseCase, params: UseCaseParams, inputs: _Inputs, incumbents: Incumbents, judgement: Judgement
) -> Evaluation:
    return Evaluation(
        use_case=use_case.name,
        task=use_case.task,
        data_digest=inputs.validation.data_digest,
        holdout_digest=incumbents.holdout_digest,
        params_digest=sha256(canonical_json(params.evidence())),
        model_digest=inputs.training.model_digest,
        signature_digest=digest_of(inputs.signature),
        rows=len(inputs.holdout),
        train_rows=inputs.training.train_rows,
        estimator=inputs.training.estimator,
        parity=inputs.training.parity,
        incumbents=incumbents,
        metrics=judgement.metrics,
        interval=_interval(inputs),
        outlook=inputs.outlook,
        baseline_metrics=judgement.baseline_metrics,
        champion_metrics=judgement.champion_metrics,
        comparisons=judgement.comparisons,
        slices=judgement.slices,
        gates=judgement.gates,
        api_changes=judgement.api_changes,
        self_test=judgement.self_test,
        charts=judgement.charts,
        warnings=inputs.validation.warnings,
        verdict=judgement.verdict,
    )
