"""DVC's run cache, shared by two clones: what one computed, the other does not compute; nothing damaged is taken."""

import shutil
import subprocess
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest

from slipway.adapters.dvc import DvcPipeline
from slipway.adapters.dvc_cache import SHARED, DvcRunCache, RunCacheTwin
from slipway.core.errors import ToolFailed
from slipway.ports import RunCache
from tests.support.workspace import command_path, git

STAGES = ("validate", "prepare", "train", "incumbents", "evaluate")
DVC_YAML = """
stages:
  collect:
    foreach: ${use_cases}
    do:
      cmd: cp source.txt data/${key}/raw.parquet && echo collect >> ran.txt
      deps: [source.txt]
      outs: ['data/${key}/raw.parquet']
  validate:
    foreach: ${use_cases}
    do:
      cmd: rev data/${key}/raw.parquet > data/${key}/validation.json && echo validate >> ran.txt
      deps: ['data/${key}/raw.parquet']
      outs: ['data/${key}/validation.json': {push: false}]
  prepare:
    foreach: ${use_cases}
    do:
      cmd:
        - mkdir data/${key}/prepared && head -c 3 data/${key}/raw.parquet > data/${key}/prepared/train
        - echo prepare >> ran.txt
      deps: ['data/${key}/raw.parquet', 'data/${key}/validation.json']
      params: ['use_cases.${key}.split']
      outs: ['data/${key}/prepared': {push: false}]
  train:
    foreach: ${use_cases}
    do:
      cmd: wc data/${key}/prepared/train > data/${key}/model && echo train >> ran.txt
      deps: ['data/${key}/prepared']
      params: ['use_cases.${key}.train']
      outs: ['data/${key}/model': {push: false}]
  incumbents:
    foreach: ${use_cases}
    do:
      cmd: cp data/${key}/model data/${key}/incumbents && echo incumbents >> ran.txt
      deps: ['data/${key}/model']
      outs: ['data/${key}/incumbents': {push: false, persist: true}]
  evaluate:
    foreach: ${use_cases}
    do:
      cmd: cp data/${key}/model data/${key}/evaluation.json && echo evaluate >> ran.txt
      deps: ['data/${key}/model', 'data/${key}/incumbents']
      outs: ['data/${key}/evaluation.json': {push: false}]
"""
CONFIG = "[core]\n    remote = committed\n['remote \"committed\"']\n    url = ../data/remote\n    verify = true\n"
PARAMS = "use_cases: {churn: {split: 1, train: 1}, homes: {split: 1, train: 1}}"


class Clone:
    """A folder with the pipeline; ``ran`` is what its stages noted themselves."""

    def __init__(self, root: Path, remote: Path | str) -> None:
        self.root = root
        self.cache = DvcRunCache(root, str(remote), lambda name, stage: root / "logs" / f"{name}-{stage}.log")

    def run(self, name: str = "churn") -> list[str]:
        (self.root / "ran.txt").unlink(missing_ok=True)
        pipeline = DvcPipeline(self.root, lambda name, stage: self.root / "logs" / f"{name}-{stage}.log")
        pipeline.settle_raw(name)
        for stage in ("collect", *STAGES):
            pipeline.reproduce(stage, name)
        ran = self.root / "ran.txt"
        return ran.read_text().split() if ran.exists() else []


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return tmp_path / "shared"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository whose raw tables are in its own committed remote."""
    root = tmp_path / "origin"
    root.mkdir()
    git(root, "init", "--quiet")
    subprocess.run([command_path("dvc"), "init", "-q"], cwd=root, check=True)
    (root / ".dvc/config").write_text(CONFIG)
    (root / "dvc.yaml").write_text(DVC_YAML)
    (root / "params.yaml").write_text(PARAMS)
    (root / "source.txt").write_text("table")
    (root / ".gitignore").write_text("ran.txt\nlogs\n")
    for name in ("churn", "homes"):
        (root / "data" / name).mkdir(parents=True)
        (root / "data" / name / ".gitignore").write_text("/*\n!.gitignore\n")
    subprocess.run([command_path("dvc"), "repro", "-q", "-s", "collect@churn", "collect@homes"], cwd=root, check=True)
    subprocess.run([command_path("dvc"), "push", "-q"], cwd=root, check=True)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Collected")
    return root


def clone(origin: Path, root: Path, remote: Path) -> Clone:
    """What another machine has after a checkout."""
    git(origin, "clone", "--quiet", str(origin), str(root))
    return Clone(root, remote)


@pytest.fixture
def first(origin: Path, remote: Path) -> Clone:
    return clone(origin, origin.parent / "first", remote)


@pytest.fixture
def second(origin: Path, remote: Path) -> Clone:
    return clone(origin, origin.parent / "second", remote)


def test_what_one_clone_computed_the_other_does_not(first: Clone, second: Clone) -> None:
    assert first.run() == list(STAGES)
    assert first.cache.push("churn") == SHARED[1:]
    assert second.cache.pull("churn") == SHARED[1:]
    assert second.run() == ["incumbents", "evaluate"]
    assert (second.root / "data/churn/model").read_text() == (first.root / "data/churn/model").read_text()


def test_neither_way_changes_a_file_that_git_tracks(first: Clone, second: Clone) -> None:
    first.run()
    before = git(first.root, "status", "--porcelain")
    first.cache.push("churn")
    second.cache.pull("churn")
    assert git(first.root, "status", "--porcelain") == before
    assert git(second.root, "status", "--porcelain") == ""


def test_only_the_named_use_case_travels(first: Clone, second: Clone, remote: Path) -> None:
    first.run("homes")
    first.run("churn")
    first.cache.push("churn")
    runs = [path.read_text() for path in (remote / "runs").rglob("*") if path.is_file()]
    assert len(runs) == len(SHARED) - 1
    assert [run for run in runs if "homes" in run] == []


def test_a_change_makes_only_what_follows_from_it_run(first: Clone, second: Clone) -> None:
    first.run()
    first.cache.push("churn")
    (second.root / "params.yaml").write_text(PARAMS.replace("train: 1", "train: 2"))
    assert second.cache.pull("churn") == ("validate", "prepare")
    assert second.run() == ["train", "incumbents", "evaluate"]


def test_another_table_that_was_collected_travels_too(first: Clone, second: Clone) -> None:
    for clone in (first, second):
        (clone.root / "source.txt").write_text("new table")
    assert first.run() == ["collect", *STAGES]
    first.cache.push("churn")
    assert second.cache.pull("churn") == SHARED
    assert second.run() == ["incumbents", "evaluate"]


def test_pushing_and_pulling_twice_is_doing_it_once(first: Clone, second: Clone, remote: Path) -> None:
    first.run()
    first.cache.push("churn")
    before = sorted(path for path in remote.rglob("*") if path.is_file())
    first.cache.push("churn")
    assert sorted(path for path in remote.rglob("*") if path.is_file()) == before
    second.cache.pull("churn")
    assert second.cache.pull("churn") == SHARED[1:]


def test_from_an_empty_cache_comes_nothing(second: Clone) -> None:
    assert second.cache.pull("churn") == ()
    assert second.run() == list(STAGES)


def flip(path: Path) -> None:
    """DVC trusts a file unseen that nobody may write to, so the mode stays."""
    mode, content = path.stat().st_mode, path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    path.chmod(mode)


@pytest.mark.parametrize("part", ["files", "runs"])
def test_a_flipped_byte_is_never_used_and_mends_itself(
    origin: Path, first: Clone, second: Clone, remote: Path, part: str
) -> None:
    first.run()
    first.cache.push("churn")
    for path in (remote / part).rglob("*"):
        if path.is_file():
            flip(path)
    with pytest.raises(ToolFailed, match="damaged") if part == "files" else nullcontext():
        assert second.cache.pull("churn") == ()
    assert second.run() == list(STAGES)
    assert (second.root / "data/churn/model").read_text() == (first.root / "data/churn/model").read_text()
    second.cache.push("churn")
    third = clone(origin, origin.parent / "third", remote)
    with suppress(ToolFailed):  # a file in a folder whose list was damaged too is met only now
        third.cache.pull("churn")
    third.run()
    third.cache.push("churn")
    fourth = clone(origin, origin.parent / "fourth", remote)
    assert fourth.cache.pull("churn") == SHARED[1:]
    assert fourth.run() == ["incumbents", "evaluate"]


def test_an_output_that_was_lost_is_computed_again(first: Clone, second: Clone, remote: Path) -> None:
    first.run()
    first.cache.push("churn")
    shutil.rmtree(remote / "files")
    with pytest.raises(ToolFailed, match="missing"):
        second.cache.pull("churn")
    assert second.run() == list(STAGES)


@pytest.mark.parametrize(
    "url", ["s3://bob:hunter2@nobody.example.org/cache?token=s3cret", "http://127.0.0.1:1/cache", "nothing://x"]
)
def test_a_remote_that_cannot_be_had_is_told_without_its_secrets(first: Clone, url: str) -> None:
    first.run()
    cache = DvcRunCache(first.root, url, first.cache.log)
    for move in (cache.pull, cache.push):
        with pytest.raises(ToolFailed) as failed:
            move("churn")
        assert not [secret for secret in ("hunter2", "s3cret") if secret in str(failed.value)]
    assert "hunter2" not in repr(cache)


def test_a_remote_that_may_not_be_written_is_told(first: Clone, tmp_path: Path) -> None:
    first.run()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ToolFailed):
        DvcRunCache(first.root, str(tmp_path / "file" / "cache"), first.cache.log).push("churn")


def test_the_twin_shares_as_it_is_told() -> None:
    twin: RunCache = RunCacheTwin(here={"churn": {"validate", "train"}})
    assert twin.push("churn") == twin.pull("churn") == ("validate", "train")
    assert twin.pull("homes") == ()
    with pytest.raises(ToolFailed):
        RunCacheTwin(reachable=False).pull("churn")
