"""MLflow and its twin keep every look once, and give the newest first."""

import shutil
from pathlib import Path

import pytest

from slipway.adapters.mlflow.boundary import connect
from slipway.adapters.mlflow.watches import LOOK, InMemoryWatches, MlflowWatches
from slipway.core.errors import RegistryUnreachable
from slipway.ports import Watches
from tests.support.looks import DRIFT, watch


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database; making one takes longer than a test."""
    path = tmp_path_factory.mktemp("empty") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def mlflow_watches(tmp_path: Path, database: Path) -> MlflowWatches:
    shutil.copyfile(database, tmp_path / "mlflow.db")
    return MlflowWatches(f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "artifacts")


@pytest.fixture(params=["mlflow", "twin"])
def watches(request: pytest.FixtureRequest) -> Watches:
    made: Watches = InMemoryWatches() if request.param == "twin" else request.getfixturevalue("mlflow_watches")
    return made


def test_nothing_was_looked_at_yet(watches: Watches) -> None:
    assert watches.latest("churn", 5) == ()


def test_a_look_comes_back_as_it_was_kept(watches: Watches) -> None:
    kept = watch(DRIFT, standing=("drift of tenure",))
    watches.keep(kept)
    assert watches.latest("churn", 5) == (kept,)


def test_the_newest_come_first_and_no_more_than_asked(watches: Watches) -> None:
    for day in (10, 8, 12, 9):
        watches.keep(watch(made_at=f"2026-03-{day:02d}T00:00:00+00:00"))
    assert [look.made_at[8:10] for look in watches.latest("churn", 3)] == ["12", "10", "09"]


def test_kept_again_it_is_kept_once_and_another_span_or_version_is_another_look(watches: Watches) -> None:
    for look in (watch(), watch(), watch(version=4), watch(made_at="2026-03-09T00:00:00+00:00")):
        watches.keep(look)
    assert len(watches.latest("churn", 10)) == 3


def test_use_cases_do_not_see_each_other(watches: Watches) -> None:
    watches.keep(watch())
    watches.keep(watch(use_case="homes"))
    assert [look.use_case for look in watches.latest("homes", 5)] == ["homes"]


def test_a_run_tells_the_decision_and_one_that_a_killed_process_left_open_is_made_anew(
    mlflow_watches: MlflowWatches, tmp_path: Path
) -> None:
    mlflow_watches.keep(watch(DRIFT))
    client = connect(f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.get_experiment_by_name("slipway/churn/monitor").experiment_id
    [run] = client.search_runs([experiment])
    assert run.data.tags["slipway.retrain"] == "no"
    assert run.data.tags["slipway.alarms"] == "drift of tenure"
    assert run.data.metrics["predictions"] == 2000
    client.update_run(run.info.run_id, status="RUNNING")
    assert mlflow_watches.latest("churn", 5) == ()
    mlflow_watches.keep(watch(DRIFT))
    [anew] = client.search_runs([experiment])
    assert anew.info.run_id != run.info.run_id
    assert anew.data.tags[LOOK] == run.data.tags[LOOK]


def test_a_look_that_cannot_be_read_is_passed_over(mlflow_watches: MlflowWatches, tmp_path: Path) -> None:
    for day in ("08", "09"):
        mlflow_watches.keep(watch(made_at=f"2026-03-{day}T00:00:00+00:00"))
    broken = next(path for path in tmp_path.glob("artifacts/**/watch.json") if '"2026-03-09' in path.read_text())
    broken.write_text('{"schema_version": 9}')
    assert [look.made_at[8:10] for look in mlflow_watches.latest("churn", 5)] == ["08"]


def test_asking_does_not_make_a_store(tmp_path: Path) -> None:
    assert MlflowWatches(f"sqlite:///{tmp_path}/mlflow.db", tmp_path).latest("churn", 5) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_is_told() -> None:
    with pytest.raises(RegistryUnreachable):
        MlflowWatches("http://127.0.0.1:9").keep(watch())
