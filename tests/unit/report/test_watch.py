import re

import pytest

from slipway.core.watch import Answer, Cause, Concern, Counts, Retrain, Sighting, Weight
from slipway.report.watch import render
from slipway.report.watch_words import headline, verdict
from tests.support.looks import DRIFT, LOSS, NOTE, WARNING, column, drifted, loss_of_auc, too_low, watch

HOSTILE = "<img src=x> @ada [x](http://evil) |cell| `code`"


def test_the_decision_and_its_reasons_come_first() -> None:
    lines = render(drifted()).splitlines()
    assert lines[0] == "## 🚨 churn: 2 alarms, retrain: quality fell"
    told = render(drifted())
    order = ["**Retrain: quality fell.**", "ROC AUC fell by 9.1 %", "Alarms", "### Drift", "### Performance", "Notes"]
    places = [told.index(words) for words in order]
    assert places == sorted(places)


def test_a_look_in_which_nothing_is_wrong_is_short() -> None:
    told = render(watch())
    assert told.startswith("## ✅ churn: all is well")
    assert "###" not in told
    assert "| --- |" not in told
    assert len(told.splitlines()) < 25
    assert "No drift: 3 tests" in told
    assert "nothing speaks for it" in told


@pytest.mark.parametrize(
    "told", ["0.769 [0.739,\u00a00.799]", "0.846 [0.825,\u00a00.867]", "+9.1", "1,204 labelled rows"]
)
def test_performance_is_told_with_intervals_beside_the_reference(told: str) -> None:
    assert told in render(drifted()).partition("### Performance")[2]


def test_performance_that_is_as_it_was_is_one_line_with_the_rest_folded() -> None:
    as_it_was = loss_of_auc().model_copy(update={"proved": False})
    told = render(watch(performance=(as_it_was,)))
    assert "**ROC AUC** 0.769 [0.739,\u00a00.799] on 1,204 labelled rows" in told
    assert "### Performance" not in told
    assert told.index("<summary>All metrics</summary>") < told.index("| --- |")


@pytest.mark.parametrize(("proved", "told"), [(True, "| ❗ **Bias**"), (False, "| **Bias**")])
def test_a_bias_is_told_beside_that_of_the_reference(proved: bool, told: str) -> None:
    as_it_was = loss_of_auc().model_copy(update={"proved": False})
    rendered = render(watch(performance=(as_it_was,), bias=too_low(proved=proved)))
    assert told in rendered
    assert "0.130 [0.100,\u00a00.160]<br>was 0.120 [0.070,\u00a00.170]" in rendered
    assert ("### Performance" in rendered) is proved


def test_an_estimate_is_told_with_its_error() -> None:
    assert "ROC AUC 0.838 ± 0.011 (standard error), a loss of +0.9" in render(watch())


def test_the_table_of_drift_has_what_drifted_only_and_what_matters_on_top() -> None:
    tests = (
        column("tenure", drifted=True, matters=True, importance=0.2),
        column("gender", drifted=True, importance=0.001),
        column("contract"),
        column("charges", drifted=True, matters=True, importance=0.4, p_value=0.0042),
    )
    rows = re.findall(r"^\| (?:❗ )?\*\*(\w+)\*\*", render(watch(DRIFT, columns=tests)), re.MULTILINE)
    assert rows == ["charges", "tenure", "gender"]
    table = render(watch(DRIFT, columns=tests))
    assert "1.0e-09" in table
    assert "0.004" in table
    assert "❗ **gender**" not in table


def test_a_drift_of_missing_values_and_of_predictions_is_named_as_such() -> None:
    told = render(
        watch(columns=(column("tenure", drifted=True, test="missing"),), prediction=column("x", drifted=True))
    )
    assert "**tenure** (missing)" in told
    assert "**predictions**" in told


def test_tests_that_could_not_be_made_are_counted() -> None:
    told = render(watch(columns=(column("tenure", p_value=None, untested="too few rows"), column("contract"))))
    assert "2 tests of inputs and predictions. 1 test could not be made." in told


def test_of_the_log_only_what_is_odd_is_counted() -> None:
    counts = Counts(files=2, torn=1, repeated=3, orphaned=2, requests=7, others={"2": 40})
    told = render(watch(counts=counts))
    for words in ("2 files", "7 requests", "40 rows of version 2", "1 torn file", "3 repeated entries"):
        assert words in told
    assert "2 outcomes without a prediction" in told
    assert "unreadable" not in told


def test_a_name_is_not_said_twice() -> None:
    found = DRIFT.model_copy(update={"told": f"{DRIFT.name}: the mean moved"})
    assert "**drift of tenure**: the mean moved" in render(watch(found))
    assert headline(watch(found), None).startswith("drift of tenure: the mean moved;")


def test_what_comes_from_a_log_is_made_harmless() -> None:
    found = Sighting(name=HOSTILE, concern=Concern.DATA, weight=Weight.ALARM, told=HOSTILE)
    retrain = Retrain(answer=Answer.YES, cause=Cause.DRIFT, since="", reasons=(HOSTILE,))
    columns = (column(HOSTILE, drifted=True, detail=HOSTILE),)
    told = render(watch(found, retrain=retrain, columns=columns))
    for part in ("<img", "@ada", "](http", "|cell|", "`code`"):
        assert part not in told


def test_hundreds_of_findings_and_columns_fit_into_an_issue() -> None:
    findings = [Sighting(name=f"n{i}", concern=Concern.DATA, weight=Weight.ALARM, told="x" * 900) for i in range(400)]
    columns = tuple(column(f"c{i}", drifted=True, detail="y" * 400) for i in range(400))
    told = render(watch(*findings, columns=columns))
    assert len(told) < 60_000
    assert "and 370 more" in told
    assert "381 more rows" in told or "380 more rows" in told


def test_a_look_at_nothing_at_all_is_rendered() -> None:
    told = render(watch(counts=Counts(), columns=(), prediction=None, estimate=None))
    assert "0 predictions, 0 outcomes" in told


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (watch(), "✅ churn: all is well"),
        (watch(NOTE), "✅ churn: all is well"),
        (watch(WARNING), "⚠️ churn: 1 warning"),
        (watch(DRIFT), "🚨 churn: 1 alarm"),
        (watch(retrain=drifted().retrain), "🔁 churn: retrain: quality fell"),
        (
            watch(retrain=Retrain(answer=Answer.WAIT, cause=Cause.AGE, since="", reasons=())),
            "⏳ churn: wait with retraining: the model is old",
        ),
    ],
)
def test_the_heading_says_what_is_to_be_done(look, said) -> None:
    assert verdict(look) == said


def test_the_headline_tells_what_is_new_what_is_over_and_the_decision() -> None:
    told = headline(drifted(), watch())
    assert "drift of tenure: the mean went from 32 to 45" in told
    assert "retrain: yes (was no): ROC AUC fell by 9.1 %" in told
    over = headline(watch(LOSS), watch(DRIFT, LOSS))
    assert "over: drift of tenure" in over
    assert "(was" not in over


def test_outcomes_of_a_longer_time_than_the_look_are_told_with_their_beginning() -> None:
    assert "1,204 outcomes since 24 Oct 2026" in render(watch(outcomes_since="2026-10-24T04:17:00+00:00"))
