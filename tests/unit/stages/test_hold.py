"""One run at a place at a time, and whoever is killed makes room."""

import threading
import time
from dataclasses import dataclass

import pytest

from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.adapters.environments_twin import InMemoryEnvironments
from slipway.core.claim import CUT_OFF, Claim, Deed
from slipway.core.deployment import Place
from slipway.core.errors import LockHeld
from slipway.stages.hold import held

PLACE = Place(use_case="churn", environment="staging")
DEED = Deed(what="deploy", version=3, digest="", release="run 7", actor="ada", at="2026-11-21T10:00:00Z")
LONG_AGO = "2026-01-01T10:00:00.000000Z"


@pytest.fixture
def environments() -> InMemoryEnvironments:
    return InMemoryEnvironments(InMemoryCluster({}))


def quiet(_: str) -> None:
    pass


def test_who_holds_it_is_known_while_it_is_held_and_nobody_afterwards(environments: InMemoryEnvironments) -> None:
    with held(environments, PLACE, "Ada", patience=0, waiting=quiet) as hold:
        assert environments.claim(PLACE).holder == "Ada"
        hold.check()
    assert environments.claim(PLACE).holder == ""


def test_a_second_one_is_refused_with_the_name_of_the_first(environments: InMemoryEnvironments) -> None:
    with (
        held(environments, PLACE, "Ada on laptop", patience=0, waiting=quiet),
        pytest.raises(LockHeld, match="Ada on laptop is at work on churn in staging") as refused,
        held(environments, PLACE, "Ben", patience=0, waiting=quiet),
    ):
        pass
    assert refused.value.exit_code == 70


def test_a_second_one_that_waits_follows_once_the_first_has_ended(environments: InMemoryEnvironments) -> None:
    told: list[str] = []
    over = threading.Event()

    def first() -> None:
        with held(environments, PLACE, "Ada", patience=0, waiting=quiet, seconds=1):
            over.wait(5)

    thread = threading.Thread(target=first)
    thread.start()
    while not environments.claim(PLACE).holder:
        time.sleep(0.01)
    threading.Timer(0.3, over.set).start()
    with held(environments, PLACE, "Ben", patience=5, waiting=told.append, seconds=1):
        assert environments.claim(PLACE).holder == "Ben"
        assert over.is_set()
    thread.join()
    assert [line.partition(",")[0] for line in told] == ["Ada"]


def test_other_places_do_not_wait_for_each_other(environments: InMemoryEnvironments) -> None:
    elsewhere = Place(use_case="churn", environment="production")
    with (
        held(environments, PLACE, "Ada", patience=0, waiting=quiet),
        held(environments, elsewhere, "Ben", patience=0, waiting=quiet),
    ):
        assert environments.claim(elsewhere).holder == "Ben"


def test_one_who_was_killed_is_followed_once_the_claim_has_stood_its_time_unchanged(
    environments: InMemoryEnvironments,
) -> None:
    environments.write(PLACE, Claim(holder="Ada", seconds=1, renewed_at="2126-11-21T10:00:00.000000Z").beginning(DEED))
    started = time.monotonic()
    with held(environments, PLACE, "Ben", patience=5, waiting=quiet, seconds=1) as hold:
        assert 1.0 <= time.monotonic() - started < 3.0
        assert hold.mine.last is not None
        assert hold.mine.last.outcome == CUT_OFF


def test_one_who_is_long_gone_is_followed_at_once(environments: InMemoryEnvironments) -> None:
    environments.write(PLACE, Claim(holder="Ada", seconds=3600, renewed_at=LONG_AGO))
    with held(environments, PLACE, "Ben", patience=0, waiting=quiet):
        assert environments.claim(PLACE).holder == "Ben"


def test_a_claim_that_is_held_for_longer_than_it_stands_is_renewed(environments: InMemoryEnvironments) -> None:
    with held(environments, PLACE, "Ada", patience=0, waiting=quiet, seconds=1) as hold:
        with (
            pytest.raises(LockHeld, match="Ada is at work"),
            held(environments, PLACE, "Ben", patience=2, waiting=quiet, seconds=1),
        ):
            pass
        hold.check()


def test_one_whose_claim_another_took_may_change_nothing_more(environments: InMemoryEnvironments) -> None:
    with held(environments, PLACE, "Ada", patience=0, waiting=quiet) as hold:
        environments.claims[PLACE] = environments.claim(PLACE).model_copy(update={"holder": "Ben", "mark": "99"})
        hold.renew()
        with pytest.raises(LockHeld, match="Ben took it"):
            hold.check()
    assert environments.claim(PLACE).holder == "Ben"


def test_one_who_could_not_renew_for_longer_than_the_claim_stands_may_change_nothing_more(
    environments: InMemoryEnvironments,
) -> None:
    with held(environments, PLACE, "Ada", patience=0, waiting=quiet, seconds=3600) as hold:
        environments.cluster.reachable = False
        hold.renewed -= 3601
        with pytest.raises(LockHeld, match="could not be renewed"):
            hold.check()


def test_a_label_that_somebody_else_sets_on_the_lease_takes_nothing_away(environments: InMemoryEnvironments) -> None:
    with held(environments, PLACE, "Ada", patience=0, waiting=quiet) as hold:
        environments.write(PLACE, environments.claim(PLACE))
        hold.begin(DEED)
        hold.check()
        assert environments.claim(PLACE).last == DEED


def test_what_was_begun_and_ended_stays_noted_when_it_is_held_no_more(environments: InMemoryEnvironments) -> None:
    with held(environments, PLACE, "Ada", patience=0, waiting=quiet) as hold:
        hold.begin(DEED)
        hold.end("served")
    last = environments.claim(PLACE).last
    assert last is not None
    assert (last.release, last.outcome) == ("run 7", "served")
    assert last.ended_at


@dataclass
class Late(InMemoryEnvironments):
    """Another writes between reading and writing, once."""

    others: int = 1

    def write(self, place: Place, claim: Claim) -> Claim | None:
        if self.others:
            self.others -= 1
            super().write(place, Claim(holder="Ben", seconds=3600, renewed_at="2126-11-21T10:00:00.000000Z"))
        return super().write(place, claim)


def test_of_two_that_come_at_once_one_is_refused() -> None:
    with (
        pytest.raises(LockHeld, match="Ben"),
        held(Late(InMemoryCluster({})), PLACE, "Ada", patience=0, waiting=quiet),
    ):
        pass
