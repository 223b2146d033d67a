"""The candidate on each value of each slice column, and whether it got worse there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erf, sqrt

import numpy as np

from slipway.core.evaluation import SliceResult
from slipway.core.params import GateParams, SliceGate
from slipway.evaluation.coverage import check_scores
from slipway.evaluation.hearing import Hearing
from slipway.evaluation.measure import tidy
from slipway.evaluation.scores import Part
from slipway.evaluation.spread import Spread


@dataclass(frozen=True)
class SliceFinding:
    """A slice in figures.

    Attributes:
        tested: whether it has rows enough.
        defined: whether the candidate's metric is defined on it.
        gain: over the champion; None where there is none to compare with.
        p_value: that the candidate is worse, one-sided, adjusted by Holm.
    """

    part: Part
    rare_rows: int
    tested: bool
    strict: bool
    defined: bool = False
    gain: Spread | None = None
    p_value: float | None = None


def slice_findings(hearing: Hearing, gate: SliceGate) -> tuple[SliceFinding, ...]:
    """Compare candidate and champion on every slice that has rows enough."""
    found = [_finding(hearing, gate, part) for part in hearing.parts]
    raw = [_p_worse(finding.gain) for finding in found if finding.gain is not None]
    adjusted = iter(holm(raw))
    return tuple(f if f.gain is None else replace(f, p_value=next(adjusted)) for f in found)


def _finding(hearing: Hearing, gate: SliceGate, part: Part) -> SliceFinding:
    mine, measure = hearing.candidate.on(part), hearing.measure(gate.metric)
    rare = hearing.kit.rare_rows(mine.y)
    finding = SliceFinding(part, rare, is_testable(hearing, gate, part), part.name in gate.strict)
    if not finding.tested:
        return finding
    gain = None if hearing.champion is None else measure.difference(mine, hearing.champion.on(part))
    return replace(finding, defined=measure.value(mine) is not None, gain=gain)


def is_testable(hearing: Hearing, gate: SliceGate, part: Part) -> bool:
    """Whether a slice has rows enough of its rarer class."""
    enough = max(gate.min_rare_rows, hearing.kit.fewest_rows)
    return hearing.kit.rare_rows(hearing.candidate.y[part.rows]) >= enough


def _p_worse(gain: Spread) -> float:
    if gain.error == 0:
        return 0.0 if gain.value < 0 else 1.0
    return 0.5 * (1 + erf(gain.value / gain.error / sqrt(2)))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values adjusted for being several, by Holm's step-down method (1979)."""
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1)
    return tuple(float(value) for value in adjusted)


def slice_results(hearing: Hearing, params: GateParams) -> tuple[SliceResult, ...]:
    """Every slice with all metrics, as it is written down."""
    return tuple(_result(hearing, finding) for finding in slice_findings(hearing, params.slices))


def _result(hearing: Hearing, finding: SliceFinding) -> SliceResult:
    scores, gain, p_value = hearing.candidate.on(finding.part), finding.gain, finding.p_value
    return SliceResult(
        column=finding.part.column,
        value=finding.part.value,
        rows=scores.rows,
        rare_rows=finding.rare_rows,
        metrics=tuple(measure.of(scores) for measure in hearing.kit.measures.values()),
        tested=finding.tested,
        strict=finding.strict,
        difference=None if gain is None else tidy(gain.value),
        lower_bound=None if gain is None else tidy(gain.lower),
        upper_bound=None if gain is None else tidy(gain.upper),
        p_value=None if p_value is None else tidy(p_value),
        interval=None if hearing.interval is None or not scores.rows else check_scores(hearing.interval, scores),
    )
