import pytest

from slipway.core.evaluation import ApiChangeKind
from slipway.core.signature import Field, Interval, Signature
from slipway.core.task import Task
from slipway.evaluation.api_changes import api_changes

AGE = Field(name="age", type="number", nullable=True, unit="years", low=18.0, high=80.0)
PLAN = Field(name="plan", type="category", nullable=False, categories=("basic", "gold"))
CHURN = Signature(
    use_case="churn",
    title="Who leaves",
    task=Task.CLASSIFICATION,
    inputs=(AGE, PLAN),
    output="left",
    threshold=0.5,
    examples=({"age": 30.0, "plan": "gold"},),
)
HOMES = CHURN.model_copy(update={"task": Task.REGRESSION, "output": "price", "output_unit": "USD", "threshold": None})
INTERVAL = Interval(level=0.9, below=10.0, above=10.0)


def changed(**changes):
    return CHURN.model_copy(update=changes)


def with_age(**changes):
    return changed(inputs=(AGE.model_copy(update=changes), PLAN))


def with_plans(*names):
    return changed(inputs=(AGE, PLAN.model_copy(update={"categories": names})))


def test_the_same_signature_changes_nothing():
    assert api_changes(CHURN, CHURN) == ()


@pytest.mark.parametrize(
    ("old", "new", "kind", "field", "told"),
    [
        (CHURN, changed(inputs=(PLAN,)), ApiChangeKind.REMOVED, "age", "is unknown now"),
        (changed(inputs=(PLAN,)), CHURN, ApiChangeKind.ADDED, "age", "is required now: number, or null"),
        (CHURN, with_age(type="category"), ApiChangeKind.RETYPED, "age", "is a category, or null now, and was a num"),
        (CHURN, with_age(nullable=False), ApiChangeKind.NULL, "age", "null is refused now"),
        (CHURN, with_plans("basic"), ApiChangeKind.CATEGORIES, "plan", "refused now: 'gold'"),
        (changed(out_of_range="warn"), CHURN, ApiChangeKind.OUT_OF_RANGE, "", "are refused"),
        (CHURN, HOMES, ApiChangeKind.OUTPUT, "price", "left (classification) is answered as price in USD (regression)"),
        (HOMES, HOMES.model_copy(update={"output_unit": "EUR"}), ApiChangeKind.OUTPUT, "price", "price in EUR"),
        (HOMES.model_copy(update={"interval": INTERVAL}), HOMES, ApiChangeKind.OUTPUT, "price", "no interval"),
    ],
)
def test_what_breaks_callers_is_named(old, new, kind, field, told):
    [change] = api_changes(old, new)

    assert (change.breaking, change.kind, change.field) == (True, kind, field)
    assert told in change.detail


@pytest.mark.parametrize(
    ("old", "new", "kind", "told"),
    [
        (with_age(nullable=False), CHURN, ApiChangeKind.NULL, "null is accepted now"),
        (CHURN, with_plans("basic", "family", "gold"), ApiChangeKind.CATEGORIES, "accepted now: 'family'"),
        (CHURN, with_age(low=20.0), ApiChangeKind.RANGE, "training saw 20 to 80, before 18 to 80"),
        (CHURN, with_age(high=99.0), ApiChangeKind.RANGE, "training saw 18 to 99, before 18 to 80"),
        (CHURN, with_age(unit="months"), ApiChangeKind.MEANING, "described as 'months', before as 'years'"),
        (CHURN, with_age(description="at entry"), ApiChangeKind.MEANING, "described as 'years, at entry'"),
        (CHURN, changed(threshold=0.4), ApiChangeKind.THRESHOLD, "labelled from 0.4 on, not 0.5"),
        (CHURN, changed(out_of_range="warn"), ApiChangeKind.OUT_OF_RANGE, "are warned of"),
        (HOMES, HOMES.model_copy(update={"interval": INTERVAL}), ApiChangeKind.OUTPUT, "an interval that holds 90%"),
    ],
)
def test_what_callers_may_notice_is_told_and_breaks_nothing(old, new, kind, told):
    [change] = api_changes(old, new)

    assert (change.breaking, change.kind) == (False, kind)
    assert told in change.detail


@pytest.mark.parametrize(
    "new",
    [
        changed(title="Another title", examples=({"age": 1.0, "plan": "basic"},)),
        changed(inputs=(PLAN, AGE)),
        with_age(log="hashed"),
    ],
    ids=["title and examples", "order", "log"],
)
def test_what_no_request_and_no_answer_shows_is_no_change(new):
    assert api_changes(CHURN, new) == ()


def test_a_category_exchanged_for_another_breaks_and_is_told_from_both_sides():
    dropped, added = api_changes(CHURN, with_plans("basic", "silver"))

    assert (dropped.breaking, dropped.detail, added.breaking) == (True, "refused now: 'gold'", False)


def test_of_many_dropped_values_ten_are_named():
    many = with_plans(*(f"plan {number:02}" for number in range(30)))

    [change] = api_changes(many, with_plans("plan 00"))

    assert change.detail.endswith("'plan 10' and 19 more")


def test_breaking_changes_come_first():
    found = api_changes(CHURN, changed(inputs=(AGE.model_copy(update={"low": 1.0}),), threshold=0.4))

    assert [change.breaking for change in found] == [True, False, False]


def test_what_is_answered_beside_predictions_is_noticed_when_it_comes_or_goes():
    with_outlook = changed(beside={"outlook": "d" * 64})

    [gone] = api_changes(with_outlook, CHURN)
    [new] = api_changes(CHURN, with_outlook)

    assert (gone.breaking, gone.detail) == (True, "/outlook is not answered any more")
    assert (new.breaking, new.detail) == (False, "/outlook is answered")
    assert api_changes(with_outlook, changed(beside={"outlook": "e" * 64})) == ()


def test_a_field_that_is_refused_out_of_range_from_now_on_breaks():
    lenient, strict = changed(out_of_range="warn"), changed(out_of_range="warn", refused=("age",))

    [refused] = api_changes(lenient, strict)
    [warned] = api_changes(strict, lenient)

    assert (refused.breaking, refused.field, refused.detail) == (
        True,
        "age",
        "out of range it is refused, no longer warned of",
    )
    assert (warned.breaking, warned.field) == (False, "age")
    assert api_changes(CHURN, changed(refused=("age",))) == (), "all are refused anyway"
