from typing import Any

import pytest

from slipway.core.release_thread import Announcement, ReleaseThread
from slipway.core.stage_result import StageResult
from slipway.report.release_thread import Mark, Row, State, heading, place, rows


def result(stage: str, headline: str = "found", **more: Any) -> StageResult:
    return StageResult(
        **({"use_case": "churn", "stage": stage, "status": "done", "headline": headline, "seconds": 1.0} | more)
    )


def row(*results: StageResult) -> Row:
    [found] = rows(ReleaseThread(announcement=Announcement(release="77", use_cases=("churn",)), results=results))
    return found


def marks(*results: StageResult) -> str:
    signs = {
        Mark.DONE: "d",
        Mark.FAILED: "f",
        Mark.UNCHANGED: "u",
        Mark.SKIPPED: "s",
        Mark.NOT_REACHED: "n",
        Mark.TO_COME: ".",
    }
    return "".join(signs[mark] for mark in row(*results).marks)


PROMOTE = result("evaluate", "promote: better", verdict="promote")


def test_a_stage_that_others_have_gone_past_is_unchanged() -> None:
    assert marks(result("train"), PROMOTE) == "uuudd...."


def test_after_a_failure_nothing_else_is_reached() -> None:
    assert marks(result("prepare"), result("train", status="failed")) == "uudfnnnnn"


def test_before_anything_was_told_all_is_to_come() -> None:
    assert (marks(), row().state, row().words) == (".........", State.WAITING, "")


@pytest.mark.parametrize("decision", ["hold", "reject"])
def test_what_is_not_promoted_goes_no_further(decision: str) -> None:
    assert marks(result("evaluate", verdict=decision)) == "uuuudnnnn"


def test_a_deployment_that_was_skipped_is_not_told_as_done() -> None:
    skipped = [result(stage, "skipped: there is no cluster") for stage in ("staging", "production")]
    found = row(PROMOTE, *skipped)
    assert marks(PROMOTE, *skipped)[-2:] == "ss"
    assert found.state is State.NOT_DEPLOYED


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([PROMOTE], State.UNDER_WAY),
        ([PROMOTE, result("production")], State.LIVE),
        ([PROMOTE, result("deploy-production")], State.LIVE),
        ([result("evaluate", verdict="reject")], State.REJECTED),
        ([result("gate", status="failed", exit_code=40)], State.REJECTED),
        ([result("evaluate", verdict="hold")], State.HELD),
        ([result("rollback")], State.ROLLED_BACK),
        ([result("rollback", status="failed")], State.FAILED),
        ([result("incumbents", status="failed")], State.FAILED),
    ],
)
def test_where_a_use_case_stands(results: list[StageResult], state: State) -> None:
    assert row(*results).state is state


def test_a_failure_is_the_news_whatever_was_judged_before() -> None:
    assert row(PROMOTE, result("image", "it did not build", status="failed")).words == "image failed: it did not build"


def test_a_verdict_is_the_news_whatever_is_done_after_it() -> None:
    assert row(PROMOTE, result("image", "built")).words == "promote: better"


def test_the_verdict_is_told_in_the_words_of_the_stage_that_judged_or_else_of_the_next() -> None:
    registered = result("register", "version 3 registered", verdict="promote")
    assert row(PROMOTE, registered).words == "promote: better"
    assert row(registered).words == "version 3 registered"


def test_links_of_all_stages_are_on_the_row() -> None:
    found = row(
        result("register", links={"version 3": "https://a"}), result("production", links={"endpoint": "https://b"})
    )
    assert found.links == {"version 3": "https://a", "endpoint": "https://b"}


def test_results_tell_the_same_in_whatever_order_they_came() -> None:
    told = (result("train"), PROMOTE, result("image", links={"x": "https://x"}))
    assert row(*told) == row(*told[::-1])


def test_the_heading_names_one_and_counts_several() -> None:
    one = ReleaseThread(announcement=Announcement(release="77", use_cases=("churn",)))
    several = one.told(PROMOTE).told(result("train", use_case="homes", status="failed"))
    assert heading(one) == "Release 77: churn waiting"
    assert heading(several) == "Release 77: 2 use cases, 1 failed, 1 under way"


def test_a_deployment_is_called_by_where_it_goes() -> None:
    assert [place(stage) for stage in ("deploy-staging", "production", "deploy")] == ["staging", "production", "deploy"]
