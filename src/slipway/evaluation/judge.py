"""From evidence to a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.core.evaluation import (
    ApiChange,
    Comparison,
    GateResult,
    Metric,
    SelfTest,
    Series,
    SliceResult,
    Verdict,
)
from slipway.core.params import GateParams
from slipway.evaluation.comparing import comparisons
from slipway.evaluation.evidence import Evidence, require_finite
from slipway.evaluation.gates import GATES, Gate, ask, decide
from slipway.evaluation.hearing import Hearing
from slipway.evaluation.scores import Scores
from slipway.evaluation.self_test import require_gating, self_test
from slipway.evaluation.slices import slice_results


@dataclass(frozen=True)
class Judgement:
    """Everything that was found out, in the shapes that the evaluation document holds."""

    metrics: tuple[Metric, ...]
    baseline_metrics: tuple[Metric, ...]
    champion_metrics: tuple[Metric, ...]
    comparisons: tuple[Comparison, ...]
    slices: tuple[SliceResult, ...]
    gates: tuple[GateResult, ...]
    api_changes: tuple[ApiChange, ...]
    self_test: SelfTest
    verdict: Verdict
    charts: tuple[Series, ...]


def judge(evidence: Evidence, params: GateParams, gates: Sequence[Gate] = GATES) -> Judgement:
    """Measure, compare and ask the gates, after these were shown to refuse what must be refused.

    Equal evidence gives an equal judgement, whatever the number of threads. Raises MetricsNotFinite when a score of
    the candidate is NaN or infinite and GatesDoNotGate, naming gate and sabotage, when a gate lets one pass.
    """
    require_finite(evidence)
    hearing = Hearing.of(evidence)
    tested = self_test(hearing, evidence.shuffled, params, gates)
    require_gating(tested)
    results = ask(gates, hearing, params)
    return Judgement(
        metrics=_metrics(hearing, hearing.candidate),
        baseline_metrics=_metrics(hearing, hearing.baseline),
        champion_metrics=() if hearing.champion is None else _metrics(hearing, hearing.champion),
        comparisons=comparisons(hearing, params),
        slices=slice_results(hearing, params),
        gates=results,
        api_changes=() if evidence.api is None else evidence.api.changes,
        self_test=tested,
        verdict=decide(results, same_as_champion=evidence.same_as_champion),
        charts=hearing.kit.charts(hearing.candidate, hearing.champion),
    )


def _metrics(hearing: Hearing, scores: Scores) -> tuple[Metric, ...]:
    return tuple(measure.of(scores) for measure in hearing.kit.measures.values())


def unknown_strict_slices(evidence: Evidence, params: GateParams) -> tuple[str, ...]:
    """Strict slices in params that no row of this holdout belongs to."""
    known = {part.name for part in Hearing.of(evidence).parts}
    return tuple(name for name in params.slices.strict if name not in known)
