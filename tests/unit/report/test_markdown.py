import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from slipway.core.evaluation import (
    ApiChange,
    ApiChangeKind,
    Decision,
    Finding,
    IntervalCheck,
    Metric,
    Opponent,
    Outcome,
    Sabotage,
    SelfTest,
    Series,
    Verdict,
)
from slipway.core.expectation import ExpectationResult, Severity, Validation
from slipway.core.record import Record
from slipway.report.fitting import Section
from slipway.report.inputs import changed
from slipway.report.markdown import COMMENT_LIMIT, fitted, render
from tests.support import records

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
CHAMPION = Opponent(version="3", record_digest=records.digest("r"), model_digest=records.digest("m"))


def report(record: Record, previous: dict[str, Any] | None = None, validation: Validation | None = None) -> str:
    return render(record, previous_params=previous, validation=validation)


def against_champion(**changes: Any) -> Record:
    incumbents = records.incumbents().model_copy(update={"champion": CHAMPION} | changes)
    return records.record(incumbents=incumbents, comparisons=(records.comparison("champion", -0.002),))


def warning(**changes: Any) -> ExpectationResult:
    fields: dict[str, Any] = {
        "kind": "expect_column_values_to_be_between",
        "column": "total_charges",
        "severity": Severity.WARNING,
        "passed": False,
        "allowed": "between 0 and 100",
        "observed": "2 of 7,043 values",
        "because": "Totals add up.",
        "examples": ({"row": "488", "tenure": "0", "total_charges": ""},),
    }
    return ExpectationResult(**(fields | changes))


def validation(*results: ExpectationResult) -> Validation:
    return Validation(use_case="churn", rows=7043, columns=21, data_digest=records.digest("data"), results=results)


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (Decision.PROMOTE, "✅ churn: promote\n\n**Good to go: the candidate becomes the first champion.**"),
        (
            Decision.REJECT,
            "❌ churn: reject\n\n**Not good enough: the candidate is refused, there is no champion yet.**",
        ),
        (Decision.HOLD, "⏸️ churn: hold\n\n**No evidence either way: the candidate waits, there is no champion yet.**"),
    ],
)
def test_the_report_begins_with_the_verdict_in_one_sentence(decision: Decision, sentence: str) -> None:
    assert report(records.record(decision)).startswith(f"## {sentence}")


def test_the_champion_that_is_replaced_is_named() -> None:
    assert "the candidate replaces champion version 3." in report(against_champion())


def test_reasons_follow_the_verdict_in_order() -> None:
    text = report(records.record(verdict=Verdict(decision=Decision.HOLD, reasons=("first reason", "second reason"))))
    assert "- first reason\n- second reason" in text


def test_each_metric_stands_beside_mains_figure() -> None:
    assert "| ROC AUC | 0.840 [0.820,\u00a00.860] | 0.830 (+0.010) |" in report(records.record())


def test_a_metric_that_main_lacks_is_not_compared() -> None:
    assert "| Brier ↓ | 0.140 [0.130,\u00a00.150] | n/a |" in report(records.record())


def test_a_base_branch_without_metrics_is_said_to_have_none() -> None:
    text = report(records.record(incumbents=records.incumbents(main=None)))
    assert "The base branch has no metrics yet" in text
    assert "| ROC AUC | 0.840 [0.820,\u00a00.860] |\n" in text


def test_what_intervals_hold_stands_under_the_metrics() -> None:
    check = IntervalCheck(level=0.9, width=12_345.6, coverage=records.metric("interval_coverage", 0.89, 0.01))
    told = "made to hold 90% of true values, they hold 0.890 [0.880,\u00a00.900] of these rows; each is 12,346 wide."
    assert told in report(records.record(interval=check))


def test_the_paired_difference_to_the_champion_has_its_interval_and_finding() -> None:
    assert "| champion, ROC AUC | −0.002 [−0.007,\u00a0+0.003] | not worse |" in report(against_champion())


def test_what_the_holdout_resolves_is_told() -> None:
    text = report(against_champion())
    assert "proves a drop of 0.006 in four of five cases (deviation 0.100 a row)" in text
    assert "To pass the margin of 0.010 with 95 % of equal models takes 1,083 rows." in text


def test_without_a_champion_the_report_says_so() -> None:
    assert "There is no champion yet: this is the first." in report(records.record())


def test_a_champion_that_could_not_be_judged_is_told_with_the_problem() -> None:
    lame = CHAMPION.model_copy(update={"problem": "its bundle is incomplete"})
    assert "⚠️ The champion could not be judged: its bundle is incomplete" in report(against_champion(champion=lame))


def test_a_registry_that_did_not_answer_is_told() -> None:
    assert "The registry did not answer" in report(
        records.record(incumbents=records.incumbents(registry="unreachable"))
    )


def test_a_gate_shows_what_it_saw_and_asked_for() -> None:
    assert "| ✅ absolute: roc_auc | 0.840 (0.820 to 0.860) | at least 0.800 |" in report(records.record())


def test_the_reason_of_a_gate_that_failed_is_told() -> None:
    failed = records.gate(outcome=Outcome.FAILED)
    assert f"- absolute: roc_auc: {failed.reason}" in report(records.record(gates=(failed,)))


def test_every_change_of_the_api_is_shown_and_whether_it_breaks() -> None:
    changes = (api_change("tenure", "is unknown now"), api_change("", "are warned of", breaking=False))
    judged = against_champion()
    judged = judged.model_copy(update={"evaluation": judged.evaluation.model_copy(update={"api_changes": changes})})
    assert "| tenure | range: is unknown now | ❌ breaks |\n| all inputs | range: are warned of | no |" in report(
        judged
    )
    assert "Against version 3: 2 changes, 1 breaking." in report(judged)


def test_an_api_that_did_not_change_takes_one_line() -> None:
    assert "### API changes\n\nNone: what champion and candidate take is the same.\n" in report(against_champion())


def test_a_first_model_has_no_api_to_differ_from() -> None:
    assert "API changes" not in report(records.record())


def test_a_champion_whose_api_is_not_known_is_told() -> None:
    judged = against_champion()
    gates = (records.gate("api", Outcome.UNDECIDED),)
    judged = judged.model_copy(update={"evaluation": judged.evaluation.model_copy(update={"gates": gates})})
    assert "The champion's API is not known." in report(judged)


def test_slices_that_were_not_tested_are_listed() -> None:
    assert "Not tested, too few rows of the rarer class: contract One year (12 rows)." in report(records.record())


def test_a_slice_proved_worse_is_marked() -> None:
    worse = records.slice_result(difference=-0.04, p_value=0.01)
    assert "⚠️ −0.040 (p 0.010)" in report(records.record(slices=(worse,)))


def test_a_slice_tells_what_the_intervals_hold_there_and_how_wide_they_are() -> None:
    coverage = Metric(name="interval_coverage", value=0.87, low=0.85, high=0.89)
    width = Metric(name="interval_width", value=41_000.0, low=40_000.0, high=42_000.0)
    check = IntervalCheck(level=0.9, width=41_000.0, coverage=coverage, mean_width=width)
    text = report(records.record(slices=(records.slice_result(interval=check),)))
    assert "| Interval holds | Width |" in text
    assert "| 0.870 [0.850,\u00a00.890] | 41,000 [40,000,\u00a042,000] |" in text
    assert "Interval holds" not in report(records.record(slices=(records.slice_result(),)))


def test_a_slice_that_is_down_by_chance_is_not_marked() -> None:
    worse = records.slice_result(difference=-0.04, p_value=0.2)
    assert "⚠️ −0.040" not in report(records.record(slices=(worse,)))


def test_a_slice_of_a_metric_compared_by_share_is_given_in_percent() -> None:
    by_share = records.comparison("champion").model_copy(update={"relative": True})
    text = report(records.record(comparisons=(by_share,), slices=(records.slice_result(difference=0.012),)))
    assert "| +1.2\u00a0% |" in text


def test_many_slices_are_folded_under_their_worst() -> None:
    many = [records.slice_result(f"plan {i}", difference=0.01 * i) for i in range(-3, 9)]
    text = report(records.record(slices=tuple(many)))
    assert "12 slices tested, 0 proved worse. Lowest: contract plan -3, 400 rows: −0.030." in text
    assert "<summary>All 12 slices</summary>" in text


def test_the_self_test_shows_who_refused_each_sabotaged_model() -> None:
    text = report(records.record())
    assert "| 2 shuffled labels | ✅ by 1 of 1 |" in text
    assert "| absolute: roc_auc | ❌ | ❌ | ❌ | ❌ | ❌ |" in text


def test_a_model_refused_without_any_gate_saying_no_is_not_counted_by_gates() -> None:
    same = Sabotage(name="itself", description="not better", outcomes={"champion": Outcome.PASSED}, refused=True)
    text = report(records.record(self_test=SelfTest(sabotages=(same,), failures=())))
    assert "| 1 itself | ✅ yes |" in text


def test_a_sabotaged_model_that_passed_is_told_as_a_failure() -> None:
    passed = Sabotage(name="constant", description="one score", outcomes={"g": Outcome.PASSED}, refused=False)
    text = report(records.record(self_test=SelfTest(sabotages=(passed,), failures=("constant was promoted",))))
    assert "| 1 constant | ➖ no |" in text
    assert "- ❌ constant was promoted" in text


def test_a_warning_about_the_data_names_column_and_rows() -> None:
    text = report(records.record(), validation=validation(warning(), warning(passed=True)))
    assert "7,043 rows, 21 columns; 1 of 2 expectations met, 0 errors, 1 warning." in text
    assert "- ⚠️ **total_charges**: Totals add up; expected between 0 and 100; observed 2 of 7,043 values" in text
    assert "  - row 488: tenure 0, total_charges (empty)" in text


def test_without_the_validation_the_records_own_warnings_are_shown() -> None:
    assert "**total_charges**" in report(records.record(warnings=(warning(),)))


def test_a_changed_parameter_is_shown_with_both_values() -> None:
    before = {
        "train": {"estimator": "lightgbm", "seed": 8},
        "gates": {"absolute": [{"metric": "roc_auc", "min": 0.7}]},
    }
    text = report(records.record(), before)
    assert "| train.seed | 8 | 7 |" in text
    assert "| gates.absolute&#91;0&#93;.min | 0.7 | 0.8 |" in text
    assert "estimator | " not in text


def test_parameters_that_did_not_change_are_said_not_to_have() -> None:
    record = records.record()
    assert "No parameter changed." in report(record, record.params)


def test_parameters_added_and_removed_are_told_apart_from_null() -> None:
    assert [key for key, _, _ in changed({"a": None, "b": 1}, {"b": 1, "c": 2})] == ["a", "c"]


def test_a_value_that_only_changed_its_type_is_a_change() -> None:
    assert [key for key, _, _ in changed({"a": "1"}, {"a": 1})] == ["a"]


def test_the_provenance_says_how_often_the_holdout_was_used() -> None:
    text = report(records.record(incumbents=records.incumbents(holdout_uses=4)))
    assert "used for 4 decisions before" in text


def test_uncommitted_changes_are_told() -> None:
    record = records.record()
    dirty = record.model_copy(update={"provenance": records.provenance(dirty=True)})
    assert "on main, with uncommitted changes" in report(dirty)
    assert "uncommitted" not in report(record)


def test_the_same_record_gives_the_same_report() -> None:
    assert report(records.record()) == report(records.record())


def test_the_lightest_part_is_left_out_first_and_named() -> None:
    parts = (Section("One", "a" * 500, 2), Section("Two", "b" * 500, 0), Section("Three", "c" * 500, 1))
    text = fitted(parts, 1200)
    assert "b" * 500 not in text
    assert "a" * 500 in text
    assert "Left out for length: Two." in text


def test_nothing_is_left_out_of_a_report_that_fits() -> None:
    assert "Left out for length" not in report(records.record())


def api_change(field: str, detail: str, *, breaking: bool = True) -> ApiChange:
    return ApiChange(kind=ApiChangeKind.RANGE, field=field, detail=detail, breaking=breaking)


def bloated(text: str, count: int) -> Record:
    """A record with ``text`` in every free field, ``count`` times wherever there is a list."""
    problem = CHAMPION.model_copy(update={"problem": text, "version": text})
    again = range(count)
    outcomes = {f"{text}{i}": Outcome.UNDECIDED for i in again}
    sabotage = Sabotage(name=text, description=text, outcomes=outcomes, refused=True)
    record = records.record(
        Decision.HOLD,
        use_case=text,
        estimator=text,
        incumbents=records.incumbents().model_copy(update={"champion": problem, "anchor": problem}),
        metrics=tuple(records.metric(f"{text}{i}") for i in again),
        champion_metrics=tuple(records.metric(f"{text}{i}") for i in again),
        comparisons=tuple(records.comparison(text, -0.1, Finding.WORSE) for _ in again),
        slices=tuple(records.slice_result(text, column=text, tested=i % 2 == 0) for i in again),
        gates=tuple(
            records.gate(text, Outcome.FAILED).model_copy(update={"observed": text, "required": text, "reason": text})
            for _ in again
        ),
        api_changes=(api_change(text, text),) * count,
        self_test=SelfTest(sabotages=(sabotage,) * count, failures=(text,) * count),
        charts=tuple(Series(name=f"{text}{i}", x=(0.0, 1.0), y=(0.0, 1.0)) for i in again),
        warnings=tuple(warning(column=text, allowed=text, observed=text, because=text) for _ in again),
        verdict=Verdict(decision=Decision.HOLD, reasons=(text,) * count),
    )
    origin = records.provenance(commit=text, branch=text, python=text, platform=text, libraries={text: text})
    params = {f"{text}{i}": text for i in again}
    return record.model_copy(update={"provenance": origin, "params": params})


def large_validation(text: str, count: int) -> Validation:
    examples = tuple({"row": text, **{f"{text}{i}": text for i in range(20)}} for _ in range(5))
    return validation(*(warning(column=text, because=text, examples=examples) for _ in range(count)))


@pytest.mark.parametrize("text", ["*" * 2000, "@|" * 900, "word " * 400])
def test_no_record_makes_a_comment_that_github_refuses(text: str) -> None:
    rendered = render(bloated(text, 300), previous_params={}, validation=large_validation(text, 100))
    assert len(rendered) < COMMENT_LIMIT
    assert rendered.startswith("## ⏸️ ")


def shape(markdown: str) -> list[str]:
    """Blocks and tags of a document, without its words."""
    tokens = MARKDOWN.parse(markdown)
    return [t.content if t.type == "html_block" else t.type for t in tokens if t.type != "inline"]


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("ab1|<>&`*_~[]()!#@$\\/:.+-= \n\u202e"), min_size=1, max_size=30))
def test_outside_text_never_changes_the_shape_of_the_report(text: str) -> None:
    def rendered(word: str) -> str:
        return render(bloated(word, 2), previous_params={}, validation=large_validation(word, 2))

    assert shape(rendered(f"x{text}x")) == shape(rendered("word"))


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("ab1|<>&`*_[]()!#@\\/ \n"), min_size=1, max_size=30))
def test_outside_text_adds_no_tag_and_no_mention(text: str) -> None:
    rendered = render(bloated(text, 2), previous_params={}, validation=large_validation(text, 2))
    outside_fences = re.sub(r"```mermaid.*?```", "", rendered, flags=re.DOTALL)
    assert set(re.findall(r"<[^>]*>", outside_fences)) <= {
        "<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>",
    }  # fmt: skip
    assert not re.search(r"@\w", outside_fences)


@pytest.mark.parametrize(("anchored", "rows"), [("1", 0), ("2", 1)])
def test_the_anchor_has_rows_of_its_own_only_when_it_is_another_model(anchored: str, rows: int) -> None:
    champion = Opponent(version="1", record_digest="r", model_digest="m")
    incumbents = records.incumbents().model_copy(
        update={"champion": champion, "anchor": champion.model_copy(update={"version": anchored})}
    )
    comparisons = (records.comparison("champion"), records.comparison("anchor"))
    text = report(records.record(incumbents=incumbents, comparisons=comparisons))
    assert text.count("| anchor, ROC AUC |") == rows
    assert ("It is the anchor too." in text) is (rows == 0)
