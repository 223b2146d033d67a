"""The gates held against models that must not pass.

Two things are asked of them. Together, they must refuse every sabotaged model that is provably no good on these rows.
And each on its own must refuse what no working gate could let pass, whatever the data: a candidate whose scores are
NaN, bounds just out of the candidate's reach, a model wrong on every row held against one that is right, and an API
that lost an input. So a gate that always says yes is found out on every run, the first one included.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import inf, nextafter

import numpy as np

from slipway.core.errors import GatesDoNotGate
from slipway.core.evaluation import Decision, Finding, GateResult, Outcome, Sabotage, SelfTest
from slipway.core.params import AbsoluteGate, GateParams
from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.evaluation.api_changes import ApiCase, api_changes
from slipway.evaluation.comparing import finding_of
from slipway.evaluation.evidence import Floats
from slipway.evaluation.gates import Gate, decide
from slipway.evaluation.hearing import Hearing
from slipway.evaluation.scores import Part
from slipway.evaluation.slices import is_testable

REFUSALS = (Outcome.FAILED, Outcome.UNDECIDED)


@dataclass(frozen=True, eq=False)
class _Trial:
    """A model before the gates: who has to refuse it alone, and whether all together have to."""

    name: str
    description: str
    hearing: Hearing
    params: GateParams
    gates: tuple[Gate, ...]
    each_must_refuse: bool = False
    together_must_refuse: bool = True


def self_test(hearing: Hearing, shuffled: Floats, params: GateParams, gates: Sequence[Gate]) -> SelfTest:
    """Hold the gates against every sabotage; where there is no champion or anchor the candidate stands in for it."""
    court = replace(
        hearing,
        champion=hearing.champion or hearing.candidate,
        anchor=hearing.anchor or hearing.candidate,
        champion_problem=None,
    )
    speaking = tuple(gate for gate in gates if gate.applies(court, params))
    scoring = tuple(gate for gate in speaking if gate.looks_at_scores)
    trials = chain(
        _sabotages(court, shuffled, params, scoring),
        _impossible_demands(court, params, scoring),
        (_input_removed(court, params, gate) for gate in speaking if gate.name == "api"),
    )
    rows, complaints = zip(*map(_hold, trials), _champion_against_itself(court, params, scoring), strict=True)
    return SelfTest(sabotages=rows, failures=tuple(chain.from_iterable(complaints)))


def require_gating(result: SelfTest) -> None:
    """Raise GatesDoNotGate when a gate let something pass."""
    if result.failures:
        raise GatesDoNotGate(
            "the gates do not gate: " + "; ".join(result.failures),
            cause="a gate was changed so that it no longer refuses, or the bounds in params.yaml exclude nothing",
            next_step="look at the last change of src/slipway/evaluation and of the gates in params.yaml",
        )


def _sabotages(court: Hearing, shuffled: Floats, params: GateParams, gates: tuple[Gate, ...]) -> Iterator[_Trial]:
    def trial(name: str, description: str, values: Floats) -> _Trial:
        accused = court.with_candidate(values)
        return _Trial(name, description, accused, params, gates, together_must_refuse=_is_no_good(accused, params))

    scores = court.candidate.values
    yield trial("constant", "the same score for every row", np.full_like(scores, court.baseline.values.mean()))
    yield trial("shuffled labels", "trained like the candidate on shuffled labels", shuffled)
    yield trial("reversed", "the candidate's scores reversed", court.kit.reverse(scores))
    yield _broken_on_a_slice(court, params, gates)
    nothing = court.with_candidate(np.full_like(scores, np.nan))
    yield _Trial("nan", "NaN for every row", nothing, params, gates, each_must_refuse=True)


def _is_no_good(accused: Hearing, params: GateParams) -> bool:
    """Whether comparisons, not gates, show the candidate to be worse than champion or no better than the baseline."""
    gain = accused.gain_over(accused.baseline, params.baseline.metric)
    if gain is None or gain.lower <= params.baseline.min_gain:
        return True
    loss = None if accused.champion is None else accused.gain_over(accused.champion, params.champion.metric)
    return loss is None or finding_of(loss, params.champion.margin) is Finding.WORSE


def _broken_on_a_slice(court: Hearing, params: GateParams, gates: tuple[Gate, ...]) -> _Trial:
    name = "broken on one slice"
    testable = [part for part in court.parts if is_testable(court, params.slices, part)]
    if not testable:
        return _Trial(name, "not tried: no slice has enough rows", court, params, (), together_must_refuse=False)
    part = max(testable, key=lambda candidate: candidate.rows.size)
    values = court.candidate.values.copy()
    values[part.rows] = court.kit.reverse(values[part.rows])
    accused = court.with_candidate(values)
    no_good = _is_worse_on(part, accused, params) or _is_no_good(accused, params)
    return _Trial(name, f"reversed where {part.name}", accused, params, gates, together_must_refuse=no_good)


def _is_worse_on(part: Part, accused: Hearing, params: GateParams) -> bool:
    measure = accused.measure(params.slices.metric)
    if accused.champion is None:
        return False
    loss = measure.difference(accused.candidate.on(part), accused.champion.on(part))
    tests = sum(is_testable(accused, params.slices, other) for other in accused.parts)
    return loss is None or (loss.value <= -params.slices.max_drop and loss.value < -_holm_bound(tests) * loss.error)


def _holm_bound(tests: int) -> float:
    """Standard errors beyond which any of so many tests rejects at any usual level; on the safe side."""
    return 4.0 + float(np.log10(tests))


def _impossible_demands(court: Hearing, params: GateParams, gates: tuple[Gate, ...]) -> Iterator[_Trial]:
    bounded = (_bounds_out_of_reach(court, params, gate) for gate in gates if gate.name == "absolute")
    yield from (trial for trial in bounded if trial.params.absolute)
    yield _against_the_truth(court, params, gates)


def _bounds_out_of_reach(court: Hearing, params: GateParams, gate: Gate) -> _Trial:
    bounds = tuple(beyond for bound in params.absolute for beyond in _beyond(court, bound))
    tightened = params.model_copy(update={"absolute": bounds})
    description = "the candidate, with bounds it just misses"
    return _Trial("bounds out of reach", description, court, tightened, (gate,), each_must_refuse=True)


def _against_the_truth(court: Hearing, params: GateParams, gates: tuple[Gate, ...]) -> _Trial:
    y = court.candidate.y
    truth = court.candidate.rescored(court.kit.near_truth(y))
    accused = replace(court.with_candidate(court.kit.wrong(y)), baseline=truth, champion=truth, anchor=truth)
    comparing = tuple(gate for gate in gates if gate.name != "absolute")
    description = "wrong on every row, against a model that is right"
    return _Trial("against the truth", description, accused, params, comparing, each_must_refuse=True)


def _input_removed(court: Hearing, params: GateParams, gate: Gate) -> _Trial:
    """Whatever the API at hand: a small one loses an input, and params.yaml speaks of another version at most."""
    kept, lost = (Field(name=name, type="number", nullable=False) for name in ("kept", "lost"))
    before, after = (
        Signature(use_case="self-test", title="", task=Task.REGRESSION, inputs=inputs, output="prediction", examples=())
        for inputs in ((kept, lost), (kept,))
    )
    accused = replace(court, api=ApiCase(version=1, changes=api_changes(before, after), acknowledged=2))
    description = "the candidate, without an input that callers send"
    return _Trial("input removed", description, accused, params, (gate,), each_must_refuse=True)


def _beyond(court: Hearing, gate: AbsoluteGate) -> tuple[AbsoluteGate, ...]:
    """The same gate with each of its bounds just out of the candidate's reach."""
    value = court.measure(gate.metric).value(court.candidate)
    if value is None:
        return ()
    low = () if gate.min is None else (gate.model_copy(update={"min": nextafter(value, inf), "max": None}),)
    high = () if gate.max is None else (gate.model_copy(update={"max": nextafter(value, -inf), "min": None}),)
    return (*low, *high)


def _hold(trial: _Trial) -> tuple[Sabotage, tuple[str, ...]]:
    answers = {gate.name: tuple(gate.ask(trial.hearing, trial.params) or ()) for gate in trial.gates}
    results = [result for given in answers.values() for result in given]
    refused = not trial.gates or decide(results).decision is not Decision.PROMOTE
    complaints = list(_complaints(trial, answers)) if trial.each_must_refuse else []
    if trial.together_must_refuse and not refused:
        complaints.append(f"all gates together let {trial.name!r} pass")
    row = Sabotage(name=trial.name, description=_described(trial), outcomes=_worst(results), refused=refused)
    return row, tuple(complaints)


def _described(trial: _Trial) -> str:
    harmless = bool(trial.gates) and not trial.together_must_refuse
    return f"{trial.description} (not proved worse on these rows)" if harmless else trial.description


def _complaints(trial: _Trial, answers: dict[str, tuple[GateResult, ...]]) -> list[str]:
    silent = [f"gate {name!r} says nothing to {trial.name!r}" for name, given in answers.items() if not given]
    lax = [
        f"gate {result.gate!r} lets {trial.name!r} pass"
        for given in answers.values()
        for result in given
        if result.outcome not in REFUSALS
    ]
    return silent + lax


def _worst(results: Sequence[GateResult]) -> dict[str, Outcome]:
    """One outcome a gate name: two bounds on one metric share a name, and the sterner answer counts."""
    severity: Callable[[Outcome], int] = [*REFUSALS, Outcome.PASSED, Outcome.NOT_APPLICABLE].index
    worst: dict[str, Outcome] = {}
    for result in results:
        worst[result.gate] = min(worst.get(result.gate, result.outcome), result.outcome, key=severity)
    return worst


def _champion_against_itself(
    court: Hearing, params: GateParams, gates: tuple[Gate, ...]
) -> tuple[Sabotage, tuple[str, ...]]:
    """The champion must not be called better than itself, nor pass a gate that asks for better."""
    champion = court.champion or court.candidate
    alone = replace(court, candidate=champion, champion=champion, anchor=champion)
    gain = alone.gain_over(champion, params.champion.metric)
    better = gain is not None and finding_of(gain, params.champion.margin) is Finding.BETTER
    results = [result for gate in gates if gate.name in {"champion", "anchor"} for result in gate.ask(alone, params)]
    modes = {"champion": params.champion.mode, "anchor": params.anchor.mode}
    lax = [r for r in results if r.outcome is Outcome.PASSED and modes.get(r.gate) == "superiority"]
    complaints = ["the champion is called better than itself"] if better else []
    complaints += [f"gate {result.gate!r} calls the champion better than itself" for result in lax]
    row = Sabotage(
        name="champion against itself",
        description="must not be called better",
        outcomes=_worst(results),
        refused=not complaints,
    )
    return row, tuple(complaints)
