"""A release is tried on a few pods: what is wrong with it stops it there, and what serves is not touched."""

import math
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.canary_twin import Fault, InMemoryCanaries
from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.deployment import Deployment, Phase, Place
from slipway.core.errors import CanaryBreached, ClusterUnreachable, RolloutFailed
from slipway.core.params import CanaryParams, CanaryStep
from slipway.core.signature import Row
from slipway.core.version import Version
from slipway.stages.canary import CanaryRun
from slipway.stages.deploy import Delivery, deploy, roll_back
from slipway.stages.replay import FIRST_LOOK
from slipway.workspace.bundle import read_record
from tests.support.bundles import CHURN, model_bytes, write_bundle
from tests.support.deliveries import Killed, Mortal
from tests.support.records import release

PLACE = Place(use_case="churn", environment="production")
DIGESTS = {number: f"sha256:{number:064x}" for number in (1, 2, 3)}
ROWS: list[Row] = [
    {"tenure": float(month), "total charges": 500.5, "contract": "Two year"} for month in range(0, 72, 3)
]
STEPS = (CanaryStep(share=10, requests=1000, seconds=120), CanaryStep(share=50, requests=1000, seconds=120))
PARAMS = CanaryParams(steps=STEPS)
QUICK = CanaryParams(steps=tuple(CanaryStep(share=share, requests=100, seconds=10) for share in (10, 50)))


def model(number: int, shift: float = 0.0) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def predict(row: dict[str, Any]) -> dict[str, Any]:
        weight = 0.05 * number
        raw = weight * row["tenure"] + (row["contract"] == "Two year")
        return {"probability": 1 / (1 + math.exp(-raw)) + shift}

    return predict


@pytest.fixture
def cluster() -> InMemoryCluster:
    return InMemoryCluster({digest: model(number) for number, digest in DIGESTS.items()})


@pytest.fixture
def canaries(cluster: InMemoryCluster) -> InMemoryCanaries:
    return InMemoryCanaries(cluster, rate=100.0, rows=ROWS)


@pytest.fixture
def registry(tmp_path: Path) -> InMemoryRegistry:
    registry = InMemoryRegistry(tmp_path / "bundles")
    for number in (1, 2, 3):
        bundle = write_bundle(tmp_path / str(number), model=model_bytes(CHURN, 0.05 * number))
        registry.register(read_record(bundle), bundle, [])
        registry.set_release("churn", number, release(DIGESTS[number]))
    registry.promote("churn", 1, expected_champion=None)
    registry.promote("churn", 2, expected_champion=1)
    return registry


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def delivery(
    registry: InMemoryRegistry, cluster: InMemoryCluster, canaries: InMemoryCanaries, said: list[str]
) -> Delivery:
    """Version 1 serves in four pods, and canaries are wished for."""
    made = Delivery(
        registry=registry,
        cluster=cluster,
        place=PLACE,
        key=cluster.key,
        release="run-7",
        actor="ada",
        commit="c" * 40,
        say=said.append,
    )
    deploy(made, version(made, 1))
    cluster.places[PLACE] = running(made).model_copy(update={"replicas": 4})
    return tried_with(made, canaries)


def tried_with(delivery: Delivery, canaries: Any, params: CanaryParams | None = PARAMS) -> Delivery:
    clock = canaries.inner if isinstance(canaries, Mortal) else canaries
    return replace(delivery, canary=CanaryRun(canaries, params, now=clock.now, pause=clock.pause))


def version(delivery: Delivery, number: int) -> Version:
    return delivery.registry.versions("churn")[number - 1]


def running(delivery: Delivery) -> Deployment:
    found = delivery.cluster.deployed(PLACE)
    assert found is not None
    return found


def stopped(delivery: Delivery, canaries: InMemoryCanaries, signal: str) -> CanaryBreached:
    """Deploy version 2, which its canary is to stop without touching what serves."""
    before = running(delivery)
    with pytest.raises(CanaryBreached, match=signal) as failure:
        deploy(delivery, version(delivery, 2))
    assert running(delivery) == before
    assert canaries.standing(PLACE) is None
    assert "serves untouched: the same 4 pods, none started anew" in failure.value.what
    return failure.value


def test_a_healthy_canary_passes_every_step_on_live_requests_and_all_pods_follow(
    delivery: Delivery, canaries: InMemoryCanaries, said: list[str]
) -> None:
    told = deploy(delivery, version(delivery, 2))
    assert (running(delivery).version, running(delivery).phase) == (2, Phase.SERVING)
    assert [(canary.step, canary.replicas) for canary in canaries.stood] == [(0, 1), (1, 4)]
    assert canaries.standing(PLACE) is None
    assert "its canary passed" in told
    assert "1,000 replayed" in told
    assert any("1 beside 4 pods, so 20 % of new connections (10 % was wished" in line for line in said)
    assert any("4 beside 4 pods, so 50 % of new connections" in line and "wished" not in line for line in said)


def test_where_too_few_requests_come_the_replayed_ones_decide_and_it_is_said(
    delivery: Delivery, canaries: InMemoryCanaries, said: list[str]
) -> None:
    canaries.rate = 0.5
    deploy(delivery, version(delivery, 2))
    assert running(delivery).version == 2
    assert any(
        "replayed requests decided, as only" in line and "of 1,000 live ones came within 120 s" in line for line in said
    )


def test_too_few_requests_of_both_kinds_stop_it(delivery: Delivery, canaries: InMemoryCanaries) -> None:
    canaries.rate, canaries.typical_ms = 0.0, 600.0
    failure = stopped(delivery, canaries, "too few requests")
    assert "1,000 are wanted" in failure.cause


@pytest.mark.parametrize(
    ("fault", "signal", "words"),
    [
        (Fault(crashes=True), "restarts", "exit code 1"),
        (Fault(stuck="ImagePullBackOff"), "start", "ImagePullBackOff"),
        (Fault(error_rate=0.02), "errors", "the difference lies in"),
        (Fault(more_ms=200.0), "latency", "p95 of the canary"),
        (Fault(refuses=0.05), "refused inputs", "rows of its own model"),
        (Fault(ends_after=300), "restarts", "OOMKilled"),
    ],
    ids=["crash", "never up", "500s", "slow", "refuses", "leak"],
)
@pytest.mark.parametrize("rate", [0.0, 100.0])
def test_a_bad_canary_is_stopped_by_the_signal_that_tells(
    delivery: Delivery, canaries: InMemoryCanaries, fault: Fault, signal: str, words: str, rate: float
) -> None:
    canaries.rate, canaries.faults = rate, {DIGESTS[2]: fault}
    assert words in stopped(delivery, canaries, signal).cause


@pytest.mark.parametrize("rate", [0.0, 100.0])
@pytest.mark.parametrize(
    ("predict", "words"),
    [(model(2, shift=0.1), "by +0.1 on average"), (model(1), "they are those of version 1"), (model(2, 2e-6), "2e-06")],
    ids=["shifted", "another version's", "a little"],
)
def test_a_canary_that_answers_otherwise_than_its_model_is_stopped(
    delivery: Delivery, canaries: InMemoryCanaries, predict: Any, words: str, rate: float
) -> None:
    canaries.rate = rate
    canaries.cluster.predict = {**canaries.cluster.predict, DIGESTS[2]: predict}
    assert words in stopped(delivery, canaries, "predictions").cause


def test_a_wrong_model_is_stopped_at_the_first_look(delivery: Delivery, canaries: InMemoryCanaries) -> None:
    asked = []

    def wrong(row: dict[str, Any]) -> dict[str, Any]:
        asked.append(row)
        return model(3)(row)

    canaries.rate = 0.0
    canaries.cluster.predict = {**canaries.cluster.predict, DIGESTS[2]: wrong}
    stopped(delivery, canaries, "predictions")
    assert len(asked) <= FIRST_LOOK


def test_what_serves_but_answers_as_another_model_is_no_ground_to_compare_on(
    delivery: Delivery, canaries: InMemoryCanaries
) -> None:
    canaries.cluster.predict = {**canaries.cluster.predict, DIGESTS[1]: model(3)}
    assert "params.yaml" in stopped(delivery, canaries, "stable's predictions").next_step


def test_no_more_than_the_canary_s_share_of_live_requests_meets_a_bad_one(
    delivery: Delivery, canaries: InMemoryCanaries
) -> None:
    canaries.faults = {DIGESTS[2]: Fault(error_rate=0.02)}
    stopped(delivery, canaries, "errors")
    served = canaries.served[PLACE] if PLACE in canaries.served else Counter[str]()
    met = sum(number for name, number in served.items() if "canary" in name)
    assert met <= 0.3 * max(1, sum(served.values()))


def test_faults_that_only_live_requests_meet_are_seen(delivery: Delivery, canaries: InMemoryCanaries) -> None:
    def picky(row: dict[str, Any]) -> dict[str, Any] | None:
        return None if row["tenure"] == 66.0 else model(2)(row)

    canaries.cluster.predict = {**canaries.cluster.predict, DIGESTS[2]: picky}
    assert "the difference lies in" in stopped(delivery, canaries, "live refusals").cause


def test_in_the_shadow_it_answers_nobody_and_is_judged_by_copies(
    delivery: Delivery, canaries: InMemoryCanaries, said: list[str]
) -> None:
    shadow = CanaryParams(steps=(CanaryStep(share=0, requests=500, seconds=60),))
    deploy(tried_with(delivery, canaries, shadow), version(delivery, 2))
    assert [canary.shadow for canary in canaries.stood] == [True]
    assert not any("canary" in name for name in canaries.served.get(PLACE, {}))
    assert any("500 copied requests" in line for line in said)


@pytest.mark.parametrize("fault", [Fault(error_rate=0.02), Fault(more_ms=200.0), Fault(refuses=0.05)])
def test_what_is_wrong_shows_in_the_shadow_too(delivery: Delivery, canaries: InMemoryCanaries, fault: Fault) -> None:
    canaries.faults = {DIGESTS[2]: fault}
    shadow = CanaryParams(steps=(CanaryStep(share=0, requests=1000, seconds=120),))
    stopped(tried_with(delivery, canaries, shadow), canaries, "canary")
    assert not any("canary" in name for name in canaries.served.get(PLACE, {}))


def test_rows_of_a_log_are_replayed_as_far_as_they_fit(delivery: Delivery, canaries: InMemoryCanaries) -> None:
    def picky(row: dict[str, Any]) -> dict[str, Any] | None:
        return None if row["tenure"] == 66.0 else model(2)(row)

    canaries.rate = 0.0
    canaries.cluster.predict = {**canaries.cluster.predict, DIGESTS[2]: picky}
    logged: tuple[Row, ...] = ({**ROWS[22], "tenure": 66.0}, {**ROWS[0], "tenure": 900.0}, {"other": 1.0})
    assert delivery.canary is not None
    delivery = replace(delivery, canary=replace(delivery.canary, rows=logged))
    stopped(delivery, canaries, "refused inputs")


def recorded(delivery: Delivery, rows: int) -> Delivery:
    """The same delivery with as many rows of a log, all different."""
    assert delivery.canary is not None
    log: list[Row] = [{**ROWS[0], "total charges": 500.5 + number / 10} for number in range(rows)]
    return replace(delivery, canary=replace(delivery.canary, rows=log))


def test_a_slow_canary_is_stopped_before_every_row_of_a_long_log_was_sent(
    delivery: Delivery, canaries: InMemoryCanaries
) -> None:
    canaries.rate, canaries.faults = 0.0, {DIGESTS[2]: Fault(more_ms=200.0)}
    stopped(recorded(delivery, 5000), canaries, "latency")
    assert canaries.clock <= STEPS[0].seconds / 2


def test_replaying_a_long_log_ends_with_the_time_of_its_step(
    delivery: Delivery, canaries: InMemoryCanaries, said: list[str]
) -> None:
    canaries.rate, canaries.typical_ms = 0.0, 20.0
    deploy(tried_with(recorded(delivery, 5000), canaries, QUICK), version(delivery, 2))
    assert running(delivery).version == 2
    assert canaries.clock <= 3 * sum(step.seconds for step in QUICK.steps)


def test_the_first_release_has_nothing_to_be_compared_with(
    delivery: Delivery, cluster: InMemoryCluster, canaries: InMemoryCanaries, said: list[str]
) -> None:
    cluster.places.clear()
    deploy(delivery, version(delivery, 2))
    assert canaries.stood == []
    assert any("no canary: nothing serves there" in line for line in said)


def test_a_rollback_waits_for_no_canary_and_takes_away_one_that_stands(
    delivery: Delivery, canaries: InMemoryCanaries
) -> None:
    deploy(delivery, version(delivery, 2))
    canaries.stand(canaries.stood[0].model_copy(update={"version": 3}))
    canaries.stood.clear()
    roll_back(delivery)
    assert running(delivery).version == 1
    assert (canaries.stood, canaries.standing(PLACE)) == ([], None)


def test_a_stale_canary_of_another_version_is_removed_first(
    delivery: Delivery, canaries: InMemoryCanaries, said: list[str]
) -> None:
    with pytest.raises(Killed):
        deploy(tried_with(delivery, Mortal(canaries, 6)), version(delivery, 3))
    assert canaries.standing(PLACE) is not None
    deploy(delivery, version(delivery, 2))
    assert running(delivery).version == 2
    assert any("a canary of version 3 was left there: it is removed" in line for line in said)


def test_a_rollout_that_fails_after_the_canary_takes_the_canary_with_it(
    delivery: Delivery, cluster: InMemoryCluster, canaries: InMemoryCanaries
) -> None:
    cluster.broken.add(DIGESTS[2])
    with pytest.raises(RolloutFailed, match="version 1 serves as before"):
        deploy(delivery, version(delivery, 2))
    assert canaries.standing(PLACE) is None


def test_one_left_rolling_out_goes_back_first_so_that_there_is_what_to_compare_with(
    delivery: Delivery, cluster: InMemoryCluster, canaries: InMemoryCanaries, said: list[str]
) -> None:
    good = running(delivery)
    rolling = {"image": f"registry.example.org/acme/churn@{DIGESTS[3]}", "version": 3, "phase": Phase.ROLLING}
    cluster.apply(good.model_copy(update=rolling | {"last_good": good.template}))
    deploy(delivery, version(delivery, 2))
    assert running(delivery).version == 2
    assert canaries.stood
    assert any("version 3 was left rolling out: version 1 serves as before" in line for line in said)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("calls", [*range(1, 13), 20, 30])
@pytest.mark.parametrize("fault", [Fault(), Fault(error_rate=0.5)], ids=["healthy", "bad"])
def test_killed_anywhere_and_run_again_it_goes_on_or_ends_it(
    delivery: Delivery, canaries: InMemoryCanaries, calls: int, after: bool, fault: Fault
) -> None:
    canaries.faults = {DIGESTS[2]: fault}
    with suppress(Killed, CanaryBreached):
        deploy(tried_with(delivery, Mortal(canaries, calls, after), QUICK), version(delivery, 2))
    with suppress(CanaryBreached):
        deploy(tried_with(delivery, canaries, QUICK), version(delivery, 2))
    wanted = 1 if fault.error_rate else 2
    assert (running(delivery).version, running(delivery).phase) == (wanted, Phase.SERVING)
    assert canaries.standing(PLACE) is None


def test_a_run_that_goes_on_does_not_repeat_the_steps_before(delivery: Delivery, canaries: InMemoryCanaries) -> None:
    class Tired(InMemoryCanaries):
        def stand(self, canary: Any) -> None:
            super().stand(canary)
            if canary.step == 1:
                raise Killed

    tired = Tired(canaries.cluster, rate=100.0, rows=ROWS)
    with pytest.raises(Killed):
        deploy(tried_with(delivery, tired), version(delivery, 2))
    canaries.standing_at = tired.standing_at
    deploy(replace(delivery, release="run-8"), version(delivery, 2))
    assert [canary.step for canary in canaries.stood] == [1]


def test_ctrl_c_takes_the_canary_away_and_a_silent_cluster_leaves_it(
    delivery: Delivery, cluster: InMemoryCluster, canaries: InMemoryCanaries
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    def unplugged(_: float) -> None:
        cluster.reachable = False

    for pause, error in ((interrupted, KeyboardInterrupt), (unplugged, ClusterUnreachable)):
        run = CanaryRun(canaries, PARAMS, now=canaries.now, pause=pause)
        with pytest.raises(error):
            deploy(replace(delivery, canary=run), version(delivery, 2))
        cluster.reachable = True
        assert (canaries.standing(PLACE) is None) == (error is KeyboardInterrupt)
