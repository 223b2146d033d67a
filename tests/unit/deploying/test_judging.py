"""What stops a canary, and how rarely a healthy one is stopped."""

import math
from dataclasses import replace

import numpy as np
import pytest

from slipway.core.params import CanaryTolerance
from slipway.deploying.counted import Counted, counted
from slipway.deploying.judging import FALSE_ALARMS, Asked, Replay, breaches, judge_live, judge_replay, level
from slipway.deploying.percentiles import Bins, bins_of, bins_of_buckets, excess, point
from slipway.deploying.percentiles import limits as percentile_limits
from slipway.deploying.proportions import Count, difference, limits
from slipway.deploying.sharing import reach

STRICT = CanaryTolerance(error_rate=0.0, refused_rate=0.0, latency_ms=0.0)
USUAL = CanaryTolerance()
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, math.inf)

METRICS = """\
# HELP slipway_requests_total Requests answered.
# TYPE slipway_requests_total counter
slipway_requests_total{route="predict",status="200"} 90.0
slipway_requests_total{route="predict",status="422"} 6.0
slipway_requests_total{route="predict",status="500"} 4.0
slipway_requests_total{route="predict",status="401"} 1000.0
slipway_requests_total{route="health",status="503"} 7.0
slipway_request_seconds_bucket{le="0.001",route="predict"} 60.0
slipway_request_seconds_bucket{le="0.0025",route="predict"} 97.0
slipway_request_seconds_bucket{le="+Inf",route="predict"} 100.0
slipway_request_seconds_bucket{le="0.001",route="health"} 5.0
slipway_in_flight 1.0
"""


def of(answers: dict[int, int], milliseconds: np.ndarray | None = None) -> Counted:
    """Requests to /predict, as its counters tell them."""
    seconds = np.zeros(0) if milliseconds is None else milliseconds / 1000
    buckets = {("predict", bound): float((seconds <= bound).sum()) for bound in BOUNDS}
    return Counted({("predict", status): number for status, number in answers.items()}, buckets)


def answered(values: list[float], *, status: int = 200, milliseconds: float = 3.0) -> list[Asked]:
    return [Asked(row, status, value, milliseconds) for row, value in enumerate(values)]


SAID = Replay(
    canary=answered([0.2, 0.4, 0.9]),
    stable=answered([0.1, 0.4, 0.8]),
    candidate={0: 0.2, 1: 0.4, 2: 0.9},
    champion={0: 0.1, 1: 0.4, 2: 0.8},
    versions=(8, 7),
)


def stopping(replay: Replay, at: float = 0.001) -> list[str]:
    return [finding.signal for finding in breaches(judge_replay(replay, USUAL, at))]


@pytest.mark.parametrize(
    ("events", "total", "low", "high"),
    [(0, 100, 0.0, 0.0295130), (10, 100, 0.0552605, 0.1637143), (100, 100, 0.9704870, 1.0)],
)
def test_limits_of_a_share_are_those_of_the_tables(events: int, total: int, low: float, high: float) -> None:
    assert limits(Count(events, total), 0.05) == pytest.approx((low, high), abs=1e-5)


@pytest.mark.parametrize(("one", "other"), [(0.001, 0.001), (0.01, 0.01), (0.05, 0.05), (0.0001, 0.0001), (0.5, 0.5)])
@pytest.mark.parametrize(("n_one", "n_other"), [(100, 300), (1000, 1000), (500, 20_000), (2000, 400)])
@pytest.mark.parametrize("at", [0.05, 0.005])
def test_limits_of_a_difference_are_missed_no_more_often_than_promised(
    one: float, other: float, n_one: int, n_other: int, at: float
) -> None:
    random = np.random.default_rng(1)
    draws = 2000
    missed = sum(
        difference(Count(int(a), n_one), Count(int(b), n_other), at)[0] > one - other
        for a, b in zip(random.binomial(n_one, one, draws), random.binomial(n_other, other, draws), strict=True)
    )
    assert missed / draws <= at + 3 * math.sqrt(at / draws)


@pytest.mark.parametrize("total", [60, 150, 400])
def test_limits_of_a_percentile_are_missed_no_more_often_than_promised(total: int) -> None:
    random, at, draws = np.random.default_rng(2), 0.05, 1000
    truth = math.exp(1.6448536)  # the 95th percentile of a standard log-normal
    outside = [0, 0]
    for _ in range(draws):
        found = percentile_limits(bins_of(random.lognormal(size=total).tolist()), at)
        outside[0] += found.lower.low > truth
        outside[1] += found.upper.high < truth
    assert max(outside) / draws <= at + 3 * math.sqrt(at / draws)


def test_values_of_a_bucket_count_as_spread_evenly_between_its_bounds() -> None:
    bins = bins_of_buckets([1.0, 2.5, 5.0, math.inf], [900, 90, 10, 0])
    assert point(bins) == pytest.approx(1.0 + 1.5 * 50 / 90)
    found = percentile_limits(bins, 0.001)
    assert (found.lower.low, found.upper.high) == (1.0, 2.5)
    assert 1.0 < found.lower.even < point(bins) < found.upper.even < 2.5


def test_times_on_either_side_of_a_bound_are_not_proved_to_be_apart() -> None:
    bounds = [50.0, 100.0, 250.0, 500.0]
    just_below, just_above, far = ([0, 900, 0, 0], [0, 0, 900, 0], [0, 0, 0, 900])
    found = {
        name: percentile_limits(bins_of_buckets(bounds, counts), 0.001)
        for name, counts in (("below", just_below), ("above", just_above), ("far", far))
    }
    assert excess(found["above"], found["below"]) == 0.0
    assert excess(found["far"], found["below"]) > 250.0
    assert excess(found["below"], found["far"]) == 0.0


def test_few_values_bound_nothing_from_above() -> None:
    assert percentile_limits(bins_of([1.0] * 20), 0.001).upper.high == math.inf
    nothing = percentile_limits(Bins((), (), ()), 0.001)
    assert (nothing.lower.low, nothing.upper.high) == (0.0, math.inf)


def test_metrics_are_read_for_the_model_s_routes_and_what_callers_did_wrong_is_left_out() -> None:
    found = counted(METRICS)
    assert (found.errors, found.refused) == (Count(4, 100), Count(6, 100))
    assert found.milliseconds("predict").counts == (60, 37, 3)
    assert found.busiest() == "predict"
    assert (found - found).judged == 0
    assert (found + found).errors == Count(8, 200)


def test_a_canary_that_answers_as_its_model_beside_a_stable_that_does_is_not_stopped() -> None:
    assert stopping(SAID) == []


@pytest.mark.parametrize("off", [0.1, -0.1, 2e-6])
def test_one_answer_that_is_not_the_model_s_stops_it(off: float) -> None:
    assert stopping(replace(SAID, canary=answered([0.2, 0.4 + off, 0.9])))[0] == "predictions"


def test_answers_of_the_version_before_are_called_so() -> None:
    findings = judge_replay(replace(SAID, canary=answered([0.1, 0.4, 0.8])), USUAL, 0.001)
    assert "they are those of version 7" in breaches(findings)[0].told


def test_an_answer_without_a_number_stops_it() -> None:
    canary = [*SAID.canary[:2], Asked(2, 200, None, 3.0)]
    assert "predictions" in stopping(replace(SAID, canary=canary))


def test_a_row_of_its_own_model_that_is_refused_stops_it() -> None:
    canary = [*SAID.canary[:2], Asked(2, 422, None, 3.0)]
    assert stopping(replace(SAID, canary=canary)) == ["refused inputs"]


def test_a_stable_that_is_not_what_it_is_called_is_no_ground_to_compare_on() -> None:
    assert "stable's predictions" in stopping(replace(SAID, stable=answered([0.1, 0.4, 0.81])))


def test_a_champion_that_nobody_knows_is_said_and_stops_nothing() -> None:
    findings = judge_replay(replace(SAID, champion={}), USUAL, 0.001)
    assert not breaches(findings)
    assert any("its bundle is not there" in finding.told for finding in findings)


def test_the_difference_that_was_foretold_is_told_beside_the_one_that_was_seen() -> None:
    told = {finding.signal: finding.told for finding in judge_replay(SAID, USUAL, 0.001)}["difference of predictions"]
    assert "+0.0666667 on average, +0.0666667 was foretold" in told


@pytest.mark.parametrize(
    ("signal", "answers", "slower"),
    [
        ("live errors", {200: 980, 500: 20}, 0.0),
        ("live refusals", {200: 940, 422: 60}, 0.0),
        ("live latency of predict", {200: 1000}, 200.0),
    ],
)
def test_what_is_proved_to_be_worse_stops_it(signal: str, answers: dict[int, int], slower: float) -> None:
    times = np.random.default_rng(3).lognormal(1.0, 0.5, 1000)
    stable = of({200: 3000}, np.random.default_rng(4).lognormal(1.0, 0.5, 3000))
    found = breaches(judge_live(of(answers, times + slower), stable, USUAL, level(2, 3)))
    assert [finding.signal for finding in found] == [signal]


def test_an_error_more_proves_nothing() -> None:
    assert not breaches(judge_live(of({200: 499, 500: 1}), of({200: 100_000}), STRICT, level(2, 1)))


def test_all_looks_of_all_steps_together_have_the_promised_rate_of_false_alarms() -> None:
    total = sum(5 * level(3, look) for _ in range(3) for look in range(1, 100_000))
    assert total == pytest.approx(FALSE_ALARMS, rel=1e-3)


@pytest.mark.parametrize(("error_rate", "refused_rate"), [(0.0, 0.0), (0.002, 0.01), (0.02, 0.05)])
def test_a_healthy_canary_is_stopped_less_often_than_promised_even_without_any_tolerance(
    error_rate: float, refused_rate: float
) -> None:
    """Two steps with all their looks, a share of a fifth, latencies as they are on a busy machine."""
    random, healthy, stopped = np.random.default_rng(5), 400, 0
    for _ in range(healthy):
        stopped += _is_stopped(random, [error_rate, refused_rate])
    assert stopped / healthy <= FALSE_ALARMS + 3 * math.sqrt(FALSE_ALARMS / healthy)


def _is_stopped(random: np.random.Generator, rates: list[float]) -> bool:
    for _ in range(2):
        canary, stable = Counted(), Counted()
        for look, more in enumerate((100, 100, 200, 400, 200), start=1):
            canary += _drawn(random, more, rates)
            stable += _drawn(random, 4 * more, rates)
            if breaches(judge_live(canary, stable, STRICT, level(2, look))):
                return True
    return False


def _drawn(random: np.random.Generator, requests: int, rates: list[float]) -> Counted:
    errors, refused, answers = random.multinomial(requests, [*rates, 1 - sum(rates)])
    return of({200: int(answers), 422: int(refused), 500: int(errors)}, random.lognormal(1.5, 1.0, requests))


@pytest.mark.parametrize(
    ("share", "stable", "pods", "reached"),
    [(10, 9, 1, 10.0), (10, 3, 1, 25.0), (50, 3, 3, 50.0), (25, 3, 1, 25.0), (10, 40, 4, 9.09), (0, 5, 1, 0.0)],
)
def test_the_nearest_share_that_the_pods_allow_is_told(share: int, stable: int, pods: int, reached: float) -> None:
    found = reach(share, stable)
    assert (found.pods, round(found.share, 2)) == (pods, reached)
