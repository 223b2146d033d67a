"""Looking up whom the candidate is up against never stops a run."""

import json
from pathlib import Path

import pytest

from slipway.adapters.git import GitTwin
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.errors import DataMissing
from slipway.core.evaluation import Decision, Incumbents
from slipway.stages.incumbents import look_up
from slipway.workspace import bundle
from slipway.workspace.files import file_digest
from slipway.workspace.paths import Paths
from tests.support.records import digest, record, write_bundle, write_model
from tests.support.use_cases import CHURN

METRICS = ("main", "data/churn/metrics.json")


@pytest.fixture
def registry(tmp_path: Path) -> InMemoryRegistry:
    return InMemoryRegistry(tmp_path / "bundles")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A project where the model "candidate" was trained."""
    made = Paths(tmp_path / "project", "churn")
    made.model.mkdir(parents=True)
    made.holdout.parent.mkdir(parents=True)
    made.holdout.write_bytes(b"rows")
    write_model(made.model / "model.onnx", "candidate")
    return made


def registered(registry: InMemoryRegistry, folder: Path, word: str, holdout: str) -> int:
    made = write_bundle(folder / word, record(Decision.HOLD, holdout_digest=holdout), word)
    return registry.register(made, folder / word, []).number


def found(paths: Paths) -> Incumbents:
    return Incumbents.model_validate_json((paths.incumbents / "incumbents.json").read_text())


def test_a_first_model_has_nobody_against_it(paths: Paths, registry: InMemoryRegistry) -> None:
    told = look_up(CHURN, paths, registry, GitTwin(), "main")
    assert told == "no champion, no anchor, holdout used 0 times before"
    assert found(paths) == Incumbents(
        registry="reachable",
        champion=None,
        anchor=None,
        main=None,
        holdout_digest=file_digest(paths.holdout),
        holdout_uses=0,
    )


def test_champion_and_anchor_are_brought_with_their_bundles(
    paths: Paths, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    anchor, champion = (registered(registry, tmp_path / "made", word, digest("other")) for word in ("a", "b"))
    registry.set_alias("churn", "anchor", anchor)
    registry.promote("churn", champion, expected_champion=None)
    told = look_up(CHURN, paths, registry, GitTwin(), "main")
    assert told.startswith("champion version 2, anchor version 1")
    seen = found(paths)
    assert seen.champion is not None
    assert seen.anchor is not None
    assert (seen.champion.version, seen.anchor.version) == ("2", "1")
    for role, opponent in (("champion", seen.champion), ("anchor", seen.anchor)):
        assert opponent.problem is None
        assert bundle.verify(paths.incumbents / role).files["model.onnx"] == opponent.model_digest


def test_an_unreachable_registry_is_noted_and_judging_goes_on(paths: Paths, tmp_path: Path) -> None:
    git = GitTwin(files={METRICS: '{"roc_auc": 0.83}'})
    told = look_up(CHURN, paths, InMemoryRegistry(tmp_path, reachable=False), git, "main")
    assert told == "the registry does not answer: judged without a champion"
    seen = found(paths)
    assert (seen.registry, seen.champion, seen.holdout_uses) == ("unreachable", None, 0)
    assert seen.main is not None
    assert seen.main.metrics == {"roc_auc": 0.83}


def test_a_champion_whose_bundle_was_tampered_with_is_named_with_its_problem(
    paths: Paths, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    champion = registered(registry, tmp_path / "made", "a", digest("other"))
    registry.promote("churn", champion, expected_champion=None)
    (registry.bundle("churn", champion) / "model.onnx").write_bytes(b"another")
    told = look_up(CHURN, paths, registry, GitTwin(), "main")
    assert "champion version 1 (cannot be loaded)" in told
    seen = found(paths).champion
    assert seen is not None
    assert seen.problem is not None
    assert "model.onnx was changed" in seen.problem
    assert not (paths.incumbents / "champion").exists()


def test_every_decision_about_another_model_on_this_holdout_counts_as_a_use(
    paths: Paths, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    holdout = file_digest(paths.holdout)
    for word, rows in (("a", holdout), ("b", holdout), ("c", digest("other")), ("candidate", holdout)):
        registered(registry, tmp_path / "made", word, rows)
    look_up(CHURN, paths, registry, GitTwin(), "main")
    assert found(paths).holdout_uses == 2


def test_looking_twice_finds_the_same_bytes(paths: Paths, registry: InMemoryRegistry, tmp_path: Path) -> None:
    registry.promote("churn", registered(registry, tmp_path / "made", "a", digest("other")), expected_champion=None)
    listings = []
    for _ in range(2):
        look_up(CHURN, paths, registry, GitTwin(), "main")
        files = sorted(path for path in paths.incumbents.rglob("*") if path.is_file())
        listings.append({str(path.relative_to(paths.incumbents)): file_digest(path) for path in files})
    assert listings[0] == listings[1]


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", '{"roc_auc": null, "f1": "high", "brier": true, "x": NaN}'])
def test_metrics_on_main_that_make_no_sense_are_no_metrics(paths: Paths, registry: InMemoryRegistry, text: str) -> None:
    look_up(CHURN, paths, registry, GitTwin(files={METRICS: text}), "main")
    assert found(paths).main is None


def test_metrics_on_main_are_read_from_the_base_reference(paths: Paths, registry: InMemoryRegistry) -> None:
    git = GitTwin(files={("origin/main", METRICS[1]): json.dumps({"roc_auc": 0.83, "f1": None})})
    look_up(CHURN, paths, registry, git, "origin/main")
    main = found(paths).main
    assert main is not None
    assert (main.reference, main.metrics) == ("origin/main", {"roc_auc": 0.83})


@pytest.mark.parametrize("absent", ["holdout", "model"])
def test_before_there_is_a_model_there_is_nothing_to_look_up(
    paths: Paths, registry: InMemoryRegistry, absent: str
) -> None:
    {"holdout": paths.holdout, "model": paths.model / "model.onnx"}[absent].unlink()
    with pytest.raises(DataMissing, match="does not exist"):
        look_up(CHURN, paths, registry, GitTwin(), "main")
