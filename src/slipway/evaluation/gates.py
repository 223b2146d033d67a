"""The gates: each asks one kind of question about the candidate, and answers it in words.

A gate is a name and a function. To add one, write the function and put it into GATES; the self-test then holds it
against models that it must refuse (self_test.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slipway.core.evaluation import Decision, GateResult, Outcome, Verdict
from slipway.core.params import AbsoluteGate, GateParams, ReferenceGate, SliceGate
from slipway.evaluation.api_changes import ApiCase
from slipway.evaluation.hearing import Hearing
from slipway.evaluation.scores import Scores
from slipway.evaluation.slices import SliceFinding, is_testable, slice_findings
from slipway.evaluation.spread import Spread
from slipway.evaluation.words import amount, figure, gain_in_words, metric_in_words, what_would_settle

Question = Callable[[Hearing, GateParams], tuple[GateResult, ...]]


@dataclass(frozen=True)
class Gate:
    """One kind of question.

    Attributes:
        ask: answers it; never raises, whatever the candidate's scores are.
        applies: whether these params and rows give it anything to ask.
        looks_at_scores: whether it judges by scores; if not, no scores can move it.
    """

    name: str
    ask: Question
    applies: Callable[[Hearing, GateParams], bool] = lambda hearing, params: True
    looks_at_scores: bool = True


def ask_absolute(hearing: Hearing, params: GateParams) -> tuple[GateResult, ...]:
    """Metrics against fixed bounds. The metric itself counts, not its interval, so that a bound means what it says."""
    return tuple(_absolute(hearing, gate) for gate in params.absolute)


def _absolute(hearing: Hearing, gate: AbsoluteGate) -> GateResult:
    name, required = f"absolute {gate.metric}", _bounds(gate)
    value = hearing.measure(gate.metric).value(hearing.candidate)
    observed = metric_in_words(hearing.measure(gate.metric).of(hearing.candidate))
    if value is None:
        reason = f"{gate.metric} is not defined for these scores; {required} is required"
        return _answer(name, Outcome.FAILED, observed, required, reason)
    within = (gate.min is None or value >= gate.min) and (gate.max is None or value <= gate.max)
    outcome = Outcome.PASSED if within else Outcome.FAILED
    return _answer(name, outcome, observed, required, f"{gate.metric} is {figure(value)}; {required} is required")


def _bounds(gate: AbsoluteGate) -> str:
    parts = [] if gate.min is None else [f"at least {gate.min:,.10g}"]
    return " and ".join([*parts, f"at most {gate.max:,.10g}"] if gate.max is not None else parts)


def ask_baseline(hearing: Hearing, params: GateParams) -> tuple[GateResult, ...]:
    """The candidate must be proved better than the naive baseline by more than a minimum."""
    gate, measure = params.baseline, hearing.measure(params.baseline.metric)
    name, required = "baseline", f"{gate.metric} better by more than {amount(gate.min_gain, measure)}"
    gain = hearing.gain_over(hearing.baseline, gate.metric)
    if gain is None:
        return (_incomparable(name, hearing, hearing.baseline, gate.metric, required),)
    observed = gain_in_words(gain, measure)
    if gain.lower > gate.min_gain:
        reason = f"proved better than the naive baseline: {gate.metric} {observed}"
        return (_answer(name, Outcome.PASSED, observed, required, reason),)
    if gain.upper <= gate.min_gain:
        reason = f"{gate.metric} against the naive baseline is {observed}; {required} is required"
        return (_answer(name, Outcome.FAILED, observed, required, reason),)
    settle = what_would_settle(gain, measure, hearing.baseline.rows, abs(gain.value - gate.min_gain))
    reason = f"{gate.metric} against the naive baseline is {observed}, no proof of {required}: {settle}"
    return (_answer(name, Outcome.UNDECIDED, observed, required, reason),)


def ask_champion(hearing: Hearing, params: GateParams) -> tuple[GateResult, ...]:
    """The candidate against the model now in service."""
    if hearing.champion is not None:
        return (_against("champion", hearing, hearing.champion, params.champion),)
    required = _promise(hearing, params.champion, "champion")
    if hearing.champion_problem is None:
        return (_answer("champion", Outcome.NOT_APPLICABLE, "no champion", required, "there is no champion yet"),)
    allowed = params.promote_without_champion_evidence
    outcome = Outcome.NOT_APPLICABLE if allowed else Outcome.UNDECIDED
    consequence = "params.yaml allows promotion without it" if allowed else "without it nothing is promoted"
    reason = f"there is no evidence about the champion ({hearing.champion_problem}); {consequence}"
    return (_answer("champion", outcome, "no evidence", required, reason),)


def ask_anchor(hearing: Hearing, params: GateParams) -> tuple[GateResult, ...]:
    """The candidate against the best champion so far, so that many small losses cannot add up."""
    if hearing.anchor is not None:
        return (_against("anchor", hearing, hearing.anchor, params.anchor),)
    required = _promise(hearing, params.anchor, "anchor")
    reason = "there is no anchor to compare with"
    return (_answer("anchor", Outcome.NOT_APPLICABLE, "no anchor", required, reason),)


def _promise(hearing: Hearing, gate: ReferenceGate, name: str) -> str:
    if gate.mode == "superiority":
        return f"{gate.metric} proved better than the {name}'s"
    return f"{gate.metric} proved within {amount(gate.margin, hearing.measure(gate.metric))} of the {name}'s, or better"


def _against(name: str, hearing: Hearing, opponent: Scores, gate: ReferenceGate) -> GateResult:
    measure, required = hearing.measure(gate.metric), _promise(hearing, gate, name)
    gain = hearing.gain_over(opponent, gate.metric)
    if gain is None:
        return _incomparable(name, hearing, opponent, gate.metric, required)
    tolerated = 0.0 if gate.mode == "superiority" else gate.margin
    observed, seen = gain_in_words(gain, measure), f"{gate.metric} against the {name} is"
    if gain.lower > -tolerated:
        return _answer(name, Outcome.PASSED, observed, required, f"{seen} {observed}: {required}")
    if gain.upper < -tolerated:
        beyond = "" if tolerated == 0 else f" by more than {amount(tolerated, measure)}"
        return _answer(name, Outcome.FAILED, observed, required, f"{seen} {observed}: proved worse{beyond}")
    settle = what_would_settle(gain, measure, opponent.rows, gate.margin)
    reason = f"{seen} {observed}: neither {required}, nor proved worse; {settle}"
    return _answer(name, Outcome.UNDECIDED, observed, required, reason)


def _incomparable(name: str, hearing: Hearing, opponent: Scores, metric: str, required: str) -> GateResult:
    if hearing.measure(metric).value(hearing.candidate) is None:
        reason = f"{metric} is not defined for the candidate's scores"
        return _answer(name, Outcome.FAILED, "not defined", required, reason)
    reason = f"{metric} of the {name} is not defined, or nothing to measure by, on these rows"
    return _answer(name, Outcome.UNDECIDED, "not defined", required, reason)


def ask_slices(hearing: Hearing, params: GateParams) -> tuple[GateResult, ...]:
    """No slice may be proved worse than under the champion; strict ones must be proved not worse."""
    gate, measure = params.slices, hearing.measure(params.slices.metric)
    required = f"no slice proved worse with {gate.metric} down by {amount(gate.max_drop, measure)} or more"
    if hearing.champion is None:
        return (_answer("slices", Outcome.NOT_APPLICABLE, "no champion", required, "no champion to compare with"),)
    findings = slice_findings(hearing, gate)
    tested = [finding for finding in findings if finding.tested]
    observed = f"{len(tested)} of {len(findings)} slices tested"
    answers = [_on_slice(hearing, gate, f) for f in findings if f.tested or f.strict]
    if not answers:
        reason = "no slices are configured" if not findings else "no slice has enough rows to be tested"
        return (_answer("slices", Outcome.NOT_APPLICABLE, observed, required, reason),)
    for outcome in (Outcome.FAILED, Outcome.UNDECIDED):
        reasons = [reason for said, reason in answers if said is outcome]
        if reasons:
            return (_answer("slices", outcome, observed, required, "; ".join(reasons)),)
    return (_answer("slices", Outcome.PASSED, observed, required, "no slice is proved worse"),)


def _on_slice(hearing: Hearing, gate: SliceGate, finding: SliceFinding) -> tuple[Outcome, str]:
    name, measure, gain = finding.part.name, hearing.measure(gate.metric), finding.gain
    if not finding.tested:
        return Outcome.UNDECIDED, f"{name} is strict but has too few rows to prove anything"
    if not finding.defined:
        return Outcome.FAILED, f"{gate.metric} is not defined for the candidate's scores on {name}"
    if gain is None:
        return Outcome.UNDECIDED, f"{gate.metric} of the champion is not defined on {name}"
    seen = f"{gate.metric} on {name} is {gain_in_words(gain, measure)}"
    if finding.strict:
        return _on_strict_slice(hearing, gate, gain, seen, finding.part.rows.size)
    proved_worse = finding.p_value is not None and finding.p_value < gate.alpha
    if proved_worse and gain.value <= -gate.max_drop:
        return Outcome.FAILED, f"{seen}: proved worse (p = {finding.p_value:.2g} after Holm)"
    return Outcome.PASSED, seen


def _on_strict_slice(hearing: Hearing, gate: SliceGate, gain: Spread, seen: str, rows: int) -> tuple[Outcome, str]:
    measure = hearing.measure(gate.metric)
    if gain.lower > -gate.margin:
        return Outcome.PASSED, seen
    if gain.upper < -gate.margin:
        return Outcome.FAILED, f"{seen}: proved worse by more than {amount(gate.margin, measure)} on a strict slice"
    return Outcome.UNDECIDED, f"{seen} on a strict slice: {what_would_settle(gain, measure, rows, gate.margin)}"


def ask_api(hearing: Hearing, params: GateParams) -> tuple[GateResult, ...]:
    """Whoever calls the champion's endpoint must be able to go on, unless params.yaml says that they need not."""
    required = "nothing breaks for callers of the champion"
    if hearing.api is None:
        reason = "no champion to differ from" if hearing.champion_problem is None else "no champion is known"
        return (_answer("api", Outcome.NOT_APPLICABLE, "no champion", required, reason),)
    if hearing.api.problem is not None:
        return (_unknown_api(hearing.api, hearing.api.problem, required, params),)
    return (_on_api(hearing.api, required),)


def _unknown_api(case: ApiCase, problem: str, required: str, params: GateParams) -> GateResult:
    excused = case.is_acknowledged or params.promote_without_champion_evidence
    outcome = Outcome.NOT_APPLICABLE if excused else Outcome.UNDECIDED
    consequence = "params.yaml allows promotion without it" if excused else "without it nothing is promoted"
    reason = f"what callers of version {case.version} send is not known ({problem}); {consequence}"
    return _answer("api", outcome, "not known", required, reason)


def _on_api(case: ApiCase, required: str) -> GateResult:
    breaking = case.breaking
    observed = f"{len(breaking)} of {len(case.changes)} changes break" if case.changes else "no change"
    if not breaking:
        return _answer("api", Outcome.PASSED, observed, required, f"callers of version {case.version} can go on")
    broken = "; ".join(" ".join(word for word in (change.field, change.detail) if word) for change in breaking)
    seen = f"callers of version {case.version} break: {broken}"
    if case.is_acknowledged:
        return _answer("api", Outcome.PASSED, observed, required, f"{seen}; params.yaml acknowledges it")
    way_out = f"write breaks_api_of_version: {case.version} under serve in params.yaml to promote it all the same"
    return _answer("api", Outcome.FAILED, observed, required, f"{seen}; {way_out}")


def _answer(gate: str, outcome: Outcome, observed: str, required: str, reason: str) -> GateResult:
    return GateResult(gate=gate, outcome=outcome, observed=observed, required=required, reason=reason)


def _has_testable_slice(hearing: Hearing, params: GateParams) -> bool:
    return any(is_testable(hearing, params.slices, part) for part in hearing.parts)


GATES: tuple[Gate, ...] = (
    Gate("absolute", ask_absolute, applies=lambda hearing, params: bool(params.absolute)),
    Gate("baseline", ask_baseline),
    Gate("champion", ask_champion),
    Gate("anchor", ask_anchor),
    Gate("slices", ask_slices, applies=_has_testable_slice),
    Gate("api", ask_api, looks_at_scores=False),
)


def ask(gates: Sequence[Gate], hearing: Hearing, params: GateParams) -> tuple[GateResult, ...]:
    """What all gates say, in their order."""
    return tuple(result for gate in gates for result in gate.ask(hearing, params))


def decide(results: Sequence[GateResult], *, same_as_champion: bool = False) -> Verdict:
    """Reject when a gate fails, hold when one cannot tell, else promote; other models come before fixed bounds."""
    failed = tuple(r.reason for r in results if r.outcome is Outcome.FAILED)
    if failed:
        return Verdict(decision=Decision.REJECT, reasons=failed)
    undecided = tuple(r.reason for r in results if r.outcome is Outcome.UNDECIDED)
    if same_as_champion:
        undecided = ("the candidate is the champion, byte for byte", *undecided)
    if undecided:
        return Verdict(decision=Decision.HOLD, reasons=undecided)
    passed = [r for r in results if r.outcome is Outcome.PASSED]
    telling = sorted(passed, key=lambda r: r.gate not in {"champion", "anchor"})
    return Verdict(decision=Decision.PROMOTE, reasons=tuple(r.reason for r in telling))
