import numpy as np
import pytest

from slipway.core.evaluation import ApiChange, ApiChangeKind, Decision, GateResult, Outcome
from slipway.core.params import AbsoluteGate, BaselineGate, ReferenceGate, SliceGate
from slipway.evaluation.api_changes import ApiCase
from slipway.evaluation.gates import GATES, ask, decide
from slipway.evaluation.hearing import Hearing
from slipway.evaluation.slices import slice_findings
from tests.unit.evaluation.cases import CLASSIFICATION_GATES, REGRESSION_GATES, classified, estimated, sigmoid


def answers(evidence, params=CLASSIFICATION_GATES, **changes):
    results = ask(GATES, Hearing.of(evidence), params.model_copy(update=changes))
    return {result.gate: result for result in results}


def outcome(gate, evidence, params=CLASSIFICATION_GATES, **changes):
    return answers(evidence, params, **changes)[gate].outcome


def worse(evidence, by):
    """The candidate with noise on its log odds."""
    log_odds = np.log(evidence.champion / (1 - evidence.champion))
    return sigmoid(log_odds + np.random.default_rng(4).normal(0, by, log_odds.size))


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"min": 0.7}, Outcome.PASSED),
        ({"min": 0.99}, Outcome.FAILED),
        ({"max": 0.7}, Outcome.FAILED),
        ({"min": 0.7, "max": 0.99}, Outcome.PASSED),
    ],
)
def test_an_absolute_gate_holds_the_metric_to_its_bounds(bounds, expected):
    absolute = (AbsoluteGate(metric="roc_auc", **bounds),)

    assert outcome("absolute roc_auc", classified(), absolute=absolute) is expected


def test_an_absolute_gate_judges_by_the_metric_not_by_its_interval():
    value = Hearing.of(classified()).measure("roc_auc").value(Hearing.of(classified()).candidate)

    for bound, expected in ((value - 1e-9, Outcome.PASSED), (value + 1e-9, Outcome.FAILED)):
        absolute = (AbsoluteGate(metric="roc_auc", min=bound),)
        assert outcome("absolute roc_auc", classified(), absolute=absolute) is expected


@pytest.mark.parametrize(
    ("beyond", "expected"), [(-0.1, Outcome.PASSED), (0.0, Outcome.UNDECIDED), (0.1, Outcome.FAILED)]
)
def test_the_baseline_gate_wants_proof_of_the_gain(beyond, expected):
    hearing = Hearing.of(classified())
    seen = hearing.gain_over(hearing.baseline, "average_precision").value
    baseline = BaselineGate(metric="average_precision", min_gain=seen + beyond)

    assert outcome("baseline", classified(), baseline=baseline) is expected


@pytest.mark.parametrize("gate", ["champion", "anchor"])
@pytest.mark.parametrize(
    ("noise", "rows", "expected"),
    [(0.02, 2000, Outcome.PASSED), (2.0, 2000, Outcome.FAILED), (0.7, 300, Outcome.UNDECIDED)],
)
def test_a_reference_gate_passes_fails_or_cannot_tell(gate, noise, rows, expected):
    evidence = classified(rows=rows)

    assert outcome(gate, classified(rows=rows, candidate=worse(evidence, noise))) is not Outcome.NOT_APPLICABLE
    assert outcome(gate, classified(rows=rows, candidate=worse(evidence, noise))) is expected


def test_an_equal_model_passes_non_inferiority_but_not_superiority():
    superior = ReferenceGate(metric="roc_auc", mode="superiority")

    assert outcome("champion", classified()) is Outcome.PASSED
    assert outcome("champion", classified(), champion=superior) is not Outcome.PASSED


def test_a_better_model_passes_superiority():
    evidence = classified()
    superior = ReferenceGate(metric="roc_auc", mode="superiority")
    gained = classified(candidate=evidence.champion, champion=worse(evidence, 1.5))

    assert outcome("champion", gained, champion=superior) is Outcome.PASSED


def test_what_cannot_be_told_is_told_with_the_rows_that_would_settle_it():
    evidence = classified(rows=300)
    reason = answers(classified(rows=300, candidate=worse(evidence, 0.7)))["champion"].reason

    assert "standard deviation of" in reason
    assert "these 300 rows resolve" in reason
    assert "rows would settle a margin of 0.0100" in reason


def test_without_a_champion_there_is_nothing_to_compare():
    found = answers(classified(champion=None, anchor=None))

    assert {found[gate].outcome for gate in ("champion", "anchor", "slices")} == {Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize(
    "trouble", [{"champion_problem": "its bundle is damaged"}, {"registry_reachable": False}], ids=str
)
def test_a_champion_that_cannot_be_scored_leaves_the_gate_undecided_unless_params_allow(trouble):
    evidence = classified(champion=None, anchor=None, **trouble)

    assert outcome("champion", evidence) is Outcome.UNDECIDED
    assert outcome("champion", evidence, promote_without_champion_evidence=True) is Outcome.NOT_APPLICABLE


def broken_on_gold(evidence):
    return np.where(evidence.slices["plan"] == "gold", 1 - evidence.candidate, evidence.candidate)


def test_a_model_broken_on_one_slice_fails_the_slice_gate():
    found = answers(classified(candidate=broken_on_gold(classified())))["slices"]

    assert found.outcome is Outcome.FAILED
    assert "plan=gold" in found.reason
    assert "plan=basic" not in found.reason


def test_a_slice_proved_worse_by_less_than_the_drop_passes():
    slices = SliceGate(metric="roc_auc", max_drop=0.9)

    assert outcome("slices", classified(candidate=broken_on_gold(classified())), slices=slices) is Outcome.PASSED


@pytest.mark.parametrize(("alpha", "expected"), [(0.05, Outcome.FAILED), (1e-9, Outcome.PASSED)])
def test_a_slice_that_dropped_passes_as_long_as_it_is_not_proved(alpha, expected):
    dropped = classified(rows=400, candidate=worse(classified(rows=400), 1.5))
    slices = SliceGate(metric="roc_auc", alpha=alpha)

    assert outcome("slices", dropped, slices=slices) is expected


@pytest.mark.parametrize(
    ("margin", "expected"), [(0.5, Outcome.PASSED), (None, Outcome.UNDECIDED), (0.0, Outcome.FAILED)]
)
def test_a_strict_slice_must_be_proved_not_worse(margin, expected):
    evidence = classified(candidate=worse(classified(), 1.5))
    gold = next(f for f in slice_findings(Hearing.of(evidence), SliceGate(metric="roc_auc")) if f.part.value == "gold")
    wanted = -gold.gain.value if margin is None else margin
    strict = SliceGate(metric="roc_auc", margin=wanted, max_drop=0.9, strict=("plan=gold",))

    assert outcome("slices", evidence, slices=strict) is expected


def test_a_strict_slice_with_too_few_rows_proves_nothing():
    names = np.where(np.arange(2000) < 5, "few", "many")
    strict = SliceGate(metric="roc_auc", strict=("plan=few",))

    assert outcome("slices", classified(slices={"plan": names}), slices=strict) is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("evidence", "params"),
    [(classified, CLASSIFICATION_GATES), (estimated, REGRESSION_GATES)],
    ids=["yes/no", "amount"],
)
def test_every_gate_refuses_nan_without_raising(evidence, params):
    found = answers(evidence(candidate=np.full(2000, np.nan)), params)

    assert {result.outcome for name, result in found.items() if name != "api"} == {Outcome.FAILED}


def test_a_regression_champion_is_compared_as_a_share():
    found = answers(estimated(), REGRESSION_GATES)["champion"]

    assert found.outcome is Outcome.PASSED
    assert "within 2.00 % of" in found.required


BREAKING = ApiChange(kind=ApiChangeKind.REMOVED, field="tenure", detail="is unknown now, and refused", breaking=True)
HARMLESS = ApiChange(kind=ApiChangeKind.RANGE, field="age", detail="training saw 0 to 9, before 1 to 9", breaking=False)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (None, Outcome.NOT_APPLICABLE),
        (ApiCase(7), Outcome.PASSED),
        (ApiCase(7, (HARMLESS,)), Outcome.PASSED),
        (ApiCase(7, (BREAKING, HARMLESS)), Outcome.FAILED),
        (ApiCase(7, (BREAKING,), acknowledged=6), Outcome.FAILED),
        (ApiCase(7, (BREAKING,), acknowledged=7), Outcome.PASSED),
        (ApiCase(7, problem="damaged"), Outcome.UNDECIDED),
        (ApiCase(7, problem="damaged", acknowledged=7), Outcome.NOT_APPLICABLE),
    ],
    ids=["no champion", "same", "harmless", "breaking", "another acknowledged", "acknowledged", "unknown", "excused"],
)
def test_the_api_gate_stops_what_breaks_callers_of_the_present_champion(case, expected):
    assert outcome("api", classified(api=case)) is expected


def test_an_unknown_api_is_excused_where_params_allow_a_champion_without_evidence():
    case = ApiCase(7, problem="damaged")

    assert outcome("api", classified(api=case), promote_without_champion_evidence=True) is Outcome.NOT_APPLICABLE


def test_who_breaks_an_api_is_told_the_field_and_the_line_to_write():
    reason = answers(classified(api=ApiCase(7, (HARMLESS, BREAKING))))["api"].reason

    assert "callers of version 7 break: tenure is unknown now, and refused" in reason
    assert "write breaks_api_of_version: 7 under serve in params.yaml" in reason
    assert "age" not in reason


def said(*outcomes):
    return [GateResult(gate=o, outcome=o, observed="", required="", reason=f"because {o}") for o in outcomes]


@pytest.mark.parametrize(
    ("outcomes", "decision", "reasons"),
    [
        ((Outcome.PASSED, Outcome.NOT_APPLICABLE), Decision.PROMOTE, ("because passed",)),
        ((Outcome.PASSED, Outcome.UNDECIDED), Decision.HOLD, ("because undecided",)),
        ((Outcome.UNDECIDED, Outcome.FAILED), Decision.REJECT, ("because failed",)),
    ],
)
def test_one_failure_rejects_one_doubt_holds(outcomes, decision, reasons):
    verdict = decide(said(*outcomes))

    assert (verdict.decision, verdict.reasons) == (decision, reasons)


def test_the_champion_itself_is_held():
    assert decide(said(Outcome.PASSED), same_as_champion=True).decision is Decision.HOLD


def test_the_champion_itself_is_rejected_when_a_gate_fails():
    assert decide(said(Outcome.FAILED), same_as_champion=True).decision is Decision.REJECT
