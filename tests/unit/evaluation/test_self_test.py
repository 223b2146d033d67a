from dataclasses import replace

import numpy as np
import pytest

from slipway.core.errors import GatesDoNotGate, MetricsNotFinite
from slipway.core.evaluation import ApiChange, ApiChangeKind, GateResult, Outcome
from slipway.core.params import AbsoluteGate, ReferenceGate
from slipway.evaluation.api_changes import ApiCase
from slipway.evaluation.gates import GATES, ask_api
from slipway.evaluation.judge import judge
from tests.unit.evaluation.cases import CLASSIFICATION_GATES, REGRESSION_GATES, classified, estimated

CASES = pytest.mark.parametrize(
    ("evidence", "params"),
    [(classified, CLASSIFICATION_GATES), (estimated, REGRESSION_GATES)],
    ids=["yes/no", "amount"],
)
SABOTAGES = ("constant", "shuffled labels", "reversed", "broken on one slice", "nan")


def answering(outcome):
    def ask(hearing, params):
        return (GateResult(gate="bribed", outcome=outcome, observed="", required="", reason=""),)

    return ask


def with_gate(name, ask):
    return tuple(replace(gate, ask=ask) if gate.name == name else gate for gate in GATES)


def rows_of(judgement):
    return {row.name: row for row in judgement.self_test.sabotages}


@CASES
@pytest.mark.parametrize("name", [gate.name for gate in GATES])
@pytest.mark.parametrize("first_run", [False, True], ids=["champion", "first run"])
@pytest.mark.parametrize(
    "body",
    [answering(Outcome.PASSED), answering(Outcome.NOT_APPLICABLE), lambda hearing, params: ()],
    ids=["always yes", "never applies", "no body"],
)
def test_a_gate_without_its_body_fails_the_run(evidence, params, name, first_run, body):
    changes = {"champion": None, "anchor": None} if first_run else {}

    with pytest.raises(GatesDoNotGate, match=r"gates do not gate: .*(bribed|says nothing)"):
        judge(evidence(rows=600, **changes), params, with_gate(name, body))


@pytest.mark.parametrize("name", [gate.name for gate in GATES])
def test_a_gate_that_only_looks_out_for_nan_fails_the_run(name):
    honest = next(gate for gate in GATES if gate.name == name)

    def ask(hearing, params):
        return (
            answering(Outcome.PASSED)(hearing, params) if hearing.candidate.are_finite else honest.ask(hearing, params)
        )

    with pytest.raises(GatesDoNotGate, match=r"'(bounds out of reach|against the truth|input removed)' pass"):
        judge(classified(rows=600), CLASSIFICATION_GATES, with_gate(name, ask))


def test_an_api_gate_that_takes_any_acknowledgement_fails_the_run():
    def ask(hearing, params):
        case = hearing.api and replace(hearing.api, acknowledged=hearing.api.acknowledged and hearing.api.version)
        return ask_api(replace(hearing, api=case), params)

    with pytest.raises(GatesDoNotGate, match=r"gate 'api' lets 'input removed' pass"):
        judge(classified(rows=600), CLASSIFICATION_GATES, with_gate("api", ask))


def test_a_broken_api_does_not_hide_that_the_other_gates_let_everything_pass():
    broken = ApiCase(1, (ApiChange(kind=ApiChangeKind.REMOVED, field="age", detail="is unknown", breaking=True),))
    lax = [replace(gate, ask=answering(Outcome.PASSED)) if gate.looks_at_scores else gate for gate in GATES]

    with pytest.raises(GatesDoNotGate, match="all gates together let 'constant' pass"):
        judge(classified(rows=600, api=broken), CLASSIFICATION_GATES, lax)


@CASES
@pytest.mark.parametrize("first_run", [False, True], ids=["champion", "first run"])
def test_every_sabotaged_model_is_refused(evidence, params, first_run):
    changes = {"champion": None, "anchor": None} if first_run else {}

    found = rows_of(judge(evidence(**changes), params))

    assert all(found[name].refused for name in SABOTAGES)
    assert not any(Outcome.PASSED in found[name].outcomes.values() for name in ("nan", "against the truth"))


def test_gates_that_let_everything_pass_are_named_with_the_sabotages():
    with pytest.raises(GatesDoNotGate) as raised:
        judge(classified(rows=600), CLASSIFICATION_GATES, [replace(g, ask=answering(Outcome.PASSED)) for g in GATES])

    assert all(f"all gates together let {name!r} pass" in raised.value.what for name in SABOTAGES)


def test_a_slice_is_broken_where_most_rows_are():
    assert rows_of(judge(classified(), CLASSIFICATION_GATES))["broken on one slice"].description == (
        "reversed where plan=basic"
    )


def test_only_the_slice_gate_need_see_a_small_broken_slice():
    evidence = classified(rows=4000)
    small = np.where(np.random.default_rng(3).random(4000) < 0.97, "rest", "small")
    broken = np.where(small == "small", 1 - evidence.candidate, evidence.candidate)
    loose = ReferenceGate(metric="roc_auc", margin=0.5)
    params = CLASSIFICATION_GATES.model_copy(update={"champion": loose, "anchor": loose})

    found = judge(classified(rows=4000, candidate=broken, slices={"plan": small}), params)

    assert [result.gate for result in found.gates if result.outcome is Outcome.FAILED] == ["slices"]


@pytest.mark.parametrize("slices", [None, {}, {"plan": np.array([str(i % 100) for i in range(2000)])}])
def test_where_no_slice_can_be_tested_the_table_says_so(slices):
    row = rows_of(judge(classified(slices=slices), CLASSIFICATION_GATES))["broken on one slice"]

    assert (row.description, row.outcomes) == ("not tried: no slice has enough rows", {})


@pytest.mark.parametrize("mode", ["non_inferiority", "superiority"])
def test_the_champion_is_not_called_better_than_itself(mode):
    gate = ReferenceGate(metric="roc_auc", mode=mode)
    params = CLASSIFICATION_GATES.model_copy(update={"champion": gate, "anchor": gate})

    row = rows_of(judge(classified(), params))["champion against itself"]

    assert row.refused
    assert set(row.outcomes.values()) == {Outcome.UNDECIDED if mode == "superiority" else Outcome.PASSED}


def test_a_candidate_that_learned_nothing_is_rejected_and_the_gates_are_not_blamed():
    guesses = np.random.default_rng(7).uniform(0.2, 0.4, 2000)

    found = judge(classified(candidate=guesses, champion=None, anchor=None), CLASSIFICATION_GATES)

    assert found.verdict.decision == "reject"


@pytest.mark.parametrize("seed", range(8))
def test_a_candidate_worse_than_chance_does_not_make_the_gates_look_broken(seed):
    random = np.random.default_rng(seed)
    evidence = classified(rows=400, seed=seed, champion=None, anchor=None)
    guesses = 0.3 - 0.05 * evidence.y + random.uniform(0, 0.2, 400)
    lax = CLASSIFICATION_GATES.model_copy(update={"absolute": ()})

    assert judge(replace(evidence, candidate=guesses), lax).verdict.decision != "promote"


def test_a_bound_that_excludes_nothing_does_not_stop_a_run():
    params = CLASSIFICATION_GATES.model_copy(update={"absolute": (AbsoluteGate(metric="log_loss", max=1e6),)})

    assert judge(classified(), params).self_test.failures == ()


def test_a_candidate_with_nan_scores_is_refused_by_its_own_error():
    scores = classified().candidate.copy()
    scores[[3, 5]] = np.nan, np.inf

    with pytest.raises(MetricsNotFinite, match=r"2 of 2000 .* rows 3, 5\)"):
        judge(classified(candidate=scores), CLASSIFICATION_GATES)
