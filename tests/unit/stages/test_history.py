"""History tells every version with its verdict."""

from pathlib import Path

from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.evaluation import Decision
from slipway.stages.history import COLUMNS, history, rows
from tests.support.records import record, write_bundle


def test_every_version_is_told_with_its_verdict_newest_first(tmp_path: Path) -> None:
    registry = InMemoryRegistry(tmp_path / "bundles")
    for word, decision in (("a", Decision.PROMOTE), ("b", Decision.REJECT)):
        registry.register(write_bundle(tmp_path / word, record(decision), word), tmp_path / word, [])
    registry.promote("churn", 1, expected_champion=None)
    found = history("churn", registry)
    assert [version.number for version in found] == [1, 2]
    table = [dict(zip(COLUMNS, row, strict=True)) for row in rows(found)]
    shown = [(row["version"], row["aliases"], row["verdict"], row["standing"], row["reason"]) for row in table]
    assert shown == [
        ("2", "candidate", "reject", "", "the gates say reject"),
        ("1", "champion", "promote", "champion", "the gates say promote"),
    ]
    assert table[0]["metric"] == "roc_auc 0.8400"
    assert table[0]["commit"] == "012345678"


def test_a_use_case_without_versions_has_an_empty_history(tmp_path: Path) -> None:
    assert history("churn", InMemoryRegistry(tmp_path)) == ()
