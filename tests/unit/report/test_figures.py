import pytest

from slipway.core.evaluation import Metric
from slipway.report.figures import difference, interval, label, number, signed, tiny
from tests.support.records import comparison


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8456, "0.846"),
        (0.0, "0.000"),
        (-0.0, "0.000"),
        (12.345, "12.35"),
        (123.45, "123.5"),
        (54321.9, "54,322"),
        (-1234567.0, "−1,234,567"),
        (0.000012, "1.2e−05"),
        (3e20, "3.0e+20"),
        (None, "n/a"),
    ],
)
def test_numbers_are_rounded_to_what_they_mean(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_metric_is_followed_by_its_interval() -> None:
    metric = Metric(name="roc_auc", value=0.8456, low=0.825, high=0.867)
    assert interval(metric) == "0.846 [0.825,\u00a00.867]"


def test_the_ends_of_an_interval_are_rounded_alike() -> None:
    assert interval(Metric(name="rmse", value=995.0, low=980.0, high=1010.4)) == "995 [980,\u00a01,010]"


def test_a_metric_that_is_not_defined_says_so() -> None:
    assert interval(Metric(name="roc_auc", value=None, low=None, high=None)) == "n/a"


@pytest.mark.parametrize(("value", "text"), [(0.004, "+0.004"), (-0.004, "−0.004"), (0.0, "0.000")])
def test_a_difference_carries_its_sign(value: float, text: str) -> None:
    assert signed(value) == text


def test_a_relative_difference_is_given_in_percent() -> None:
    relative = comparison("champion", 0.012).model_copy(update={"relative": True})
    assert difference(relative) == "+1.2\u00a0% [+0.7\u00a0%,\u00a0+1.7\u00a0%]"


@pytest.mark.parametrize(
    ("metric", "text"), [("roc_auc", "ROC AUC"), ("brier", "Brier ↓"), ("some_new_metric", "Some new metric")]
)
def test_metrics_have_names_for_people(metric: str, text: str) -> None:
    assert label(metric) == text


def test_a_tiny_figure_shows_its_order_of_magnitude() -> None:
    assert tiny(3e-7) == "3.0e-07"
