import re

from slipway.core.tuning import TrialState
from slipway.report.tuning import parts_of_line, tuning_report, verdict
from tests.support.tunings import trial, tuning

PRESENT = trial(0, 0.84, default=True)
BETTER = trial(1, 0.85, leaves=16)


def test_a_gain_whose_interval_excludes_zero_is_proposed() -> None:
    found = tuning(trials=(PRESENT, BETTER), best=1, gain=(0.01, 0.002, 0.018))
    assert found.proposal == {"num_leaves": 16}
    assert "A change of 1 parameter is proposed" in verdict(found)
    assert "+0.01000 [+0.00200,\u00a0+0.01800]" in verdict(found)


def test_a_gain_whose_interval_includes_zero_proposes_nothing_and_says_so() -> None:
    found = tuning(trials=(PRESENT, BETTER), best=1, gain=(0.01, -0.002, 0.022))
    assert found.proposal == {}
    assert "Nothing is proposed" in verdict(found)
    assert "the interval includes zero" in verdict(found)


def test_present_parameters_that_are_best_are_told_to_be() -> None:
    found = tuning(trials=(PRESENT, trial(1, 0.83)), best=0, gain=(0.0, 0.0, 0.0))
    assert "no trial was better" in verdict(found)


def test_before_anything_was_measured_nothing_is_claimed() -> None:
    report = tuning_report(tuning())
    assert "no trial was measured on all folds yet" in report


def test_a_gain_that_is_a_share_is_told_in_percent() -> None:
    found = tuning(trials=(PRESENT, BETTER), best=1, gain=(0.031, 0.01, 0.052), relative=True)
    assert "+3.10\u00a0% [+1.00\u00a0%,\u00a0+5.20\u00a0%]" in verdict(found)


def test_the_report_has_a_history_and_importances_that_mermaid_draws() -> None:
    report = tuning_report(tuning(trials=(PRESENT, BETTER), best=1, gain=(0.01, 0.002, 0.018)))
    plots = re.findall(r"```mermaid\n(.+?)```", report, re.DOTALL)
    assert len(plots) == 2
    assert "line [0.84, 0.85]" in plots[0]
    assert "bar [0.75, 0.25]" in plots[1]
    assert "no row of the holdout was read" in report
    assert "| `num_leaves` | 8 | 16 | 4 to 64, by orders | 75.0 % |" in report.replace("\u00a0", " ")


def test_less_is_better_where_it_is() -> None:
    errors = tuning(trials=(PRESENT, trial(1, 0.9)), best=0).model_copy(update={"higher_is_better": False})
    assert "line [0.84, 0.84]" in tuning_report(errors)


def test_a_failure_is_told_without_its_markup() -> None:
    failed = trial(1, 0.8).model_copy(update={"state": TrialState.FAILED, "value": None, "problem": "<b>deep</b>"})
    report = tuning_report(tuning(trials=(PRESENT, failed), best=0, gain=(0.0, 0.0, 0.0)))
    assert "1 complete, 1 failed" in report
    assert "<b>" not in report


def test_a_trial_is_told_on_one_line() -> None:
    line = parts_of_line(BETTER, (PRESENT, BETTER), "roc_auc", higher_is_better=True)
    assert line == "trial 1: roc_auc 0.85, 1.0 s; 2 ended; best 0.85 (trial 1)"
