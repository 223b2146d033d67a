"""Whether to retrain, and what stands against it."""

from dataclasses import replace
from typing import Any

import pytest

from slipway.core.evaluation import Decision, Metric
from slipway.core.params import MonitorParams, RetrainParams
from slipway.core.watch import Answer, Bias, Cause, Counts, Estimate, Performance, Retrain, Watch
from slipway.monitoring.deciding import Seen, decide
from slipway.monitoring.progress import Progress
from tests.unit.monitoring.windows import rows, situation, version, watch, week

DRIFT = ("drift of tenure",)


def performance(loss: float, off: float = 0.02, labels: int = 2_000) -> Performance:
    value = Metric(name="rmse", value=1 + loss, low=None, high=None)
    between = Metric(name="rmse", value=loss, low=loss - off, high=loss + off)
    before = Metric(name="rmse", value=1.0, low=None, high=None)
    proved = loss - off > 0.05
    return Performance(metric="rmse", rows=labels, reference=before, observed=value, loss=between, proved=proved)


def estimate(loss: float, *, lost: bool) -> Estimate:
    between = Metric(name="rmse", value=loss, low=loss - 0.02, high=loss + 0.02)
    return Estimate(metric="rmse", rows=2_000, estimated=1 + loss, error=0.01, loss=between, lost=lost)


def bias(*, confirmed: bool = False, sure: bool = False) -> Bias:
    measured = Metric(name="bias", value=0.12, low=0.09, high=0.15)
    return Bias(rows=2_000, observed=measured, reference=measured, confirmed=confirmed, sure=sure)


BAD = Seen("rmse", performance(0.2), None, ())
OFF = Seen("rmse", performance(0.0), None, (), bias=bias(confirmed=True, sure=True))
DRIFTED = Seen("rmse", None, estimate(0.2, lost=True), DRIFT)
FINE = Seen("rmse", performance(0.0), estimate(0.0, lost=False), ())


def decided(seen: Seen, oldest_days: float | None = None, **known: Any) -> Retrain:
    retrain = RetrainParams(oldest_days=oldest_days)
    return decide(seen, situation(**known), MonitorParams(), retrain)


def earlier(number: int, answer: Answer, cause: Cause | None) -> Watch:
    """A look after one of the weeks, whose decision was this."""
    seen = watch(rows(0), **week(number))
    return seen.model_copy(update={"retrain": Retrain(answer=answer, cause=cause, since="", reasons=())})


def test_nothing_to_see_is_no_with_reasons() -> None:
    found = decided(FINE)
    assert (found.answer, found.cause, found.since) == (Answer.NO, None, "")
    assert "not proved" in found.reasons[0]


def test_a_proved_loss_is_yes() -> None:
    found = decided(BAD)
    assert (found.answer, found.cause) == (Answer.YES, Cause.PERFORMANCE)
    assert "20.0 %" in found.reasons[0]


def test_what_is_estimated_better_is_not_told_as_worse() -> None:
    reasons = " ".join(decided(Seen("rmse", None, estimate(-0.1, lost=False), ())).reasons)
    assert "rmse is estimated 10.0 % better without outcomes" in reasons


def test_a_loss_whose_interval_reaches_what_is_tolerated_is_no() -> None:
    assert decided(Seen("rmse", performance(0.06), None, ())).answer is Answer.NO


def test_lasting_drift_with_an_estimated_loss_is_yes() -> None:
    found = decided(DRIFTED, new_labels=5_000)
    assert (found.answer, found.cause) == (Answer.YES, Cause.DRIFT)


@pytest.mark.parametrize(
    "seen",
    [
        Seen("rmse", None, estimate(0.2, lost=True), ()),
        Seen("rmse", None, estimate(0.04, lost=False), DRIFT),
        Seen("rmse", None, None, DRIFT),
        Seen("rmse", performance(0.0), estimate(0.2, lost=True), DRIFT),
    ],
    ids=["no drift lasts", "no loss is estimated", "nothing can be estimated", "outcomes know better"],
)
def test_drift_alone_is_no_cause(seen: Seen) -> None:
    assert decided(seen, new_labels=5_000).answer is Answer.NO


def test_age_is_a_cause_and_needs_no_outcomes_but_fresh_data() -> None:
    nothing = Seen("rmse", None, None, ())
    found = decided(nothing, oldest_days=60)
    assert (found.answer, found.cause) == (Answer.YES, Cause.AGE)
    assert decided(nothing, oldest_days=60, fresh_data=False).answer is Answer.WAIT
    assert decided(nothing, oldest_days=60, fresh_data=None).answer is Answer.WAIT
    assert decided(nothing, oldest_days=90).answer is Answer.NO


def test_performance_comes_before_drift_and_drift_before_age() -> None:
    both = Seen("rmse", performance(0.2), estimate(0.2, lost=True), DRIFT)
    assert decided(both, oldest_days=1).cause is Cause.PERFORMANCE
    assert decided(DRIFTED, oldest_days=1, new_labels=5_000).cause is Cause.DRIFT


def test_what_requests_and_table_disagree_about_is_mended_first() -> None:
    found = decided(replace(BAD, skewed=("skew of tenure",)), oldest_days=1)
    assert (found.answer, found.cause) == (Answer.WAIT, Cause.PERFORMANCE)
    assert "skew of tenure: mend that first" in found.reasons[1]


def test_few_outcomes_wait() -> None:
    found = decided(Seen("rmse", performance(0.2, labels=100), None, ()))
    assert found.answer is Answer.WAIT
    assert "500 are needed" in found.reasons[-1]


def test_the_same_raw_table_waits() -> None:
    found = decided(BAD, fresh_data=False)
    assert found.answer is Answer.WAIT
    assert "same model" in found.reasons[-1]


def test_within_the_cooldown_of_any_version_it_waits() -> None:
    found = decided(BAD, versions=(version(4, "2026-01-05T00:00:00+00:00"),))
    assert found.answer is Answer.WAIT
    assert "3.0 days ago" in found.reasons[-1]


def test_the_champion_itself_cools_down_too() -> None:
    assert decided(BAD, registered_at="2026-01-06T00:00:00+00:00").answer is Answer.WAIT


def test_a_retraining_that_is_under_way_is_not_asked_for_again() -> None:
    asked = earlier(0, Answer.YES, Cause.PERFORMANCE)
    found = decided(BAD, previous=[asked], **week(1))
    assert found.answer is Answer.WAIT
    assert found.since == asked.made_at


def test_a_retraining_that_never_came_is_asked_for_again_after_the_cooldown() -> None:
    asked, waited = earlier(0, Answer.YES, Cause.PERFORMANCE), earlier(1, Answer.WAIT, Cause.PERFORMANCE)
    found = decided(BAD, previous=[waited, asked], **week(2))
    assert found.answer is Answer.YES
    assert found.since == asked.made_at


def test_a_retraining_that_was_not_promoted_blocks_its_cause_as_long_as_that_lasts() -> None:
    asked = earlier(0, Answer.YES, Cause.PERFORMANCE)
    waiting = [earlier(number, Answer.WAIT, Cause.PERFORMANCE) for number in (5, 4, 3, 2, 1)]
    rejected = version(4, "2026-01-09T00:00:00+00:00")
    known = {"outcomes_since": "2026-01-08T00:00:00+00:00", **week(6)}
    found = decided(BAD, previous=[*waiting, asked], versions=(rejected,), **known)
    assert found.answer is Answer.WAIT
    assert "version 4" in found.reasons[1]
    assert "a slice is worse" in found.reasons[1]


def test_a_model_off_on_the_whole_is_retrained() -> None:
    found = decided(OFF)
    assert (found.answer, found.cause) == (Answer.YES, Cause.BIAS)
    assert "too low on the whole, by +0.12 (+0.09 to +0.15)" in found.reasons[0]
    assert decided(replace(OFF, bias=bias())).answer is Answer.NO


@pytest.mark.parametrize(
    ("found", "answer"),
    [(bias(sure=True), Answer.NO), (bias(confirmed=True), Answer.YES)],
    ids=["outcomes alone", "its own table as well"],
)
def test_after_a_retraining_for_a_bias_only_what_the_table_confirms_counts(found: Bias, answer: Answer) -> None:
    """Outcomes of others than those in the table would have every champion retrained, one after the other."""
    seen, asked = replace(OFF, bias=found), earlier(0, Answer.YES, Cause.BIAS)
    before = asked.model_copy(update={"version": 2, "record_digest": "r2"})
    assert decided(seen, previous=[before], **week(2)).answer is answer


def test_a_bias_that_was_gone_in_between_is_another_one() -> None:
    seen, asked, gone = (
        replace(OFF, bias=bias(sure=True)),
        earlier(0, Answer.YES, Cause.BIAS),
        earlier(1, Answer.NO, None),
    )
    before = asked.model_copy(update={"version": 2, "record_digest": "r2"})
    none = Metric(name="bias", value=0.04, low=0.01, high=0.07)
    well = gone.model_copy(update={"bias": bias().model_copy(update={"observed": none})})
    assert decided(seen, previous=[gone, before], **week(2)).answer is Answer.NO
    assert decided(seen, previous=[well, before], **week(2)).cause is Cause.BIAS


def test_outcomes_that_are_sure_of_a_bias_are_enough_the_first_time() -> None:
    seen, asked = replace(OFF, bias=bias(sure=True)), earlier(0, Answer.YES, Cause.PERFORMANCE)
    before = asked.model_copy(update={"version": 2, "record_digest": "r2"})
    assert decided(seen, previous=[before], **week(2)).cause is Cause.BIAS


@pytest.mark.parametrize(("seen", "cause"), [(BAD, Cause.PERFORMANCE), (OFF, Cause.BIAS)])
def test_what_outcomes_prove_that_all_came_after_the_rejection_is_asked_for_again(seen: Seen, cause: Cause) -> None:
    asked, waited = earlier(0, Answer.YES, cause), earlier(1, Answer.WAIT, cause)
    rejected = version(4, "2026-01-09T00:00:00+00:00")
    known = {"previous": [waited, asked], "versions": (rejected,), **week(2)}
    assert decided(seen, outcomes_since="2026-01-08T23:00:00+00:00", **known).answer is Answer.WAIT
    assert decided(seen, outcomes_since="2026-01-09T00:00:00+00:00", **known).answer is Answer.YES


UNSURE = Seen("rmse", performance(0.06), None, ())


def test_a_loss_that_was_acted_on_in_vain_stands_until_it_seems_to_be_over() -> None:
    looks = [earlier(1, Answer.WAIT, Cause.PERFORMANCE), earlier(0, Answer.YES, Cause.PERFORMANCE)]
    known = {"previous": looks, "versions": (version(4, "2026-01-09T00:00:00+00:00"),), **week(2)}
    assert decided(UNSURE, outcomes_since="2026-01-08T00:00:00+00:00", **known).answer is Answer.WAIT
    found = decided(UNSURE, outcomes_since="2026-01-10T00:00:00+00:00", **known)
    assert (found.answer, found.cause) == (Answer.YES, Cause.PERFORMANCE)
    assert "does not seem to be over" in found.reasons[0]
    assert decided(FINE, outcomes_since="2026-01-10T00:00:00+00:00", **known).answer is Answer.NO


@pytest.mark.parametrize(
    "looks",
    [
        [],
        [earlier(1, Answer.WAIT, Cause.PERFORMANCE)],
        [earlier(1, Answer.NO, None), earlier(0, Answer.YES, Cause.PERFORMANCE)],
        [earlier(1, Answer.YES, Cause.DRIFT)],
    ],
    ids=["never proved", "never acted on", "over in between", "another cause"],
)
def test_a_loss_that_is_not_proved_does_not_stand_otherwise(looks: list[Watch]) -> None:
    assert decided(UNSURE, previous=looks, **week(2)).answer is Answer.NO


def test_lasting_drift_is_not_proved_anew_after_a_rejection() -> None:
    asked = earlier(0, Answer.YES, Cause.DRIFT)
    rejected = version(4, "2026-01-09T00:00:00+00:00")
    found = decided(DRIFTED, previous=[asked], versions=(rejected,), new_labels=5_000, **week(2))
    assert found.answer is Answer.WAIT


@pytest.mark.parametrize(("labels", "answer"), [(1_499, Answer.WAIT), (1_500, Answer.YES)])
def test_a_version_that_was_held_blocks_until_enough_further_outcomes_came(labels: int, answer: Answer) -> None:
    asked = earlier(0, Answer.YES, Cause.PERFORMANCE).model_copy(update={"counts": Counts(feedback=1_000)})
    held = version(4, "2026-01-09T00:00:00+00:00", Decision.HOLD)
    known = {"previous": [asked], "versions": (held,), "outcomes_since": "2026-01-01T00:00:00+00:00", **week(2)}
    found = decided(BAD, new_labels=labels, **known)
    assert found.answer is answer
    assert ("came since" in found.reasons[-1]) is (answer is Answer.WAIT)


def test_a_version_that_was_held_blocks_within_the_cooldown() -> None:
    asked = earlier(0, Answer.YES, Cause.PERFORMANCE)
    held = version(4, "2026-01-09T00:00:00+00:00", Decision.HOLD)
    assert decided(BAD, previous=[asked], versions=(held,), new_labels=9_000, **week(1)).answer is Answer.WAIT


def test_what_was_asked_for_again_after_a_held_version_is_not_asked_for_once_more() -> None:
    looks = [earlier(2, Answer.YES, Cause.PERFORMANCE), earlier(0, Answer.YES, Cause.PERFORMANCE)]
    held = version(4, "2026-01-09T00:00:00+00:00", Decision.HOLD)
    found = decided(BAD, previous=looks, versions=(held,), new_labels=9_000, **week(3))
    assert found.answer is Answer.WAIT
    assert "nothing has been registered since" in found.reasons[1]


def test_a_model_that_is_merely_old_is_asked_for_again_when_the_one_refused_would_be_old_too() -> None:
    nothing = Seen("rmse", None, None, ())
    known = {"previous": [earlier(0, Answer.YES, Cause.AGE)], "new_labels": 5_000}
    rejected = version(4, "2026-01-09T00:00:00+00:00")
    assert decided(nothing, oldest_days=20, versions=(rejected,), **known, **week(2)).answer is Answer.WAIT
    assert decided(nothing, oldest_days=12, versions=(rejected,), **known, **week(2)).answer is Answer.YES


def test_a_cause_that_must_wait_hides_no_weaker_one() -> None:
    asked = earlier(0, Answer.YES, Cause.PERFORMANCE)
    known = {"versions": (version(4, "2026-01-09T00:00:00+00:00"),), "outcomes_since": "2026-01-01T00:00:00+00:00"}
    blocked = decided(BAD, previous=[asked], **known, **week(2))
    assert (blocked.answer, blocked.cause) == (Answer.WAIT, Cause.PERFORMANCE)
    found = decided(BAD, oldest_days=30, previous=[asked], **known, **week(2))
    assert (found.answer, found.cause) == (Answer.YES, Cause.AGE)


HELPED = Progress(900, "the last retraining helped", 3, "2025-11-01T00:00:00+00:00")


def test_a_retraining_that_helped_is_followed_by_another_once_a_holdout_of_outcomes_came() -> None:
    assert decided(FINE, progress=HELPED, new_labels=899).answer is Answer.NO
    found = decided(FINE, progress=HELPED, new_labels=900)
    assert (found.answer, found.cause) == (Answer.YES, Cause.PROGRESS)
    assert HELPED.told in found.reasons[0]


def test_progress_needs_the_labels_and_the_cooldown_of_any_retraining() -> None:
    few = replace(HELPED, rows=100)
    assert decided(FINE, progress=few, new_labels=499).answer is Answer.NO
    assert decided(FINE, progress=few, new_labels=500).answer is Answer.YES
    young = decided(FINE, progress=few, new_labels=500, registered_at="2026-01-06T00:00:00+00:00")
    assert young.answer is Answer.NO
    assert any("7 must pass" in reason for reason in young.reasons)


def test_progress_that_is_not_due_hides_no_other_cause() -> None:
    assert decided(DRIFTED, progress=replace(HELPED, rows=9_000), new_labels=5_000).cause is Cause.DRIFT


BETTER = Progress(900, "version 4 was proved better, and refused for a level", 4, "2026-01-09T00:00:00+00:00")


def after_a_refusal(progress: Progress | None, labels: int, cause: Cause = Cause.PROGRESS) -> Retrain:
    """A third week: 1,000 outcomes had come when it was asked for, and version 4 was refused a day later."""
    asked = earlier(0, Answer.YES, cause).model_copy(update={"counts": Counts(feedback=1_000)})
    refused = version(4, "2026-01-09T00:00:00+00:00")
    known = {"previous": [asked], "versions": (refused,), "new_labels": labels}
    return decided(FINE, progress=progress, **known, **week(2))


@pytest.mark.parametrize("cause", [Cause.PROGRESS, Cause.PERFORMANCE])
def test_a_version_proved_better_and_refused_for_a_level_is_followed_by_another(cause: Cause) -> None:
    assert after_a_refusal(BETTER, 1_899, cause).answer is not Answer.YES
    found = after_a_refusal(BETTER, 1_900, cause)
    assert (found.answer, found.cause) == (Answer.YES, Cause.PROGRESS)
    assert BETTER.told in found.reasons[0]


def test_that_needs_the_labels_and_the_cooldown_of_any_retraining() -> None:
    few = replace(BETTER, rows=100)
    assert after_a_refusal(few, 1_499).answer is not Answer.YES
    assert after_a_refusal(few, 1_500).answer is Answer.YES
    young = {"versions": (version(4, "2026-01-20T00:00:00+00:00"),), "new_labels": 9_000}
    assert decided(FINE, progress=few, **young, **week(2)).answer is Answer.NO


def test_a_version_refused_otherwise_goes_on_blocking_progress() -> None:
    assert after_a_refusal(None, 9_000).answer is Answer.NO
    assert after_a_refusal(HELPED, 9_000).answer is Answer.WAIT


def test_another_cause_is_not_blocked_by_it() -> None:
    asked = earlier(0, Answer.YES, Cause.DRIFT)
    rejected = version(4, "2026-01-09T00:00:00+00:00")
    assert decided(BAD, previous=[asked], versions=(rejected,), **week(2)).answer is Answer.YES


def test_a_cause_that_went_and_came_back_is_a_new_one() -> None:
    asked = earlier(0, Answer.YES, Cause.PERFORMANCE)
    quiet = [earlier(number, Answer.NO, None) for number in (3, 2)]
    rejected = version(4, "2026-01-09T00:00:00+00:00")
    assert decided(BAD, previous=[*quiet, asked], versions=(rejected,), **week(4)).answer is Answer.YES


@pytest.mark.parametrize("answer", [Answer.YES, Answer.WAIT])
def test_a_cause_that_stood_behind_a_stronger_one_did_not_go(answer: Answer) -> None:
    """What was refused would otherwise be asked for again as soon as two causes take turns."""
    asked = earlier(0, Answer.YES, Cause.DRIFT)
    hidden = [earlier(number, answer, Cause.PERFORMANCE) for number in (3, 2)]
    known = {"previous": [*hidden, asked], "versions": (version(4, "2026-01-09T00:00:00+00:00"),)}
    found = decided(DRIFTED, new_labels=5_000, **known, **week(4))
    assert (found.answer, found.cause) == (Answer.WAIT, Cause.DRIFT)


def test_a_cause_that_had_to_wait_did_not_go_while_a_weaker_one_was_acted_on() -> None:
    asked = earlier(0, Answer.YES, Cause.PERFORMANCE)
    others = [earlier(number, Answer.YES, Cause.AGE) for number in (3, 2)]
    known = {"versions": (version(4, "2026-01-09T00:00:00+00:00"),), "outcomes_since": "2026-01-01T00:00:00+00:00"}
    assert decided(BAD, previous=[*others, asked], **known, **week(4)).answer is Answer.WAIT
    gone = [
        look.model_copy(update={"retrain": look.retrain.model_copy(update={"answer": Answer.WAIT})}) for look in others
    ]
    assert decided(BAD, previous=[*gone, asked], **known, **week(4)).answer is Answer.YES


def test_one_window_without_it_does_not_end_an_episode() -> None:
    asked, quiet = earlier(0, Answer.YES, Cause.PERFORMANCE), earlier(2, Answer.NO, None)
    rejected = version(4, "2026-01-09T00:00:00+00:00")
    known = {"outcomes_since": "2026-01-01T00:00:00+00:00", **week(3)}
    assert decided(BAD, previous=[quiet, asked], versions=(rejected,), **known).answer is Answer.WAIT


def test_what_was_asked_for_another_champion_is_past() -> None:
    asked = earlier(0, Answer.YES, Cause.PERFORMANCE)
    found = decided(BAD, previous=[asked], version=4, record_digest="r4", **week(1))
    assert found.answer is Answer.YES


def test_a_whole_look_decides_from_what_it_saw() -> None:
    seen = watch(rows(2_000, seed=1, harm=0.3), labelled=True)
    assert (seen.retrain.answer, seen.retrain.cause) == (Answer.YES, Cause.PERFORMANCE)
    healthy = watch(rows(2_000, seed=1), labelled=True)
    assert healthy.retrain.answer is Answer.NO
    assert healthy.alarms == ()
