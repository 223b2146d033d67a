"""A release is alone at its place, and what was done there is told truly, whoever was killed."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.claim import CUT_OFF
from slipway.core.errors import LockHeld, RolloutFailed, VersionUnknown
from slipway.stages.alone import Turn, alone
from slipway.stages.deploy import Delivery, champion_of, deploy, roll_back
from slipway.stages.history import deeds
from slipway.stages.rollback import target
from tests.support.deliveries import DIGESTS, PLACE, Harbour, Killed, Mortal, harbour


@pytest.fixture
def churn(tmp_path: Path) -> Harbour:
    return harbour(tmp_path)


def release(turn: Turn, delivered: Delivery) -> str:
    return alone(turn, delivered, "deploy", lambda: champion_of(delivered.registry, "churn"), deploy)


def go_back(turn: Turn, delivered: Delivery) -> str:
    return alone(
        turn,
        delivered,
        "rollback",
        lambda: target("churn", delivered.registry),
        lambda ours, version: roll_back(ours, version.number),
    )


def test_what_served_and_what_failed_is_noted_with_who_and_when(churn: Harbour) -> None:
    release(churn.turn(), churn.delivery("run-7"))
    churn.registry.promote("churn", 3, expected_champion=2)
    churn.cluster.broken.add(DIGESTS[3])
    with pytest.raises(RolloutFailed):
        release(churn.turn(), churn.delivery("run-8", actor="ben", at="2026-11-21T11:00:00.000000Z"))
    go_back(churn.turn(), churn.delivery("run-9", at="2026-11-21T12:00:00.000000Z"))
    assert churn.told == [("deploy", 2, "served"), ("deploy", 3, "failed"), ("rollback", 2, "served")]
    newest, failed, _ = deeds(churn.environments.look("staging", ["churn"]))
    assert newest[:3] == ("2026-11-21 12:00:00", "staging", "rollback")
    assert (failed[5], failed[6]) == ("ben", "run-8")
    assert "rollout failed" in failed[7]


def test_what_comes_back_starts_all_at_once_and_the_release_after_it_one_by_one_again(churn: Harbour) -> None:
    release(churn.turn(), churn.delivery("run-7"))
    assert not churn.running.at_once
    go_back(churn.turn(), churn.delivery("run-8"))
    assert churn.running.at_once
    assert "running already" in release(churn.turn(), churn.delivery("run-9"))
    churn.registry.promote("churn", 3, expected_champion=1)
    release(churn.turn(), churn.delivery("run-10"))
    assert not churn.running.at_once


def test_a_release_that_changed_nothing_is_no_part_of_history(churn: Harbour) -> None:
    release(churn.turn(), churn.delivery("run-7"))
    release(churn.turn(), churn.delivery("run-8"))
    assert churn.told == [("deploy", 2, "served")]


def test_while_one_is_at_work_another_is_refused_and_changes_nothing(churn: Harbour) -> None:
    def meddle(ours: Delivery, version: object) -> str:
        with pytest.raises(LockHeld, match="Ada is at work"):
            release(churn.turn("Ben"), churn.delivery())
        return "alone"

    assert alone(churn.turn(), churn.delivery(), "deploy", lambda: churn.version(2), meddle) == "alone"
    assert churn.cluster.deployed(PLACE) is None


def test_whoever_lost_the_claim_applies_nothing(churn: Harbour) -> None:
    def lose(ours: Delivery, version: object) -> str:
        churn.environments.claims[PLACE] = churn.environments.claim(PLACE).model_copy(
            update={"holder": "Ben", "mark": "99"}
        )
        return deploy(ours, churn.version(2))

    with pytest.raises(LockHeld):
        alone(churn.turn(), churn.delivery(), "deploy", lambda: churn.version(2), lose)
    assert churn.cluster.deployed(PLACE) is None


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("calls", range(1, 9))
def test_killed_at_any_change_of_the_cluster_the_next_run_converges_and_history_is_right(
    churn: Harbour, calls: int, after: bool
) -> None:
    churn.registry.promote("churn", 1, expected_champion=2)
    release(churn.turn(), churn.delivery("run-1"))
    churn.registry.promote("churn", 2, expected_champion=1)
    with suppress(Killed):
        release(churn.turn(), churn.delivery("run-2", cluster=Mortal(churn.cluster, calls, after)))
    release(churn.turn(), churn.delivery("run-3"))
    assert churn.running.version == churn.champion == 2
    assert churn.told[0] == ("deploy", 1, "served")
    assert churn.told[-1] == ("deploy", 2, "served")
    assert {outcome for _, _, outcome in churn.told} <= {"served", CUT_OFF}
    served = [deed.release for deed in churn.environments.claim(PLACE).deeds if deed.outcome == "served"]
    assert served == ["run-1", churn.running.release]


def test_a_first_rollback_of_what_has_no_predecessor_leaves_no_note(churn: Harbour) -> None:
    churn.registry.set_alias("churn", "champion", 1)
    with pytest.raises(VersionUnknown):
        go_back(churn.turn(), churn.delivery())
    assert churn.told == []


def test_a_key_nobody_knows_fails_and_is_noted_as_failed(churn: Harbour) -> None:
    with pytest.raises(RolloutFailed):
        release(churn.turn(), replace(churn.delivery(), key="another"))
    assert churn.told == [("deploy", 2, "failed")]
