from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.dvc import PipelineTwin
from slipway.core.errors import ChampionMoved, EndpointFailed, StageFailed
from slipway.core.evaluation import Decision, Incumbents, Opponent
from slipway.core.record import Record
from slipway.core.stage_result import StageResult
from slipway.stages.sequence import CACHED, Sequence, Step
from slipway.stages.serve import Trial
from slipway.workspace.files import write_document
from slipway.workspace.paths import Paths
from tests.support.records import record

TRIAL = Trial(curl="curl", answer="{}")
REGISTERED = StageResult(use_case="churn", stage="register", status="done", headline="version 1", seconds=0.1)


class Watcher:
    def __init__(self) -> None:
        self.steps: list[Step] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[Step]:
        self.steps.append(Step(name))
        yield self.steps[-1]

    @property
    def ran(self) -> list[str]:
        return [step.name for step in self.steps if step.ran]


def sequence(
    root: Path,
    pipeline: PipelineTwin,
    watcher: Watcher,
    register: Callable[[], StageResult] = lambda: REGISTERED,
    seal: Callable[[], Record] = record,
) -> Sequence:
    return Sequence(Paths(root, "churn"), pipeline, seal, lambda: TRIAL, register, watcher)


def pipeline(ran: list[str]) -> PipelineTwin:
    return PipelineTwin({stage: lambda _, stage=stage: ran.append(stage) for stage in CACHED})  # type: ignore[misc]


def test_stages_run_in_order_and_end_in_the_registry(tmp_path: Path) -> None:
    ran: list[str] = []
    watcher = Watcher()
    sequence(tmp_path, pipeline(ran), watcher).run()
    assert ran == list(CACHED)
    assert watcher.ran == [*CACHED, "endpoint", "register"]
    assert watcher.steps[-1].found == "version 1"


def test_what_is_done_is_shown_as_it_is(tmp_path: Path) -> None:
    twin = pipeline([])
    sequence(tmp_path, twin, Watcher()).run()
    again = Watcher()
    sequence(tmp_path, twin, again).run()
    assert again.ran == ["endpoint", "register"]


def test_a_failed_stage_speaks_in_its_own_words(tmp_path: Path) -> None:
    def fail(_: str) -> None:
        told = StageResult(
            use_case="churn",
            stage="train",
            status="failed",
            headline="one class",
            seconds=1,
            next_step="n",
            exit_code=23,
        )
        write_document(Paths(tmp_path, "churn").result("train"), told)
        raise StageFailed("train failed", cause="", next_step="")

    twin = PipelineTwin({**pipeline([]).stages, "train": fail})
    with pytest.raises(StageFailed, match="one class") as failed:
        sequence(tmp_path, twin, Watcher()).run()
    assert failed.value.exit_code == 23


def test_a_champion_that_moved_is_met_in_a_second_judgement(tmp_path: Path) -> None:
    ran: list[str] = []
    moved = [ChampionMoved("moved", cause="", next_step="")]

    def register() -> StageResult:
        if moved:
            raise moved.pop()
        return REGISTERED

    sequence(tmp_path, pipeline(ran), Watcher(), register).run()
    assert ran == [*CACHED, "incumbents", "evaluate"]


NOBODY = Incumbents(registry="unreachable", champion=None, anchor=None, main=None, holdout_digest="0", holdout_uses=0)
BROKEN = Opponent(version="1", record_digest="0", model_digest="0", problem="cannot be loaded")


@pytest.mark.parametrize(
    "found",
    [NOBODY, NOBODY.model_copy(update={"registry": "reachable", "champion": BROKEN})],
    ids=["registry", "champion"],
)
def test_who_was_out_of_reach_is_looked_up_again(tmp_path: Path, found: Incumbents) -> None:
    ran: list[str] = []
    twin = pipeline(ran)
    sequence(tmp_path, twin, Watcher()).run()
    ran.clear()
    write_document(Paths(tmp_path, "churn").incumbents / "incumbents.json", found)
    sequence(tmp_path, twin, Watcher()).run()
    assert ran == ["incumbents"]


def test_a_model_whose_endpoint_fails_is_not_registered(tmp_path: Path) -> None:
    def fail() -> Trial:
        raise EndpointFailed("no answer", cause="", next_step="")

    watcher = Watcher()
    run = replace(sequence(tmp_path, pipeline([]), watcher), try_out=fail)
    with pytest.raises(EndpointFailed):
        run.run()
    assert watcher.ran == [*CACHED, "endpoint"]


def test_a_rejected_candidate_is_registered_but_not_tried_out(tmp_path: Path) -> None:
    watcher = Watcher()
    ending = sequence(tmp_path, pipeline([]), watcher, seal=lambda: record(Decision.REJECT)).run()
    assert ending.trial is None
    assert watcher.ran == [*CACHED, "register"]


@pytest.mark.parametrize("last", CACHED)
def test_a_run_ends_with_the_stage_it_is_to_end_with(tmp_path: Path, last: str) -> None:
    ran: list[str] = []
    watcher = Watcher()
    sealed = sequence(tmp_path, pipeline(ran), watcher).run_until(last)
    assert ran == watcher.ran == list(CACHED[: CACHED.index(last) + 1])
    assert sealed == (record() if last == "evaluate" else None)


def killed(_: str) -> None:
    raise StageFailed("train failed", cause="killed", next_step="")


def broken(_: str = "") -> Trial:
    raise EndpointFailed("no answer", cause="", next_step="")


@pytest.mark.parametrize("stage", ["train", "endpoint", "evaluate"], ids=["killed", "no answer", "not sealed"])
def test_a_failure_that_no_stage_could_tell_is_told_once(tmp_path: Path, stage: str) -> None:
    told: list[tuple[str, str]] = []
    twin = PipelineTwin({**pipeline([]).stages, **({"train": killed} if stage == "train" else {})})
    run = sequence(tmp_path, twin, Watcher(), seal=broken if stage == "evaluate" else record)  # type: ignore[arg-type]
    run = replace(run, try_out=broken, tell=lambda name, error: told.append((name, error.what)))
    with pytest.raises((StageFailed, EndpointFailed)):
        run.run()
    assert told == [(stage, "train failed" if stage == "train" else "no answer")]


def test_a_failure_that_a_stage_has_told_is_not_told_again(tmp_path: Path) -> None:
    told: list[str] = []

    def fail(_: str) -> None:
        result = REGISTERED.model_copy(update={"stage": "train", "status": "failed"})
        write_document(Paths(tmp_path, "churn").result("train"), result)
        killed("")

    twin = PipelineTwin({**pipeline([]).stages, "train": fail})
    run = replace(sequence(tmp_path, twin, Watcher()), tell=lambda name, error: told.append(name))
    for _ in range(2):
        with pytest.raises(StageFailed):
            run.run()
    assert told == []
