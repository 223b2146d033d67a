"""A real cluster, asked as the account that may only submit, and its twin keep the same promises about Jobs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from slipway.adapters.jobs_twin import InMemoryJobs
from slipway.adapters.kubectl_jobs import KubectlJobs
from slipway.core.errors import ClusterUnreachable, JobRefused
from slipway.core.job import Fault, JobPhase, JobState
from slipway.deploying.training import schedule
from slipway.ports import Jobs
from tests.support.clusters import kubectl
from tests.support.trainings import Field, base, field, order, pushed_base, short_job

CLUSTER = [pytest.mark.cluster, pytest.mark.engine]
CRON = {"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"concurrencyPolicy": "Forbid"}}


@dataclass(frozen=True)
class Stand:
    """A cluster of either kind, and a namespace in it."""

    jobs: Jobs
    namespace: str
    image: str = "an image"

    def manifest(self, script: str = "true", **given: Any) -> dict[str, Any]:
        """Each has a name of its own."""
        wanted = order(self.namespace, self.image, **given)
        wanted = wanted.model_copy(update={"settings": {"TEST": uuid4().hex}})
        return short_job(wanted, script)

    def end(self, manifest: dict[str, Any]) -> tuple[JobState, list[str]]:
        lines: list[str] = []
        self.jobs.submit(self.namespace, manifest)
        ended = self.jobs.follow(self.namespace, manifest["metadata"]["name"], lines.append)
        assert ended is not None
        return ended, lines


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with field(tmp_path_factory.mktemp("training")) as made:
        kubectl("create", "secret", "generic", "login", "--namespace", made.namespace, "--from-literal=A=b")
        yield made


@pytest.fixture(scope="module")
def image() -> str:
    return pushed_base()


@pytest.fixture
def cluster(ground: Field, image: str) -> Stand:
    program = ("kubectl", "--kubeconfig", str(ground.kubeconfig))
    return Stand(KubectlJobs(program, patience=2.0, silence=5.0), ground.namespace, image)


@pytest.fixture(params=[pytest.param("kubectl", marks=CLUSTER), "twin"])
def stand(request: pytest.FixtureRequest) -> Stand:
    if request.param == "twin":
        return Stand(InMemoryJobs(secrets=("login",), lines=("brought", "training")), "slipway-training")
    made: Stand = request.getfixturevalue("cluster")
    return made


def test_a_job_that_can_work_has_nothing_against_it(stand: Stand) -> None:
    assert stand.jobs.check(stand.namespace, stand.manifest(secrets=["login"])).reasons == ()


def test_a_secret_and_a_config_map_that_are_missing_are_both_named(stand: Stand) -> None:
    manifest = stand.manifest(secrets=["login", "no-login"], config_maps=["no-settings"])
    reasons = stand.jobs.check(stand.namespace, manifest).reasons
    assert len(reasons) == 2
    assert "'no-login'" in reasons[0]
    assert "'no-settings'" in reasons[1]


def test_a_namespace_that_is_not_there_is_the_only_reason(stand: Stand) -> None:
    if isinstance(stand.jobs, KubectlJobs):
        stand = Stand(KubectlJobs(), stand.namespace)  # the submitter is not told what other namespaces there are
    [reason] = stand.jobs.check("no-such-namespace", stand.manifest()).reasons
    assert "no-such-namespace" in reason


def test_a_job_is_followed_to_its_end_with_every_line_once(stand: Stand) -> None:
    ended, lines = stand.end(stand.manifest("echo training"))
    assert ended.phase is JobPhase.SUCCEEDED
    assert [line for line in lines if not line.startswith("[")] == ["brought", "training"]
    state = stand.jobs.state(stand.namespace, ended.name)
    assert state is not None
    assert state.phase is JobPhase.SUCCEEDED


def test_a_job_of_a_name_that_is_taken_is_refused_until_that_is_deleted(stand: Stand) -> None:
    manifest = stand.manifest("echo training")
    name = manifest["metadata"]["name"]
    assert stand.jobs.state(stand.namespace, name) is None
    stand.end(manifest)
    with pytest.raises(JobRefused):
        stand.jobs.submit(stand.namespace, manifest)
    stand.jobs.delete(stand.namespace, name)
    stand.jobs.delete(stand.namespace, name)
    assert stand.jobs.state(stand.namespace, name) is None
    assert stand.jobs.follow(stand.namespace, name, lambda _: None) is None


@pytest.mark.cluster
@pytest.mark.engine
def test_all_that_a_server_has_against_a_job_is_told(cluster: Stand) -> None:
    manifest = cluster.manifest()
    manifest["spec"]["backofLimit"] = 2
    pod = manifest["spec"]["template"]["spec"]
    pod["serviceAccountName"] = "nobody"
    said = "\n".join(cluster.jobs.check(cluster.namespace, manifest).reasons)
    assert 'unknown field "spec.backofLimit"' in said
    assert '"nobody" not found' in said
    assert "kubectl" not in said


@pytest.mark.cluster
@pytest.mark.engine
def test_a_pod_that_the_namespace_s_profile_forbids_is_refused_though_its_job_is_not(cluster: Stand) -> None:
    manifest = cluster.manifest()
    manifest["spec"]["template"]["spec"]["securityContext"].pop("runAsNonRoot")
    [reason] = cluster.jobs.check(cluster.namespace, manifest).reasons
    assert 'violates PodSecurity "restricted' in reason


@pytest.mark.cluster
@pytest.mark.engine
def test_more_than_any_node_has_is_refused_where_nodes_may_be_seen(cluster: Stand) -> None:
    manifest = cluster.manifest(memory="4Ti", gpus=1, tolerations=[{"key": "gpu"}])
    blind = cluster.jobs.check(cluster.namespace, manifest)
    assert blind.reasons == ()
    assert blind.unknown == ("whether a node is large enough: the account may not see nodes",)
    memory, gpus = KubectlJobs().check(cluster.namespace, manifest).reasons
    assert "it asks for 4Ti of memory, and the largest node" in memory
    assert "it asks for 1 of nvidia.com/gpu, and no node has any" in gpus


@pytest.mark.cluster
@pytest.mark.engine
def test_a_schedule_is_taken_and_a_misspelt_one_is_not(cluster: Stand) -> None:
    good = schedule(base(), CRON, order(cluster.namespace), "0 4 * * 1")
    assert cluster.jobs.check(cluster.namespace, good).reasons == ()
    cluster.jobs.submit(cluster.namespace, good)
    cluster.jobs.submit(cluster.namespace, good)
    bad = schedule(base(), CRON, order(cluster.namespace), "0 25 * * 1")
    [reason] = cluster.jobs.check(cluster.namespace, bad).reasons
    assert "spec.schedule" in reason


@pytest.mark.cluster
@pytest.mark.engine
def test_the_exit_code_and_the_last_words_of_a_stage_are_known(cluster: Stand) -> None:
    ended, lines = cluster.end(cluster.manifest("echo 'error: no data'; exit 22", retries=2))
    assert (ended.phase, ended.exit_code, ended.attempts) == (JobPhase.FAILED, 22, 1)
    assert "error: no data" in ended.last
    assert "error: no data" in lines


@pytest.mark.cluster
@pytest.mark.engine
def test_a_lack_of_memory_is_known_as_such_and_not_tried_again(cluster: Stand) -> None:
    ended, _ = cluster.end(cluster.manifest("exec python3 -c 'bytearray(400_000_000)'", memory="32Mi", retries=2))
    assert (ended.phase, ended.fault, ended.attempts) == (JobPhase.FAILED, Fault.MEMORY, 1)


@pytest.mark.cluster
@pytest.mark.engine
def test_a_deadline_is_known_as_such(cluster: Stand) -> None:
    manifest = cluster.manifest("sleep 60")
    manifest["spec"]["activeDeadlineSeconds"] = 3
    manifest["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 1
    ended, _ = cluster.end(manifest)
    assert (ended.phase, ended.fault) == (JobPhase.FAILED, Fault.DEADLINE)


@pytest.mark.cluster
@pytest.mark.engine
def test_too_much_on_the_disk_is_an_eviction(cluster: Stand) -> None:
    pod = cluster.manifest("head -c 30000000 /dev/zero > /workspace/full; sleep 90", disk="1Mi", deadline_minutes=2)
    ended, _ = cluster.end(pod)
    assert (ended.phase, ended.fault) == (JobPhase.FAILED, Fault.EVICTED), ended


@pytest.mark.cluster
@pytest.mark.engine
def test_an_image_that_cannot_be_pulled_is_not_waited_for_without_end(cluster: Stand) -> None:
    manifest = cluster.manifest()
    for kind in ("initContainers", "containers"):
        manifest["spec"]["template"]["spec"][kind][0]["image"] = f"127.0.0.1:5000/nothing@sha256:{'0' * 64}"
    waited, _ = cluster.end(manifest)
    assert (waited.phase, waited.fault) == (JobPhase.WAITING, Fault.IMAGE)
    assert "bring: " in waited.message


def test_a_cluster_that_is_out_of_reach_is_told_as_such() -> None:
    for silent in (KubectlJobs(("kubectl", "--server", "http://127.0.0.1:9")), InMemoryJobs(reachable=False)):
        with pytest.raises(ClusterUnreachable):
            silent.state("any", "any")
