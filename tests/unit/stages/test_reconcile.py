"""Registry and cluster agree again, whatever was killed in between; what would be done is said before."""

from contextlib import suppress
from pathlib import Path

import pytest

from slipway.core.claim import Claim
from slipway.core.deployment import Phase
from slipway.core.errors import LockHeld, RegistryUnreachable, RolloutFailed
from slipway.deploying.agreement import disagreements
from slipway.stages.alone import alone
from slipway.stages.canary import CanaryRun
from slipway.stages.deploy import Delivery, deploy, roll_back
from slipway.stages.history import flags
from slipway.stages.reconcile import busy, cure, reconcile, repairs
from slipway.stages.rollback import target
from slipway.stages.status import COLUMNS, status
from tests.support.deliveries import DIGESTS, PLACE, Harbour, Killed, Mortal, harbour


@pytest.fixture
def churn(tmp_path: Path) -> Harbour:
    made = harbour(tmp_path)
    deploy(made.delivery("run-1"), made.version(2))
    return made


def wrong(churn: Harbour) -> list[str]:
    return [repair.told for repair in repairs(churn.registry, churn.environments, PLACE)]


def mended(churn: Harbour, **changes: object) -> tuple[str, ...]:
    return reconcile(churn.turn(), churn.delivery("run-9", **changes))


def go_back(churn: Harbour, **changes: object) -> None:
    alone(
        churn.turn(),
        churn.delivery("run-2", **changes),
        "rollback",
        lambda: target("churn", churn.registry),
        lambda ours, version: roll_back(ours, version.number),
    )


def test_where_all_agree_nothing_is_said_done_or_noted(churn: Harbour) -> None:
    assert wrong(churn) == []
    assert mended(churn) == ()
    assert (churn.running.release, churn.told) == ("run-1", [])


def test_what_was_never_deployed_disagrees_with_nothing(churn: Harbour) -> None:
    churn.cluster.places.clear()
    assert wrong(churn) == []


def test_another_version_than_the_champion_is_flagged_and_replaced(churn: Harbour) -> None:
    churn.registry.promote("churn", 3, expected_champion=2)
    assert wrong(churn) == ["version 2 serves, and version 3 is champion: let version 3 serve"]
    assert churn.running.version == 2
    assert "version 3 of churn is running" in mended(churn)[0]
    assert (churn.running.version, churn.running.phase) == (3, Phase.SERVING)
    assert churn.told == [("reconcile", 3, "served")]
    assert mended(churn) == ()


def test_an_image_of_no_version_is_flagged_and_replaced(churn: Harbour) -> None:
    stray = churn.running.model_copy(update={"image": f"registry.example.org/acme/churn@sha256:{'9' * 64}"})
    churn.cluster.places[PLACE] = stray
    assert "is that of no registered version: let version 2 serve" in wrong(churn)[0]
    mended(churn)
    assert churn.running.digest == DIGESTS[2]


def test_a_rollout_that_was_left_is_finished(churn: Harbour) -> None:
    churn.registry.promote("churn", 3, expected_champion=2)
    churn.cluster.apply(
        churn.running.model_copy(
            update={
                "image": churn.version(3).release.reference,
                "version": 3,
                "phase": Phase.ROLLING,
                "last_good": churn.running.template,
            }
        )
    )  # type: ignore[union-attr]
    assert wrong(churn) == ["version 3 was left rolling out by ada (release run-1): let version 3 serve"]
    mended(churn)
    assert (churn.running.version, churn.running.phase) == (3, Phase.SERVING)


def test_a_rollout_that_was_left_and_does_not_come_up_is_undone(churn: Harbour) -> None:
    churn.registry.promote("churn", 3, expected_champion=2)
    churn.cluster.broken.add(DIGESTS[3])
    with suppress(Killed):
        deploy(churn.delivery("run-2", cluster=Mortal(churn.cluster, 3)), churn.version(3))
    assert churn.running.phase is Phase.ROLLING
    with pytest.raises(RolloutFailed, match="version 2 serves as before"):
        mended(churn)
    assert (churn.running.version, churn.running.phase) == (2, Phase.SERVING)


def test_a_rollback_that_was_cut_off_is_finished_not_undone(churn: Harbour) -> None:
    with suppress(Killed):
        go_back(churn, registry=Mortal(churn.registry, 4))
    deed = churn.environments.claim(PLACE).last
    assert deed is not None
    assert (churn.champion, deed.outcome) == (2, "cut off")
    assert wrong(churn)[0].endswith("stopped half-way: finish it: version 1 serves, then is champion")
    mended(churn)
    assert (churn.champion, churn.running.version) == (1, 1)
    assert wrong(churn) == []


def test_a_rollback_whose_registry_failed_once_its_pods_served_is_finished_not_undone(churn: Harbour) -> None:
    class Unwell(Mortal):
        def set_alias(self, *given: object) -> None:
            raise RegistryUnreachable("no answer", cause="an outage", next_step="wait")

    with pytest.raises(RegistryUnreachable):
        go_back(churn, registry=Unwell(churn.registry, 0))
    assert (churn.champion, churn.running.version) == (2, 1)
    assert wrong(churn)[0].endswith("stopped half-way: finish it: version 1 serves, then is champion")
    mended(churn)
    assert (churn.champion, churn.running.version) == (1, 1)


def test_a_rollback_that_was_killed_once_all_was_done_is_noted_as_served(churn: Harbour) -> None:
    calls = 0
    while churn.champion != 1:
        calls += 1
        with suppress(Killed):
            go_back(churn, registry=Mortal(churn.registry, calls))
    last = churn.environments.claim(PLACE).last
    assert last is not None
    assert last.outcome == "cut off"
    assert mended(churn) == ()
    assert [outcome for _, _, outcome in churn.told][-1] == "served"


def test_a_rollback_whose_pods_did_not_come_up_is_not_tried_again_by_itself(churn: Harbour) -> None:
    churn.cluster.broken.add(DIGESTS[1])
    with pytest.raises(RolloutFailed):
        go_back(churn)
    assert (churn.champion, churn.running.version) == (2, 2)
    assert wrong(churn) == []


def test_a_canary_that_was_left_is_removed(churn: Harbour) -> None:
    left = churn.running.model_copy(update={"image": churn.version(3).release.reference, "replicas": 1})  # type: ignore[union-attr]
    churn.environments.canaries[PLACE] = left
    assert wrong(churn)[0].endswith("remove it")

    class Gone:
        def standing(self, place: object) -> object:
            return left

        def remove(self, place: object) -> None:
            churn.environments.canaries.clear()

    mended(churn, canary=CanaryRun(Gone(), None))  # type: ignore[arg-type]
    assert wrong(churn) == []


def test_a_champion_without_an_image_is_left_to_people(churn: Harbour) -> None:
    three = churn.version(3)
    bare = [*churn.registry.versions("churn")[:1], three.model_copy(update={"release": None, "aliases": ("champion",)})]
    [seen] = churn.environments.look("staging", ["churn"])
    [found] = disagreements(bare, seen, at_work=False)
    assert cure(found, bare) is None


def test_while_somebody_is_at_work_nothing_is_wrong_yet_and_nothing_is_done(churn: Harbour) -> None:
    churn.registry.promote("churn", 3, expected_champion=2)

    def meanwhile(ours: Delivery, version: object) -> str:
        assert wrong(churn) == []
        assert busy(churn.environments, PLACE) == "Ada"
        with pytest.raises(LockHeld):
            reconcile(churn.turn("Ben"), churn.delivery())
        return ""

    alone(churn.turn(), churn.delivery(), "deploy", lambda: churn.version(3), meanwhile)
    assert churn.running.version == 2
    assert busy(churn.environments, PLACE) == ""


def test_whoever_was_killed_at_work_explains_nothing(churn: Harbour) -> None:
    churn.registry.promote("churn", 3, expected_champion=2)
    churn.environments.write(PLACE, Claim(holder="Ada", seconds=15, renewed_at="2026-01-01T00:00:00.000000Z"))
    assert len(wrong(churn)) == 1


@pytest.mark.parametrize("calls", range(1, 13))
def test_a_rollback_killed_at_any_step_of_the_registry_is_finished_aliases_and_all(churn: Harbour, calls: int) -> None:
    churn.registry.set_alias("churn", "anchor", 2)
    with suppress(Killed):
        go_back(churn, registry=Mortal(churn.registry, calls))
    mended(churn)
    if churn.told:
        assert {alias: churn.alias(alias) for alias in ("champion", "anchor")} == {"champion": 1, "anchor": 1}
        assert churn.running.version == 1
    assert wrong(churn) == []


@pytest.mark.parametrize("calls", range(1, 8))
def test_a_rollback_whose_repair_is_killed_too_is_finished_all_the_same(churn: Harbour, calls: int) -> None:
    for _ in range(2):
        with suppress(Killed):
            go_back(churn, cluster=Mortal(churn.cluster, 4))
    with suppress(Killed):
        mended(churn, registry=Mortal(churn.registry, calls))
    mended(churn)
    assert (churn.champion, churn.running.version) == (1, 1)


@pytest.mark.parametrize("calls", range(1, 9))
def test_killed_anywhere_and_run_again_it_converges(churn: Harbour, calls: int) -> None:
    churn.registry.promote("churn", 3, expected_champion=2)
    with suppress(Killed):
        reconcile(churn.turn(), churn.delivery("run-8", cluster=Mortal(churn.cluster, calls)))
    mended(churn)
    assert (churn.running.version, churn.running.phase) == (3, Phase.SERVING)
    assert wrong(churn) == []


def screen(churn: Harbour) -> tuple[dict[str, str], tuple[str, ...]]:
    found = status(["churn"], ["staging"], lambda: churn.registry, churn.environments)
    [row] = found.rows
    return dict(zip(COLUMNS, row, strict=True)), found.remarks


def test_status_tells_what_serves_since_when_by_whom_and_how_well(churn: Harbour) -> None:
    row, remarks = screen(churn)
    assert row == {
        "use case": "churn",
        "champion": "version 2",
        "environment": "staging",
        "serves": "version 2 000000000000",
        "since": "2026-11-21 10:00",
        "by": "ada",
        "pods": "2 of 2",
        "state": "serving",
    }
    assert remarks == ()


def test_status_and_history_flag_what_disagrees(churn: Harbour) -> None:
    churn.registry.promote("churn", 3, expected_champion=2)
    row, remarks = screen(churn)
    assert row["state"] == "DISAGREES"
    assert remarks == ("churn, staging: version 2 serves, and version 3 is champion",)
    seen = churn.environments.look("staging", ["churn"])
    assert flags(churn.registry.versions("churn"), seen) == ("staging: version 2 serves, and version 3 is champion",)


def test_status_says_who_does_not_answer_and_tells_the_rest(churn: Harbour) -> None:
    churn.cluster.reachable = False
    row, remarks = screen(churn)
    assert (row["champion"], row["environment"]) == ("version 2", "")
    assert remarks == ("staging does not answer: no cluster answers",)
    churn.cluster.reachable, churn.registry.reachable = True, False
    row, remarks = screen(churn)
    assert (row["champion"], row["serves"]) == ("unknown", "version 2 000000000000")
    assert remarks == ("the registry does not answer: the registry cannot be used",)


def test_status_waits_for_nobody_longer_than_it_is_told(churn: Harbour) -> None:
    import threading

    never = threading.Event()

    def silent() -> Harbour:
        never.wait(30)
        raise AssertionError

    found = status(["churn"], ["staging"], silent, churn.environments, seconds=0.2)  # type: ignore[arg-type]
    never.set()
    assert found.remarks == ("the registry does not answer: no answer within 0.2 seconds",)
    assert found.rows[0][1:4] == ("unknown", "staging", "version 2 000000000000")
