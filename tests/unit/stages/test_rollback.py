"""A rollback goes one promotion back, every time."""

from pathlib import Path

import pytest

from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.errors import VersionUnknown
from slipway.core.version import Standing
from slipway.stages.rollback import rollback
from tests.support.records import record, write_bundle


@pytest.fixture
def registry(tmp_path: Path) -> InMemoryRegistry:
    return InMemoryRegistry(tmp_path / "bundles")


def promoted(registry: InMemoryRegistry, folder: Path, *words: str) -> None:
    for word in words:
        champion = registry.aliased("churn", "champion")
        number = registry.register(write_bundle(folder / word, record(), word), folder / word, []).number
        registry.promote("churn", number, expected_champion=champion.number if champion else None)


def carrier(registry: InMemoryRegistry, alias: str) -> int:
    version = registry.aliased("churn", alias)
    assert version is not None
    return version.number


def test_the_champion_before_is_champion_again(registry: InMemoryRegistry, tmp_path: Path) -> None:
    promoted(registry, tmp_path, "a", "b")
    assert rollback("churn", registry) == "version 1 is champion of churn again; version 2 is withdrawn"
    assert carrier(registry, "champion") == 1
    assert registry.versions("churn")[1].standing is Standing.WITHDRAWN


def test_rolling_back_again_goes_further_back_and_then_refuses(registry: InMemoryRegistry, tmp_path: Path) -> None:
    promoted(registry, tmp_path, "a", "b", "c")
    rollback("churn", registry)
    rollback("churn", registry)
    assert carrier(registry, "champion") == 1
    with pytest.raises(VersionUnknown, match="no champion before version 1"):
        rollback("churn", registry)
    assert carrier(registry, "champion") == 1


def test_what_was_rolled_back_is_never_gone_back_to(registry: InMemoryRegistry, tmp_path: Path) -> None:
    promoted(registry, tmp_path, "a", "b")
    rollback("churn", registry)
    promoted(registry, tmp_path, "c")
    rollback("churn", registry)
    assert carrier(registry, "champion") == 1


def test_a_withdrawn_anchor_leaves_its_place_to_the_restored_champion(
    registry: InMemoryRegistry, tmp_path: Path
) -> None:
    promoted(registry, tmp_path, "a", "b")
    registry.set_alias("churn", "anchor", 2)
    assert rollback("churn", registry).startswith("version 1 is champion and anchor of churn again")
    assert carrier(registry, "anchor") == 1


def test_an_anchor_that_is_another_version_stays(registry: InMemoryRegistry, tmp_path: Path) -> None:
    promoted(registry, tmp_path, "a", "b", "c")
    registry.set_alias("churn", "anchor", 1)
    rollback("churn", registry)
    assert carrier(registry, "anchor") == 1


def test_killed_after_the_anchor_moved_and_run_again_it_goes_back_once(
    registry: InMemoryRegistry, tmp_path: Path
) -> None:
    promoted(registry, tmp_path, "a", "b", "c")
    registry.set_alias("churn", "anchor", 3)
    registry.set_alias("churn", "anchor", 2)
    rollback("churn", registry)
    assert (carrier(registry, "champion"), carrier(registry, "anchor")) == (2, 2)


def test_without_a_champion_there_is_nothing_to_roll_back(registry: InMemoryRegistry) -> None:
    with pytest.raises(VersionUnknown, match="churn has no champion"):
        rollback("churn", registry)


def test_a_version_that_is_named_is_champion_again_and_stays_it(registry: InMemoryRegistry, tmp_path: Path) -> None:
    promoted(registry, tmp_path, "a", "b", "c")
    assert rollback("churn", registry, 1) == "version 1 is champion of churn again; version 3 is withdrawn"
    assert rollback("churn", registry, 1) == "version 1 is champion of churn"
    assert carrier(registry, "champion") == 1


def test_a_version_that_never_was_champion_is_not_gone_back_to(registry: InMemoryRegistry, tmp_path: Path) -> None:
    promoted(registry, tmp_path, "a", "b")
    registry.register(write_bundle(tmp_path / "c", record(), "c"), tmp_path / "c", [])
    with pytest.raises(VersionUnknown, match="version 3 of churn was never champion"):
        rollback("churn", registry, 3)
    assert carrier(registry, "champion") == 2
