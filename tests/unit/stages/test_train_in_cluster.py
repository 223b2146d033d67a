"""A training in a cluster is submitted once, followed, and its failure told as what it is."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.adapters.jobs_twin import InMemoryJobs
from slipway.core.errors import (
    ClusterUnreachable,
    Interrupted,
    JobFailed,
    JobRefused,
    ParamsInvalid,
    StageFailed,
)
from slipway.core.job import Fault, JobPhase, JobState
from slipway.stages.reachable import settings_of_a_pod
from slipway.stages.train_in_cluster import Training, schedule_in_cluster, train_in_cluster
from tests.support.documents import PROJECT
from tests.support.trainings import order

SAID = """2026 INFO before
error: the candidate of churn was rejected: roc_auc is 0.7
  likely cause: recall is low
  next step: read .slipway/churn/report.md
"""


@pytest.fixture
def jobs() -> InMemoryJobs:
    return InMemoryJobs(secrets=("login",))


@pytest.fixture
def training(jobs: InMemoryJobs, tmp_path: Path) -> Training:
    shutil.copytree(PROJECT / "deploy" / "training", tmp_path / "deploy" / "training")
    return Training(root=tmp_path, jobs=jobs, order=order(), say=lambda _: None)


def ending(**how: object) -> Callable[[JobState], JobState | None]:
    return lambda state: state.model_copy(update={"phase": JobPhase.FAILED} | how)


def name(training: Training) -> str:
    found: str = training.manifest["metadata"]["name"]
    return found


def test_a_training_is_submitted_and_its_end_is_told(training: Training, jobs: InMemoryJobs) -> None:
    assert train_in_cluster(training).startswith(f"{name(training)} has trained tiny_case")
    assert [each["metadata"]["name"] for each in jobs.submitted] == [name(training)]


def test_what_was_trained_already_is_trained_anew_only_where_that_is_asked(
    training: Training, jobs: InMemoryJobs
) -> None:
    train_in_cluster(training)
    assert "has trained this already" in train_in_cluster(training)
    assert len(jobs.submitted) == 1
    train_in_cluster(training, again=True)
    assert (len(jobs.submitted), jobs.deleted) == (2, [name(training)])


def test_one_that_is_at_work_is_followed_and_not_submitted_again(training: Training, jobs: InMemoryJobs) -> None:
    jobs.submit(training.namespace, training.manifest)
    train_in_cluster(training)
    assert (len(jobs.submitted), jobs.deleted) == (1, [])


def test_one_that_failed_is_submitted_anew(training: Training, jobs: InMemoryJobs) -> None:
    jobs.ends = ending(fault=Fault.OTHER)
    with pytest.raises(JobFailed):
        train_in_cluster(training)
    jobs.ends = InMemoryJobs().ends
    train_in_cluster(training)
    assert (len(jobs.submitted), jobs.deleted) == (2, [name(training)])


def test_ctrl_c_leaves_the_job_and_says_how_to_end_it(training: Training, jobs: InMemoryJobs) -> None:
    jobs.ends = lambda _: None
    with pytest.raises(Interrupted) as left:
        train_in_cluster(training)
    assert f"kubectl --namespace slipway-training delete job {name(training)}" in left.value.next_step
    state = jobs.state(training.namespace, name(training))
    assert state is not None
    assert not state.ended


def test_a_stage_s_failure_keeps_its_code_and_its_words(training: Training, jobs: InMemoryJobs) -> None:
    jobs.ends = ending(fault=Fault.OTHER, exit_code=40, last=SAID)
    with pytest.raises(StageFailed) as failed:
        train_in_cluster(training)
    assert failed.value.exit_code == 40
    assert failed.value.what.startswith("the candidate of churn was rejected: roc_auc is 0.7 (in slipway-training")
    assert (failed.value.cause, failed.value.next_step) == ("recall is low", "read .slipway/churn/report.md")


def test_a_stage_s_code_is_kept_where_its_words_are_lost(training: Training, jobs: InMemoryJobs) -> None:
    jobs.ends, jobs.lines = ending(fault=Fault.OTHER, exit_code=22), ()
    with pytest.raises(StageFailed, match="failed with exit code 22") as failed:
        train_in_cluster(training)
    assert failed.value.exit_code == 22


@pytest.mark.parametrize(
    ("fault", "said", "next_step"),
    [
        (Fault.MEMORY, "ran out of memory: it may take 64Mi", "use_cases.tiny_case.train_on.memory"),
        (Fault.DEADLINE, "its deadline of 120 minutes", "use_cases.tiny_case.train_on.deadline_minutes"),
        (Fault.IMAGE, "cannot get its image: so it is", "delete job"),
        (Fault.CONFIG, "cannot start: so it is", "delete job"),
        (Fault.EVICTED, "was taken off its node: so it is", "run the same command again"),
        (Fault.OTHER, "failed: so it is", "run the same command again"),
    ],
)
def test_what_a_pod_met_is_told_with_what_to_do(
    fault: Fault, said: str, next_step: str, training: Training, jobs: InMemoryJobs
) -> None:
    jobs.ends = ending(fault=fault, message="so it is", exit_code=137)
    with pytest.raises(JobFailed) as failed:
        train_in_cluster(training)
    assert said in failed.value.what
    assert next_step in failed.value.next_step


def test_one_that_somebody_deleted_is_told_as_such(training: Training, jobs: InMemoryJobs) -> None:
    def deleted(state: JobState) -> JobState:
        jobs.delete(training.namespace, state.name)
        return state

    class Deleting(InMemoryJobs):
        def follow(self, namespace: str, name: str, say: Callable[[str], None]) -> JobState | None:
            self.delete(namespace, name)
            return super().follow(namespace, name, say)

    gone = Training(training.root, Deleting(), training.order, training.say)
    with pytest.raises(JobFailed, match="is no longer in the cluster"):
        train_in_cluster(gone)


def test_every_reason_against_it_is_told_and_nothing_is_submitted(training: Training, jobs: InMemoryJobs) -> None:
    wanted = order(secrets=["no-login"], memory="64Gi", gpus=1)
    with pytest.raises(JobRefused) as refused:
        train_in_cluster(Training(training.root, jobs, wanted, training.say))
    for reason in ("'no-login'", "64Gi of memory", "nvidia.com/gpu"):
        assert f"\n  - it asks for {reason}" in refused.value.what or reason in refused.value.what
    assert jobs.submitted == []


def test_a_schedule_is_held_to_the_same_and_takes_the_place_of_the_one_before(
    training: Training, jobs: InMemoryJobs
) -> None:
    with pytest.raises(JobRefused):
        schedule_in_cluster(Training(training.root, jobs, order(memory="64Gi"), training.say), "0 4 * * 1")
    for _ in range(2):
        assert "tiny-case-retrain trains tiny_case at '0 4 * * 1'" in schedule_in_cluster(training, "0 4 * * 1")
    assert [each["kind"] for each in jobs.submitted] == ["CronJob", "CronJob"]


def test_a_cluster_out_of_reach_and_an_unreadable_manifest_are_told(training: Training, jobs: InMemoryJobs) -> None:
    jobs.reachable = False
    with pytest.raises(ClusterUnreachable):
        train_in_cluster(training)
    (training.root / "deploy" / "training" / "job.yaml").write_text("{")
    with pytest.raises(ParamsInvalid, match="deploy/training/job"):
        train_in_cluster(training)


@pytest.mark.parametrize(
    ("tracking", "cache", "reason"),
    [
        ("sqlite:///mlflow.db", None, "MLFLOW_TRACKING_URI is a file or folder of this machine"),
        ("http://127.0.0.1:5000", None, "MLFLOW_TRACKING_URI points to this machine"),
        ("http://localhost:5000", None, "MLFLOW_TRACKING_URI points to this machine"),
        ("https://ada:word@mlflow.example.org", None, "MLFLOW_TRACKING_URI holds a login"),
        ("https://mlflow.example.org", "cache", "SLIPWAY_RUN_CACHE is a file or folder of this machine"),
    ],
)
def test_what_a_pod_cannot_reach_is_refused_and_no_password_repeated(
    tracking: str, cache: str | None, reason: str
) -> None:
    with pytest.raises(JobRefused, match=reason) as refused:
        settings_of_a_pod(tracking, cache, "main")
    assert "word" not in str(refused.value).replace("password", "")


def test_what_a_pod_can_reach_goes_along() -> None:
    assert settings_of_a_pod("https://mlflow.example.org", "s3://acme/runs", "main") == {
        "MLFLOW_TRACKING_URI": "https://mlflow.example.org",
        "SLIPWAY_RUN_CACHE": "s3://acme/runs",
        "SLIPWAY_BASE": "main",
    }
