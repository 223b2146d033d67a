"""Trials on folds of a small table, with the search in memory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slipway.adapters.search_twin import RandomSearch
from slipway.core.errors import DataMissing, ParamsInvalid, TrainingFailed
from slipway.core.params import LightGBMParams, RangeParams, SplitParams, TuneParams, UseCaseParams
from slipway.core.task import Task
from slipway.core.tuning import Trial, TrialState, Tuning
from slipway.core.use_case import Numeric, UseCase
from slipway.ports import Search
from slipway.stages.prepare import prepare
from slipway.stages.propose import apply, proposed
from slipway.stages.tune import Bench, Effort, conclude, set_up, work
from slipway.workspace.params import parse_params
from slipway.workspace.paths import Paths

TEXT = """\
use_cases:
  small:
    split: {holdout_share: 0.3}
    train: {estimator: lightgbm, n_estimators: 2, num_leaves: 2, learning_rate: 0.3}
    evaluate: {}
    gates:
      absolute: []
      baseline: {metric: METRIC}
      champion: {metric: METRIC}
      anchor: {metric: METRIC}
      slices: {metric: METRIC}
"""
METRICS = {Task.CLASSIFICATION: "roc_auc", Task.REGRESSION: "rmse"}


def use_case(task: Task) -> UseCase:
    return UseCase(
        name="small", title="Small", task=task, target="y", positive=1 if task is Task.CLASSIFICATION else None,
        key=("id",), features=(Numeric("a"), Numeric("b")), collect=lambda _: pd.DataFrame(), expectations=(),
    )  # fmt: skip


def table(task: Task) -> pd.DataFrame:
    dice = np.random.default_rng(3)
    a, b, noise = dice.normal(size=400), dice.normal(size=400), dice.normal(size=400)
    y = 2 * a - b + noise
    outcome = (y > 0).astype(int) if task is Task.CLASSIFICATION else y
    return pd.DataFrame({"id": range(400), "day": dice.permutation(400), "a": a, "b": b, "y": outcome})


def params(task: Task, **tune: object) -> UseCaseParams:
    section = parse_params(TEXT.replace("METRIC", METRICS[task])).use_cases["small"]
    return section.model_copy(update={"tune": TuneParams.model_validate({"folds": 3, **tune})})


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return ready(tmp_path, Task.CLASSIFICATION)


def ready(root: Path, task: Task) -> Paths:
    made = Paths(root, "small")
    made.data.mkdir(parents=True)
    table(task).to_parquet(made.raw, index=False)
    prepare(use_case(task), made, params(task).split)
    return made


def opened(paths: Paths, task: Task = Task.CLASSIFICATION, **tune: object) -> tuple[Bench, Search]:
    bench = set_up(use_case(task), paths, params(task, **tune))
    search = RandomSearch(bench.space, bench.present, seed=1, higher_is_better=bench.measure.higher_is_better)
    return bench, search


def effort(trials: int | None, stop: Callable[[], bool] = lambda: False) -> Effort:
    return Effort(trials, stop, lambda trial, known: None)


def searched(paths: Paths, task: Task = Task.CLASSIFICATION, trials: int = 4, **tune: object) -> Tuning:
    bench, search = opened(paths, task, **tune)
    work(bench, search, effort(trials))
    return conclude(bench, search)


@pytest.mark.parametrize("task", list(Task))
def test_trials_are_measured_by_the_metric_of_the_champion_s_gate(task: Task, tmp_path: Path) -> None:
    found = searched(ready(tmp_path, task), task)
    assert found.metric == METRICS[task]
    assert len(found.trials) == 4
    first = found.trials[0]
    assert (first.default, first.params["n_estimators"]) == (True, 2)
    assert found.winner is not None
    values = [trial.value for trial in found.trials if trial.value is not None]
    assert found.winner.value == (max if found.higher_is_better else min)(values)
    assert len(found.shown.by_fold) == 3


def test_the_holdout_is_never_seen(paths: Paths, tmp_path: Path) -> None:
    """Neither its file, nor what held out rows say in the raw table, changes anything."""
    before = searched(paths)
    raw = pd.read_parquet(paths.raw)
    trained = pd.read_parquet(paths.train)
    held_out = ~raw["a"].astype("float32").isin(trained["a"])
    assert 0 < held_out.sum() < 200
    raw.loc[held_out, ["a", "b"]] = 1e6
    raw.loc[held_out, "y"] = 1 - raw.loc[held_out, "y"]
    raw.to_parquet(paths.raw, index=False)
    paths.holdout.unlink()
    after = searched(paths)
    assert [trial.value for trial in after.trials] == [trial.value for trial in before.trials]
    assert after.rows == before.rows == len(trained)


def test_folds_follow_each_other_in_time_where_the_holdout_does(tmp_path: Path) -> None:
    dated = replace(use_case(Task.CLASSIFICATION), time="day")
    paths, section = Paths(tmp_path, "small"), params(Task.CLASSIFICATION)
    section = section.model_copy(update={"split": SplitParams(by="time", holdout_share=0.25)})
    paths.data.mkdir(parents=True)
    raw = table(Task.CLASSIFICATION)
    raw.assign(day=pd.Timestamp("2020-01-01") + pd.to_timedelta(raw["day"], "D")).to_parquet(paths.raw, index=False)
    prepare(dated, paths, section.split)
    bench = set_up(dated, paths, section)
    day = pd.read_parquet(paths.train)["__time__"].to_numpy()
    assert all(day[fold.learn].max() < day[fold.judge].min() for fold in bench.folds)
    assert 140 <= bench.judged.size < len(bench.inputs) == 300


def test_rows_of_another_table_are_refused(paths: Paths) -> None:
    pd.read_parquet(paths.raw).head(300).to_parquet(paths.raw, index=False)
    with pytest.raises(DataMissing, match="another table"):
        opened(paths)


def test_another_table_metric_or_parameter_begins_another_study(paths: Paths) -> None:
    bench, _ = opened(paths)
    assert opened(paths)[0].study == bench.study
    assert opened(paths, trials=99)[0].study == bench.study
    assert opened(paths, folds=4)[0].study != bench.study
    pd.read_parquet(paths.train).assign(b=0.0).to_parquet(paths.train, index=False)
    assert opened(paths)[0].study != bench.study


@pytest.mark.parametrize("file", ["src/slipway/training/new.py", "src/use_cases/small/new.py", "requirements/run.txt"])
def test_other_code_that_trains_begins_another_study(paths: Paths, file: str) -> None:
    before = opened(paths)[0].study
    (paths.root / file).parent.mkdir(parents=True)
    (paths.root / file).write_text("# changed\n")
    assert opened(paths)[0].study != before


def test_who_is_told_to_stop_gives_the_trial_back(paths: Paths) -> None:
    bench, search = opened(paths)
    asked = iter([False, False, True])
    work(bench, search, effort(4, stop=lambda: next(asked, True)))
    assert search.trials() == ()
    assert conclude(bench, search).proposal == {}
    work(bench, search, effort(4))
    assert len(search.trials()) == 4


def broken(bench: Bench) -> Bench:
    return replace(bench, inputs=bench.inputs.assign(a=["x"] * len(bench.inputs)))


def test_parameters_that_cannot_be_trained_with_fail_alone(paths: Paths) -> None:
    bench, search = opened(paths)
    work(bench, search, effort(1))
    work(broken(bench), search, effort(3))
    assert [trial.state for trial in search.trials()] == ["complete", "failed", "failed"]
    assert "x" in search.trials()[1].problem
    assert conclude(bench, search).shown.best == 0


def test_present_parameters_that_cannot_be_trained_with_end_the_search_and_are_tried_again(paths: Paths) -> None:
    bench, search = opened(paths)
    with pytest.raises(TrainingFailed, match="x"):
        work(broken(bench), search, effort(3))
    assert search.trials() == ()
    assert conclude(bench, search).proposal == {}
    work(bench, search, effort(1))
    assert [trial.default for trial in search.trials()] == [True]


def test_a_trial_that_falls_behind_is_not_trained_on_all_folds(paths: Paths) -> None:
    told: list[Trial] = []
    bench, search = opened(paths)
    work(bench, search, Effort(14, lambda: False, lambda trial, known: told.append(trial)))
    pruned = [trial for trial in told if trial.state is TrialState.PRUNED]
    assert pruned
    assert all(len(trial.steps) < 3 and trial.value is None for trial in pruned)


def test_scores_that_were_removed_leave_their_trial_out_of_the_comparison(paths: Paths) -> None:
    bench, search = opened(paths)
    work(bench, search, effort(4))
    best = conclude(bench, search).shown.best
    assert best not in {None, 0}
    bench.kept(int(best or 0)).write_bytes(b"no array")
    assert conclude(bench, search).shown.best != best
    bench.kept(0).unlink()
    assert conclude(bench, search).gain is None


def winning(paths: Paths) -> tuple[Tuning, LightGBMParams]:
    bench, search = opened(paths, space={"num_leaves": RangeParams(low=2, high=8)})
    work(bench, search, effort(3))
    found = conclude(bench, search)
    best = found.trials[-1].model_copy(update={"params": {"num_leaves": 7}})
    gain = {"value": 0.1, "low": 0.05, "high": 0.15, "relative": False}
    shown = found.shown.model_dump() | {"best": best.number, "gain": gain}
    document = found.model_dump() | {"trials": (*found.trials[:-1], best), "shown": shown}
    tuned = bench.params.train
    assert isinstance(tuned, LightGBMParams)
    return Tuning.model_validate(document), tuned


def test_a_proposal_changes_its_own_section_and_is_written_when_asked(paths: Paths) -> None:
    file = paths.root / "params.yaml"
    file.write_text(TEXT.replace("METRIC", "roc_auc"))
    found, tuned = winning(paths)
    change = proposed(paths.root, found, tuned)
    assert file.read_text() == change.before
    added = [line for line in change.diff.splitlines() if line.startswith("+ ")]
    assert added == ["+    train: {estimator: lightgbm, n_estimators: 2, num_leaves: 7, learning_rate: 0.3}"]
    apply(paths.root, change)
    assert file.read_text() == change.after


def test_params_that_were_changed_meanwhile_are_not_written_over(paths: Paths) -> None:
    (paths.root / "params.yaml").write_text(TEXT.replace("METRIC", "roc_auc").replace("0.3}", "0.2}", 2))
    found, tuned = winning(paths)
    with pytest.raises(ParamsInvalid, match="changed since the search began"):
        proposed(paths.root, found, tuned)
