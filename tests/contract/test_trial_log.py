"""MLflow and its twin keep every trial of a study below one entry, once."""

import shutil
from pathlib import Path

import pytest

from slipway.adapters.mlflow.boundary import connect
from slipway.adapters.mlflow.trials import STUDY, TRIAL, InMemoryTrials, MlflowTrials
from slipway.core.errors import RegistryUnreachable
from slipway.core.tuning import Trial, TrialState
from slipway.ports import TrialLog
from tests.support.tunings import trial, tuning


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database; making one takes longer than a test."""
    path = tmp_path_factory.mktemp("empty") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


class _Told:
    """A log, and what can be read in it."""

    def __init__(self, log: TrialLog, uri: str | None) -> None:
        self.log, self._uri = log, uri

    def numbers(self, study: str) -> list[int]:
        if isinstance(self.log, InMemoryTrials):
            return sorted(self.log.studies[study])
        return sorted(int(run.data.tags[TRIAL]) for run in self.nested(study))

    def nested(self, study: str) -> list:  # type: ignore[type-arg]
        client = connect(str(self._uri))
        experiment = client.get_experiment_by_name("slipway/churn/tuning").experiment_id
        [parent] = client.search_runs([experiment], f"tags.`{STUDY}` = '{study}'")
        return list(client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"))


@pytest.fixture(params=["mlflow", "twin"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> _Told:
    if request.param == "twin":
        return _Told(InMemoryTrials(), None)
    shutil.copyfile(request.getfixturevalue("database"), tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    return _Told(MlflowTrials(uri, tmp_path / "artifacts"), uri)


def ended() -> tuple[Trial, ...]:
    pruned = trial(1, 0.8).model_copy(update={"state": TrialState.PRUNED, "value": None})
    failed = trial(2, 0.8).model_copy(update={"state": TrialState.FAILED, "value": None, "problem": "too deep"})
    return trial(0, 0.84, default=True), pruned, failed


def test_every_ended_trial_is_kept_and_none_that_is_at_work(told: _Told) -> None:
    at_work = trial(3, 0.8).model_copy(update={"state": TrialState.RUNNING, "value": None})
    told.log.record(tuning(trials=(*ended(), at_work)))
    assert told.numbers("study") == [0, 1, 2]


def test_recording_twice_is_recording_once_and_new_trials_join_their_study(told: _Told) -> None:
    told.log.record(tuning(trials=ended()))
    told.log.record(tuning(trials=ended()))
    told.log.record(tuning(trials=(*ended(), trial(3, 0.85))))
    told.log.record(tuning(study="another", trials=ended()))
    assert told.numbers("study") == [0, 1, 2, 3]
    assert told.numbers("another") == [0, 1, 2]


@pytest.mark.parametrize("told", ["mlflow"], indirect=True)
def test_a_run_shows_parameters_value_and_how_it_ended(told: _Told) -> None:
    told.log.record(tuning(trials=ended()))
    runs = {int(run.data.tags[TRIAL]): run for run in told.nested("study")}
    assert runs[0].data.metrics == {"roc_auc": 0.84, "roc_auc so far": 0.84}
    assert runs[0].data.params == {"num_leaves": "8", "learning_rate": "0.04"}
    assert [runs[number].info.status for number in range(3)] == ["FINISHED", "FINISHED", "FAILED"]
    assert runs[2].data.tags["slipway.problem"] == "too deep"


@pytest.mark.parametrize("told", ["mlflow"], indirect=True)
def test_a_run_that_a_killed_process_left_open_is_made_anew(told: _Told) -> None:
    told.log.record(tuning(trials=ended()))
    client = connect(str(told._uri))
    half = told.nested("study")[0]
    client.update_run(half.info.run_id, status="RUNNING")
    told.log.record(tuning(trials=ended()))
    assert told.numbers("study") == [0, 1, 2]
    assert half.info.run_id not in {run.info.run_id for run in told.nested("study")}


def test_a_server_that_does_not_answer_is_told() -> None:
    with pytest.raises(RegistryUnreachable):
        MlflowTrials("http://127.0.0.1:9").record(tuning(trials=ended()))
