"""Registering moves the aliases that the verdict says, once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.errors import BundleInvalid, ChampionMoved, DataMissing, RegistryUnreachable
from slipway.core.evaluation import Decision
from slipway.core.record import Record
from slipway.core.version import Standing
from slipway.stages.register import register
from slipway.stages.rollback import rollback
from slipway.workspace.files import write_document
from slipway.workspace.paths import Paths
from tests.support.records import comparison, digest, incumbents, record, write_bundle
from tests.support.use_cases import CHURN


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "project", "churn")


@pytest.fixture
def registry(tmp_path: Path) -> InMemoryRegistry:
    return InMemoryRegistry(tmp_path / "bundles")


Judge = Callable[..., str]


@pytest.fixture
def judge(paths: Paths, registry: InMemoryRegistry) -> Judge:
    """Seal a record about the model ``word``, judged against the present champion and anchor, and register it."""

    def judged(word: str, decision: Decision = Decision.PROMOTE, *, gain: float = -0.001, **changes: Any) -> str:
        if "incumbents" not in changes:
            now = {role: registry.aliased("churn", role) for role in ("champion", "anchor")}
            changes["incumbents"] = incumbents(now["champion"], now["anchor"])
        seal(paths, record(decision, comparisons=(comparison("anchor", gain),), **changes), word)
        return register(CHURN, paths, registry)

    return judged


def seal(paths: Paths, made: Record, word: str) -> None:
    write_document(paths.record, write_bundle(paths.bundle, made, word))


def aliases(registry: InMemoryRegistry) -> dict[str, int | None]:
    carried = {alias: version.number for version in registry.versions("churn") for alias in version.aliases}
    return {alias: carried.get(alias) for alias in ("candidate", "champion", "anchor")}


def test_the_first_promoted_model_is_candidate_champion_and_anchor(judge: Judge, registry: InMemoryRegistry) -> None:
    assert judge("a") == "version 1 registered as candidate; now champion"
    assert aliases(registry) == {"candidate": 1, "champion": 1, "anchor": 1}


@pytest.mark.parametrize("decision", [Decision.HOLD, Decision.REJECT])
def test_without_a_promote_verdict_the_champion_stays(
    judge: Judge, registry: InMemoryRegistry, decision: Decision
) -> None:
    judge("a")
    assert judge("b", decision, gain=0.01) == "version 2 registered as candidate; champion stays version 1"
    assert aliases(registry) == {"candidate": 2, "champion": 1, "anchor": 1}


def test_a_model_on_hold_does_not_become_champion_for_want_of_one(judge: Judge, registry: InMemoryRegistry) -> None:
    assert judge("a", Decision.HOLD) == "version 1 registered as candidate; there is no champion"
    assert aliases(registry) == {"candidate": 1, "champion": None, "anchor": None}


def test_a_promoted_model_takes_over_from_the_champion_it_was_judged_against(
    judge: Judge, registry: InMemoryRegistry
) -> None:
    judge("a")
    assert judge("b") == "version 2 registered as candidate; now champion instead of version 1"
    assert registry.previous_champion("churn") == 1


@pytest.mark.parametrize(("gain", "anchor"), [(0.006, 2), (0.002, 1), (-0.002, 1)])
def test_the_anchor_moves_only_to_a_champion_proved_better(
    judge: Judge, registry: InMemoryRegistry, gain: float, anchor: int
) -> None:
    judge("a")
    judge("b", gain=gain)
    assert aliases(registry)["anchor"] == anchor


def test_a_difference_to_an_anchor_that_is_no_longer_one_moves_nothing(
    judge: Judge, registry: InMemoryRegistry
) -> None:
    judge("a")
    judge("b", gain=0.01)
    first, second = registry.versions("churn")
    judge("c", gain=0.01, incumbents=incumbents(champion=second, anchor=first))
    assert aliases(registry) == {"candidate": 3, "champion": 3, "anchor": 2}


def test_registering_twice_is_registering_once(judge: Judge, registry: InMemoryRegistry, paths: Paths) -> None:
    judge("a")
    judge("b", gain=0.01)
    before = registry.versions("churn")
    assert register(CHURN, paths, registry).endswith("its model is the champion already, as version 2")
    assert registry.versions("churn") == before
    assert registry.previous_champion("churn") == 1


def test_killed_between_champion_and_anchor_a_second_run_sets_the_anchor(
    judge: Judge, registry: InMemoryRegistry, paths: Paths
) -> None:
    seal(paths, record(), "a")
    made = Record.model_validate_json(paths.record.read_text())
    registry.promote("churn", registry.register(made, paths.bundle, []).number, expected_champion=None)
    register(CHURN, paths, registry)
    assert aliases(registry)["anchor"] == 1


@pytest.mark.parametrize("decision", [Decision.PROMOTE, Decision.HOLD])
def test_another_decision_about_the_champions_own_model_moves_nothing(
    judge: Judge, registry: InMemoryRegistry, decision: Decision
) -> None:
    judge("a")
    judge("b", Decision.REJECT)
    assert judge("a", decision) == "its model is registered already, as version 1, and champion"
    assert aliases(registry) == {"candidate": 1, "champion": 1, "anchor": 1}
    assert len(registry.versions("churn")) == 2


def test_a_model_judged_against_another_champion_is_registered_but_not_promoted(
    judge: Judge, registry: InMemoryRegistry
) -> None:
    judge("a")
    with pytest.raises(ChampionMoved, match="judged against no champion"):
        judge("b", incumbents=incumbents())
    assert aliases(registry) == {"candidate": 2, "champion": 1, "anchor": 1}


def test_a_record_does_not_promote_itself_again_after_a_rollback(
    judge: Judge, registry: InMemoryRegistry, paths: Paths
) -> None:
    judge("a")
    judge("b", gain=0.01)
    rollback("churn", registry)
    assert register(CHURN, paths, registry).endswith("not promoted: its model was rolled back as version 2")
    assert aliases(registry) == {"candidate": 2, "champion": 1, "anchor": 1}


def test_a_new_decision_does_not_promote_a_model_that_was_rolled_back(judge: Judge, registry: InMemoryRegistry) -> None:
    judge("a")
    judge("b")
    rollback("churn", registry)
    assert judge("b", rows=1000).endswith("not promoted: its model was rolled back as version 2")
    assert aliases(registry)["champion"] == 1


def test_a_superseded_model_is_judged_anew_before_it_comes_back(
    judge: Judge, registry: InMemoryRegistry, paths: Paths
) -> None:
    judge("a")
    old = Record.model_validate_json(paths.record.read_text())
    judge("b")
    seal(paths, old, "a")
    with pytest.raises(ChampionMoved):
        register(CHURN, paths, registry)
    assert judge("a").endswith("now champion instead of version 2")
    assert [version.standing for version in registry.versions("churn")] == [
        Standing.SUPERSEDED,
        Standing.SUPERSEDED,
        Standing.CHAMPION,
    ]


def test_after_a_rollback_another_model_is_promoted_as_ever(judge: Judge, registry: InMemoryRegistry) -> None:
    judge("a")
    judge("b")
    rollback("churn", registry)
    judge("c")
    assert aliases(registry)["champion"] == 3
    assert registry.previous_champion("churn") == 1


def test_a_bundle_of_another_decision_is_refused(paths: Paths, registry: InMemoryRegistry) -> None:
    seal(paths, record(), "a")
    write_bundle(paths.bundle, record(), "b")
    with pytest.raises(BundleInvalid, match="another decision"):
        register(CHURN, paths, registry)
    assert registry.versions("churn") == ()


def test_without_a_record_nothing_is_registered(paths: Paths, registry: InMemoryRegistry) -> None:
    with pytest.raises(DataMissing, match=r"record\.json"):
        register(CHURN, paths, registry)


def test_an_unreachable_registry_is_told_and_the_next_run_picks_up_there(
    judge: Judge, registry: InMemoryRegistry, paths: Paths
) -> None:
    registry.reachable = False
    seal(paths, record(), "a")
    with pytest.raises(RegistryUnreachable):
        register(CHURN, paths, registry)
    registry.reachable = True
    assert register(CHURN, paths, registry).endswith("now champion")


def test_another_signature_is_another_champion_though_the_model_is_the_same(
    judge: Judge, registry: InMemoryRegistry
) -> None:
    judge("a")
    judged = judge("a", signature_digest=digest("warns of what is out of range"))
    assert judged == "version 2 registered as candidate; now champion instead of version 1"


def test_a_champion_whose_signature_nobody_noted_is_replaced_by_the_same_model(
    judge: Judge, registry: InMemoryRegistry
) -> None:
    judge("a", signature_digest="")
    assert judge("a", rows=1000, signature_digest="").endswith("now champion instead of version 1")


def test_a_version_whose_signature_nobody_noted_is_still_known_as_itself(
    judge: Judge, registry: InMemoryRegistry, paths: Paths
) -> None:
    judge("a", signature_digest="")
    assert register(CHURN, paths, registry).endswith("its model is the champion already, as version 1")
