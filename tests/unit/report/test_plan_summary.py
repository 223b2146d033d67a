from slipway.core.plan import Affected, Plan
from slipway.report.plan_summary import notes, summary

HOSTILE = "serving/<img src=x>|`a`@everyone changed"


def test_a_use_case_is_one_line_with_its_stages_and_causes() -> None:
    plan = Plan(
        (
            Affected("churn", "train", ("core/task.py changed (train imports it)",)),
            Affected("churn", "evaluate", ("core/task.py changed (evaluate imports it)", "comes after train")),
        )
    )
    assert "| churn | train, evaluate | core/task.py changed (train imports it) |" in summary(plan)


def test_names_of_files_are_no_markdown() -> None:
    plan = Plan((Affected("churn", "image", (HOSTILE,)),), silent=("docs/](javascript:x)",), words="since <b>")
    text = summary(plan)
    assert not any(mark in text for mark in ("<img", "`", "@everyone", "](", "<b>"))


def test_what_affects_nothing_is_told_by_folder_when_it_is_much() -> None:
    silent = ("README.md", *(f"docs/{n}.md" for n in range(9)), "src/slipway/cli/main.py")
    assert notes(Plan((), silent=silent)) == ("Affects nothing: README.md, docs/, src/slipway/cli/.",)


def test_added_and_removed_use_cases_are_told() -> None:
    assert notes(Plan((), added=("a",), removed=("b", "c"))) == ("Added since: a.", "Removed since: b, c.")


def test_reasons_that_only_tell_of_an_earlier_stage_are_no_causes() -> None:
    plan = Plan((Affected("churn", "train", ("x changed",)), Affected("churn", "evaluate", ("comes after train",))))
    assert plan.reasons("churn") == ("x changed",)
