"""DVC and its twin do the same with stages that are done, forced or failing."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.adapters.dvc import DvcPipeline, PipelineTwin
from slipway.core.errors import DataMissing, StageFailed, ToolFailed
from slipway.ports import Pipeline
from tests.support.workspace import command_path

DVC_YAML = """
stages:
  collect:
    foreach: ${use_cases}
    do:
      cmd: cp source.txt data/${key}/raw.parquet && echo ran >> ran.txt
      deps: [source.txt]
      outs: ['data/${key}/raw.parquet']
  train:
    foreach: ${use_cases}
    do:
      cmd: test ! -e broken || exit 30; cp data/${key}/raw.parquet data/${key}/model && echo ran >> ran.txt
      deps: ['data/${key}/raw.parquet']
      outs: ['data/${key}/model']
"""


class Workbench:
    """A pipeline of two stages, how often they ran, and a switch that breaks the second."""

    def __init__(
        self, pipeline: Pipeline, runs: Callable[[], int], break_train: Callable[[], None], kept: Callable[[], str]
    ) -> None:
        self.pipeline, self.runs, self.break_train, self.kept = pipeline, runs, break_train, kept


def real(root: Path) -> Workbench:
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([command_path("dvc"), "init", "-q"], cwd=root, check=True)
    subprocess.run([command_path("dvc"), "remote", "add", "-q", "-d", "committed", "remote"], cwd=root, check=True)
    subprocess.run([command_path("dvc"), "remote", "modify", "committed", "verify", "true"], cwd=root, check=True)
    (root / "dvc.yaml").write_text(DVC_YAML)
    (root / "params.yaml").write_text("use_cases: {churn: {}}")
    (root / "source.txt").write_text("table")
    (root / "data" / "churn").mkdir(parents=True)
    ran = root / "ran.txt"
    ran.touch()
    pipeline = DvcPipeline(root, lambda name, stage: root / "logs" / f"{name}-{stage}.log")

    def kept() -> str:
        pipeline.reproduce("collect", "churn")
        return digest_of("table")

    return Workbench(pipeline, lambda: len(ran.read_text().splitlines()), (root / "broken").touch, kept)


def digest_of(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def twin(root: Path) -> Workbench:
    ran: list[str] = []
    broken: list[bool] = []

    def train(name: str) -> None:
        if broken:
            failure = StageFailed("train failed", cause="broken", next_step="mend it")
            failure.exit_code = 30
            raise failure
        ran.append(name)

    pipeline = PipelineTwin({"collect": ran.append, "train": train})

    def kept() -> str:
        (root / "kept").write_text("table")
        pipeline.kept[digest_of("table")] = root / "kept"
        return digest_of("table")

    return Workbench(pipeline, lambda: len(ran), lambda: broken.append(True), kept)


@pytest.fixture(params=[real, twin], ids=[command_path("dvc"), "twin"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Workbench:
    made: Workbench = request.param(tmp_path)
    return made


def test_what_is_done_is_not_done_again(bench: Workbench) -> None:
    assert [bench.pipeline.reproduce("collect", "churn") for _ in range(2)] == [True, False]
    assert bench.runs() == 1


def test_what_is_forced_is_done_again(bench: Workbench) -> None:
    bench.pipeline.reproduce("collect", "churn")
    assert bench.pipeline.reproduce("collect", "churn", force=True)
    assert bench.runs() == 2


def test_a_failing_stage_lends_its_exit_code(bench: Workbench) -> None:
    bench.pipeline.reproduce("collect", "churn")
    bench.break_train()
    with pytest.raises(StageFailed) as failed:
        bench.pipeline.reproduce("train", "churn")
    assert failed.value.exit_code == 30


def test_a_stage_that_failed_is_not_taken_for_done(bench: Workbench) -> None:
    bench.pipeline.reproduce("collect", "churn")
    bench.break_train()
    for _ in range(2):
        with pytest.raises(StageFailed):
            bench.pipeline.reproduce("train", "churn")


def test_a_table_of_another_commit_is_had_by_its_digest(bench: Workbench) -> None:
    assert bench.pipeline.kept_raw("churn", bench.kept()).read_text() == "table"


@pytest.mark.parametrize("digest", ["0" * 32, "../../secret", ""], ids=["unknown", "a path", "empty"])
def test_a_table_that_nobody_keeps_is_told(bench: Workbench, digest: str) -> None:
    with pytest.raises(DataMissing, match="cannot be had from DVC's cache or remote"):
        bench.pipeline.kept_raw("churn", digest)


def test_a_copy_without_git_is_told_so(tmp_path: Path) -> None:
    real(tmp_path)
    shutil.rmtree(tmp_path / ".git")
    pipeline = DvcPipeline(tmp_path, lambda name, stage: tmp_path / f"{name}-{stage}.log")
    with pytest.raises(ToolFailed, match="is in no Git repository"):
        pipeline.reproduce("collect", "churn")


def collected_and_pushed(root: Path) -> DvcPipeline:
    pipeline = real(root).pipeline
    pipeline.reproduce("collect", "churn")
    subprocess.run([command_path("dvc"), "push", "-q"], cwd=root, check=True)
    subprocess.run(["rm", "-rf", ".dvc/cache", "data/churn/raw.parquet"], cwd=root, check=True)
    assert isinstance(pipeline, DvcPipeline)
    return DvcPipeline(root, pipeline.log)


def test_raw_data_that_the_lock_names_is_brought_from_the_remote(tmp_path: Path) -> None:
    told = collected_and_pushed(tmp_path).settle_raw("churn")
    assert told == "data/churn/raw.parquet was brought from the DVC remote"
    assert (tmp_path / "data/churn/raw.parquet").read_text() == "table"


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_raw_data_that_the_remote_cannot_give_is_told(tmp_path: Path, damage: str) -> None:
    pipeline = collected_and_pushed(tmp_path)
    [stored] = [path for path in (tmp_path / "remote").rglob("*") if path.is_file()]
    stored.chmod(0o644)
    stored.write_text("other") if damage == "corrupt" else stored.unlink()
    with pytest.raises(DataMissing, match="cannot be had from the DVC remote"):
        pipeline.settle_raw("churn")
    assert not (tmp_path / "data/churn/raw.parquet").exists()


def with_a_damaged_cache(root: Path) -> DvcPipeline:
    pipeline = collected_and_pushed(root)
    pipeline.settle_raw("churn")
    [cached] = (path for path in (root / ".dvc/cache/files").rglob("*") if path.is_file())
    cached.chmod(0o644)
    cached.write_text("other")
    cached.chmod(0o444)
    (root / "data/churn/raw.parquet").unlink()
    return DvcPipeline(root, pipeline.log)


def test_raw_data_that_is_damaged_in_the_cache_is_brought_from_the_remote(tmp_path: Path) -> None:
    pipeline = with_a_damaged_cache(tmp_path)
    pipeline.settle_raw("churn")
    assert (tmp_path / "data/churn/raw.parquet").read_text() == "table"


def test_raw_data_that_is_damaged_in_the_cache_and_nowhere_else_is_told(tmp_path: Path) -> None:
    pipeline = with_a_damaged_cache(tmp_path)
    subprocess.run(["rm", "-rf", "remote"], cwd=tmp_path, check=True)
    with pytest.raises(DataMissing, match="cannot be had from the DVC remote"):
        pipeline.settle_raw("churn")
    assert not (tmp_path / "data/churn/raw.parquet").exists()


def test_raw_data_changed_by_hand_is_taken_as_it_is(tmp_path: Path) -> None:
    bench = real(tmp_path)
    bench.pipeline.reproduce("collect", "churn")
    raw = tmp_path / "data/churn/raw.parquet"
    raw.unlink()
    raw.write_text("edited")
    assert "changed by hand" in str(bench.pipeline.settle_raw("churn"))
    assert not bench.pipeline.reproduce("collect", "churn")
    assert raw.read_text() == "edited"


def test_a_table_of_another_commit_is_brought_from_the_remote(tmp_path: Path) -> None:
    pipeline = collected_and_pushed(tmp_path)
    assert pipeline.kept_raw("churn", digest_of("table")).read_text() == "table"
    assert not (tmp_path / "data/churn/raw.parquet").exists()


def test_a_table_of_another_commit_that_is_damaged_in_the_cache_is_brought_again(tmp_path: Path) -> None:
    assert with_a_damaged_cache(tmp_path).kept_raw("churn", digest_of("table")).read_text() == "table"


def test_a_table_of_another_commit_that_is_damaged_everywhere_is_told(tmp_path: Path) -> None:
    pipeline = collected_and_pushed(tmp_path)
    [stored] = [path for path in (tmp_path / "remote").rglob("*") if path.is_file()]
    stored.chmod(0o644)
    stored.write_text("other")
    with pytest.raises(DataMissing, match="holds it damaged"):
        pipeline.kept_raw("churn", digest_of("table"))


def keeping(root: Path) -> DvcPipeline:
    pipeline = real(root).pipeline
    (root / ".gitignore").write_text("/data/*/*\n!/data/*/kept.dvc\n/remote\n/logs\n")
    for month in ("a/2024-01", "a/2024-02"):
        (root / f"data/churn/kept/{month}.txt").parent.mkdir(parents=True, exist_ok=True)
        (root / f"data/churn/kept/{month}.txt").write_text(month)
    pipeline.reproduce("collect", "churn")
    assert isinstance(pipeline, DvcPipeline)
    return pipeline


def test_what_a_source_keeps_is_pushed_with_the_table_and_brought_where_it_is_not(tmp_path: Path) -> None:
    pipeline = keeping(tmp_path)
    pipeline.push_raw("churn")
    shutil.rmtree(tmp_path / ".dvc/cache")
    shutil.rmtree(tmp_path / "data/churn/kept")
    assert DvcPipeline(tmp_path, pipeline.log).settle_kept("churn")
    assert (tmp_path / "data/churn/kept/a/2024-02.txt").read_text() == "a/2024-02"
    seen = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=tmp_path, capture_output=True, check=True)
    assert {line for line in seen.stdout.decode().split() if "kept" in line} == {"data/churn/kept.dvc"}


def test_what_a_source_keeps_and_is_here_is_left_alone(tmp_path: Path) -> None:
    pipeline = keeping(tmp_path)
    pipeline.push_raw("churn")
    (tmp_path / "data/churn/kept/a/2024-02.txt").write_text("newer")
    assert not pipeline.settle_kept("churn")
    assert (tmp_path / "data/churn/kept/a/2024-02.txt").read_text() == "newer"
    pipeline.push_raw("churn")
    shutil.rmtree(tmp_path / "data/churn/kept")
    DvcPipeline(tmp_path, pipeline.log).settle_kept("churn")
    assert (tmp_path / "data/churn/kept/a/2024-02.txt").read_text() == "newer"


def test_going_back_takes_the_note_of_what_is_kept_back_and_leaves_what_is_kept(tmp_path: Path) -> None:
    pipeline = keeping(tmp_path)
    pipeline.hold("churn")
    pipeline.push_raw("churn")
    assert (tmp_path / "data/churn/kept.dvc").is_file()
    pipeline.go_back("churn")
    assert not (tmp_path / "data/churn/kept.dvc").exists()
    assert (tmp_path / "data/churn/kept/a/2024-01.txt").is_file()


def test_a_source_that_keeps_nothing_leaves_no_note(tmp_path: Path) -> None:
    pipeline = collected_and_pushed(tmp_path)
    pipeline.settle_raw("churn")
    pipeline.push_raw("churn")
    assert not pipeline.settle_kept("churn")
    assert not (tmp_path / "data/churn/kept.dvc").exists()
