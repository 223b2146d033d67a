"""MLflow and its twin keep the same promises."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from slipway.adapters.mlflow.boundary import connect
from slipway.adapters.mlflow.registry import MlflowRegistry
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.errors import (
    BundleInvalid,
    ChampionMoved,
    ReferenceMissing,
    RegistryUnreachable,
    SlipwayError,
    VersionUnknown,
)
from slipway.core.evaluation import Decision, IntervalCheck
from slipway.core.record import Record
from slipway.core.version import Standing
from slipway.ports import Registry
from slipway.workspace import bundle as bundles
from tests.support.records import metric, record, release, write_bundle


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database; making one takes longer than a test."""
    path = tmp_path_factory.mktemp("empty") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def mlflow_registry(tmp_path: Path, database: Path) -> MlflowRegistry:
    shutil.copyfile(database, tmp_path / "mlflow.db")
    return MlflowRegistry(f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "artifacts")


@pytest.fixture(params=["mlflow", "twin"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    if request.param == "twin":
        return InMemoryRegistry(tmp_path / "bundles")
    made: Registry = request.getfixturevalue("mlflow_registry")
    return made


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., tuple[Record, Path]]:
    def judge(word: str = "model", decision: Decision = Decision.PROMOTE) -> tuple[Record, Path]:
        folder = tmp_path / "judged" / word
        return write_bundle(folder, record(decision), word), folder

    return judge


Judge = Callable[..., tuple[Record, Path]]


def test_a_registry_that_nobody_used_has_no_versions(registry: Registry) -> None:
    assert registry.versions("churn") == ()
    assert registry.aliased("churn", "champion") is None
    assert registry.previous_champion("churn") is None


def test_a_version_tells_what_its_record_says(registry: Registry, judged: Judge) -> None:
    made, folder = judged()
    version = registry.register(made, folder, [])
    assert registry.versions("churn") == (version,)
    assert (version.use_case, version.number, version.aliases) == ("churn", 1, ("candidate",))
    assert (version.decision, version.reason) == (Decision.PROMOTE, "the gates say promote")
    assert (version.record_digest, version.model_digest) == (made.digest, made.evaluation.model_digest)
    assert version.holdout_digest == made.evaluation.holdout_digest
    assert version.signature_digest == made.evaluation.signature_digest != ""
    assert version.commit == made.provenance.commit
    assert version.primary == "roc_auc 0.8400"
    assert version.standing is Standing.UNPROMOTED


def test_registering_the_same_record_twice_is_registering_it_once(registry: Registry, judged: Judge) -> None:
    assert registry.register(*judged(), []) == registry.register(*judged(), [])
    assert len(registry.versions("churn")) == 1


def test_the_candidate_is_what_was_registered_last(registry: Registry, judged: Judge) -> None:
    for word in ("a", "b", "a"):
        registry.register(*judged(word), [])
    assert [version.aliases for version in registry.versions("churn")] == [("candidate",), ()]


def test_use_cases_do_not_see_each_other(registry: Registry, judged: Judge, tmp_path: Path) -> None:
    registry.register(*judged(), [])
    other = write_bundle(tmp_path / "homes", record(use_case="homes"))
    assert registry.register(other, tmp_path / "homes", []).number == 1
    assert [version.use_case for version in registry.versions("homes")] == ["homes"]


def test_a_bundle_that_is_not_whole_is_not_registered(registry: Registry, judged: Judge) -> None:
    made, folder = judged()
    (folder / "model.onnx").write_bytes(b"another")
    with pytest.raises(BundleInvalid, match=r"model\.onnx"):
        registry.register(made, folder, [])
    assert registry.versions("churn") == ()


def test_a_registration_that_failed_half_way_leaves_one_version_when_repeated(
    registry: Registry, judged: Judge, tmp_path: Path
) -> None:
    report = tmp_path / "report.md"
    with pytest.raises(SlipwayError):
        registry.register(*judged(), [report])
    assert registry.versions("churn") == ()
    report.write_text("# Promote\n")
    version = registry.register(*judged(), [report])
    assert registry.versions("churn") == (version,)
    registry.fetch_bundle("churn", version.number, tmp_path / "fetched")


def test_promoting_moves_the_champion_and_remembers_the_one_before(registry: Registry, judged: Judge) -> None:
    first, second = (registry.register(*judged(word), []).number for word in "ab")
    registry.promote("churn", first, expected_champion=None)
    assert registry.previous_champion("churn") is None
    registry.promote("churn", second, expected_champion=first)
    champion = registry.aliased("churn", "champion")
    assert champion is not None
    assert champion.number == second
    assert registry.previous_champion("churn") == first
    assert [version.standing for version in registry.versions("churn")] == [Standing.SUPERSEDED, Standing.CHAMPION]


def test_promoting_twice_is_promoting_once(registry: Registry, judged: Judge) -> None:
    first, second = (registry.register(*judged(word), []).number for word in "ab")
    registry.promote("churn", first, expected_champion=None)
    for _ in range(2):
        registry.promote("churn", second, expected_champion=first)
    assert registry.previous_champion("churn") == first


def test_a_champion_that_is_not_the_expected_one_is_not_replaced(registry: Registry, judged: Judge) -> None:
    first, second = (registry.register(*judged(word), []).number for word in "ab")
    registry.promote("churn", first, expected_champion=None)
    with pytest.raises(ChampionMoved, match="judged against no champion as champion, and now it is version 1"):
        registry.promote("churn", second, expected_champion=None)
    champion = registry.aliased("churn", "champion")
    assert champion is not None
    assert champion.number == first


def test_taking_the_alias_back_withdraws_the_champion_and_goes_further_back(registry: Registry, judged: Judge) -> None:
    numbers = [registry.register(*judged(word), []).number for word in "abc"]
    for before, number in zip([None, *numbers], numbers, strict=False):
        registry.promote("churn", number, expected_champion=before)
    registry.set_alias("churn", "champion", numbers[1])
    assert registry.previous_champion("churn") == numbers[0]
    standings = [version.standing for version in registry.versions("churn")]
    assert standings == [Standing.SUPERSEDED, Standing.CHAMPION, Standing.WITHDRAWN]


def test_promoting_a_former_champion_again_does_not_make_the_order_run_in_a_circle(
    registry: Registry, judged: Judge
) -> None:
    first, second = (registry.register(*judged(word), []).number for word in "ab")
    registry.promote("churn", first, expected_champion=None)
    registry.promote("churn", second, expected_champion=first)
    registry.promote("churn", first, expected_champion=second)
    assert registry.previous_champion("churn") is None


def test_an_alias_points_at_one_version(registry: Registry, judged: Judge) -> None:
    first, second = (registry.register(*judged(word), []).number for word in "ab")
    registry.set_alias("churn", "anchor", first)
    registry.set_alias("churn", "anchor", second)
    assert ["anchor" in version.aliases for version in registry.versions("churn")] == [False, True]


@pytest.mark.parametrize("act", ["promote", "set_alias", "fetch"])
def test_a_version_that_does_not_exist_is_unknown(registry: Registry, judged: Judge, tmp_path: Path, act: str) -> None:
    registry.register(*judged(), [])
    acts = {
        "promote": lambda: registry.promote("churn", 7, expected_champion=None),
        "set_alias": lambda: registry.set_alias("churn", "anchor", 7),
        "fetch": lambda: registry.fetch_bundle("churn", 7, tmp_path / "fetched"),
    }
    with pytest.raises(VersionUnknown, match="churn has no version 7"):
        acts[act]()
    assert not (tmp_path / "fetched").exists()


def test_a_fetched_bundle_is_the_one_that_was_registered(registry: Registry, judged: Judge, tmp_path: Path) -> None:
    made, folder = judged()
    fetched = registry.fetch_bundle("churn", registry.register(made, folder, []).number, tmp_path / "fetched")
    assert bundles.digest(fetched) == bundles.digest(folder)
    assert bundles.read_record(fetched) == made


@pytest.mark.parametrize("whole", [False, True], ids=["changed", "replaced by another whole bundle"])
def test_a_bundle_tampered_with_in_the_store_is_refused(
    registry: Registry, judged: Judge, tmp_path: Path, whole: bool
) -> None:
    number = registry.register(*judged(), []).number
    (stored,) = (path.parent for root in ("artifacts", "bundles") for path in tmp_path.glob(f"{root}/**/manifest.json"))
    if whole:
        write_bundle(stored, record(), "another")
    else:
        (stored / "model.onnx").write_bytes(b"another")
    with pytest.raises(BundleInvalid, match=r"model\.onnx .*, in the bundle of churn version 1"):
        registry.fetch_bundle("churn", number, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


def test_a_bundle_that_is_gone_from_mlflow_is_refused(
    mlflow_registry: MlflowRegistry, judged: Judge, tmp_path: Path
) -> None:
    number = mlflow_registry.register(*judged(), []).number
    shutil.rmtree(tmp_path / "artifacts")
    with pytest.raises(BundleInvalid, match="has no bundle"):
        mlflow_registry.fetch_bundle("churn", number, tmp_path / "fetched")


def _killed_at(method: str, uri: str, artifacts: Path, made: Record, folder: Path) -> None:
    from mlflow.tracking import MlflowClient

    setattr(MlflowClient, method, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    registry = MlflowRegistry(uri, artifacts)
    registry.register(made, folder, [])
    registry.promote("churn", 1, expected_champion=None)


@pytest.mark.parametrize(
    "method",
    [
        "create_run",
        "log_inputs",
        "log_artifact",
        "log_model_artifacts",
        "set_terminated",
        "create_registered_model",
        "create_model_version",
        "set_registered_model_alias",
        "set_model_version_tag",
    ],
)
def test_killed_at_any_point_a_second_run_ends_with_one_version_and_one_run(
    mlflow_registry: MlflowRegistry, judged: Judge, tmp_path: Path, method: str
) -> None:
    made, folder = judged()
    arguments = (method, f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "artifacts", made, folder)
    child = multiprocessing.get_context("fork").Process(target=_killed_at, args=arguments)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    version = mlflow_registry.register(made, folder, [])
    mlflow_registry.promote("churn", version.number, expected_champion=None)
    (only,) = mlflow_registry.versions("churn")
    assert (only.aliases, only.standing) == (("candidate", "champion"), Standing.CHAMPION)
    client = connect(f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.get_experiment_by_name("slipway/churn").experiment_id
    assert [run.info.status for run in client.search_runs([experiment])] == ["FINISHED"]
    assert len(client.search_logged_models([experiment])) == 1
    mlflow_registry.fetch_bundle("churn", 1, tmp_path / "fetched")


def test_the_run_in_mlflow_tells_the_whole_story(
    mlflow_registry: MlflowRegistry, judged: Judge, tmp_path: Path
) -> None:
    report = tmp_path / "report.md"
    report.write_text("# Promote\n")
    made, folder = judged()
    mlflow_registry.register(made, folder, [report])
    client = connect(f"sqlite:///{tmp_path}/mlflow.db")
    run = client.get_run(client.get_model_version("churn", "1").run_id)
    assert run.data.params["gates.absolute.0.min"] == "0.8"
    assert run.data.metrics["roc_auc"] == pytest.approx(0.84)
    assert run.data.metrics["roc_auc_low"] == pytest.approx(0.82)
    assert run.data.metrics["baseline/roc_auc"] == 0.5
    assert run.data.tags["slipway.record_digest"] == made.digest
    assert run.data.tags["slipway.dirty"] == "false"
    inputs = {item.dataset.digest for item in run.inputs.dataset_inputs}
    assert inputs == {made.evaluation.data_digest[:36], made.evaluation.holdout_digest[:36]}
    names = {entry.path for entry in client.list_artifacts(run.info.run_id)}
    assert names == {"report.md", "record.json", "bundle"}


def test_what_a_regressions_intervals_hold_is_a_metric_in_mlflow(
    mlflow_registry: MlflowRegistry, tmp_path: Path
) -> None:
    check = IntervalCheck(level=0.9, width=2.0, coverage=metric("interval_coverage", 0.89, 0.01))
    made = write_bundle(tmp_path / "judged", record(interval=check))
    mlflow_registry.register(made, tmp_path / "judged", [])
    client = connect(f"sqlite:///{tmp_path}/mlflow.db")
    run = client.get_run(client.get_model_version("churn", "1").run_id)
    assert run.data.metrics["interval_coverage_low"] == pytest.approx(0.88)


def test_mlflow_loads_the_model_and_answers_a_table(
    mlflow_registry: MlflowRegistry, judged: Judge, tmp_path: Path
) -> None:
    import mlflow
    import pandas as pd

    mlflow_registry.register(*judged(), [])
    (stored,) = tmp_path.glob("artifacts/**/MLmodel")
    loaded = mlflow.pyfunc.load_model(str(stored.parent))
    rows = pd.DataFrame({"tenure": [0.0, 0.0], "contract": ["Two year", "Month-to-month"]})
    answer = loaded.predict(rows)["prediction"]
    assert answer.tolist() == pytest.approx([0.7310586, 0.5])
    assert loaded.metadata.get_input_schema().input_names() == ["tenure", "contract"]
    assert loaded.input_example.to_dict("records") == [{"tenure": 12.0, "contract": "Two year"}]
    assert len(loaded.predict(loaded.input_example)) == 1
    assert not list(tmp_path.glob("artifacts/**/*.pkl"))


def test_versions_that_others_put_under_the_same_name_are_left_alone(
    mlflow_registry: MlflowRegistry, judged: Judge, tmp_path: Path
) -> None:
    client = connect(f"sqlite:///{tmp_path}/mlflow.db")
    client.create_registered_model("churn")
    client.create_model_version("churn", (tmp_path / "elsewhere").as_uri())
    assert mlflow_registry.versions("churn") == ()
    assert mlflow_registry.register(*judged(), []).number == 2


def test_a_version_registered_before_signatures_were_noted_is_still_read(
    mlflow_registry: MlflowRegistry, judged: Judge, tmp_path: Path
) -> None:
    made = mlflow_registry.register(*judged(), [])
    client = connect(f"sqlite:///{tmp_path}/mlflow.db")
    client.delete_model_version_tag("churn", "1", "slipway.signature_digest")
    [before] = mlflow_registry.versions("churn")
    assert before == made.model_copy(update={"signature_digest": ""})


def test_looking_into_a_store_that_does_not_exist_does_not_make_it(tmp_path: Path) -> None:
    assert MlflowRegistry(f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "artifacts").versions("churn") == ()
    assert list(tmp_path.iterdir()) == []


def test_a_new_store_is_made_by_registering(tmp_path: Path, judged: Judge) -> None:
    root = tmp_path / ".slipway"
    registry = MlflowRegistry(f"sqlite:///{root}/mlflow.db", root / "mlartifacts")
    registry.register(*judged(), [])
    assert sorted(path.name for path in root.iterdir()) == ["mlartifacts", "mlflow.db"]


def test_a_damaged_database_is_told_as_an_unreachable_registry(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"no database" * 1000)
    with pytest.raises(RegistryUnreachable, match="cannot be used") as caught:
        MlflowRegistry(f"sqlite:///{tmp_path}/mlflow.db").versions("churn")
    assert "damaged" in caught.value.cause


def test_a_server_that_does_not_answer_is_told_within_seconds_and_without_credentials() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        uri = f"http://someone:secret@127.0.0.1:{taken.getsockname()[1]}?token=hidden"
        started = time.monotonic()
        with pytest.raises(RegistryUnreachable, match=r"127\.0\.0\.1") as caught:
            MlflowRegistry(uri).versions("churn")
    assert time.monotonic() - started < 10
    assert not any(word in str(caught.value) for word in ("someone", "secret", "hidden"))


class _Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_refuses_the_credentials_is_told_as_such() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(RegistryUnreachable) as caught:
            MlflowRegistry(f"http://someone:secret@127.0.0.1:{server.server_port}").versions("churn")
    finally:
        server.shutdown()
        server.server_close()
    assert "refused the credentials" in caught.value.cause
    assert "secret" not in str(caught.value)


@pytest.fixture
def tracking_server(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = [
        "--backend-store-uri",
        f"sqlite:///{tmp_path}/server.db",
        "--artifacts-destination",
        str(tmp_path / "arts"),
    ]
    command = [sys.executable, "-m", "mlflow", "server", *store, "--port", str(port), "--workers", "1"]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
    try:
        _await_answer(server, f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _await_answer(server: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url)
            return
        time.sleep(0.2)
    pytest.fail("the tracking server did not start")


@pytest.mark.pipeline
def test_a_tracking_server_keeps_the_same_promises(
    tracking_server: str, judged: Judge, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    registry = MlflowRegistry(tracking_server)
    assert registry.versions("churn") == ()
    first, second = (registry.register(*judged(word), []).number for word in "ab")
    assert registry.register(*judged("b"), []).number == second
    registry.promote("churn", first, expected_champion=None)
    registry.promote("churn", second, expected_champion=first)
    assert registry.previous_champion("churn") == first
    assert [v.aliases for v in registry.versions("churn")] == [(), ("candidate", "champion")]
    assert bundles.read_record(registry.fetch_bundle("churn", first, tmp_path / "fetched")) == judged("a")[0]
    assert capfd.readouterr().out == ""


def test_a_twin_told_not_to_answer_raises_the_same_error(tmp_path: Path) -> None:
    with pytest.raises(RegistryUnreachable):
        InMemoryRegistry(tmp_path, reachable=False).versions("churn")


def test_a_release_is_kept_with_its_version_and_the_last_one_counts(registry: Registry, judged: Judge) -> None:
    for word in ("a", "b"):
        registry.register(*judged(word), [])
    for digest in ("sha256:old", "sha256:new", "sha256:new"):
        registry.set_release("churn", 1, release(digest))
    assert [version.release for version in registry.versions("churn")] == [release("sha256:new"), None]


def test_a_release_of_an_unknown_version_is_refused(registry: Registry) -> None:
    with pytest.raises(VersionUnknown):
        registry.set_release("churn", 7, release("sha256:any"))


def test_a_release_that_cannot_be_read_is_as_good_as_none(mlflow_registry: MlflowRegistry, judged: Judge) -> None:
    mlflow_registry.register(*judged(), [])
    mlflow_registry._tag("churn", 1, "slipway.release", "{}")
    assert mlflow_registry.versions("churn")[0].release is None


@pytest.fixture
def extras(tmp_path: Path) -> list[Path]:
    """What a live model is compared with, beside a report."""
    folder = tmp_path / "extras"
    folder.mkdir()
    named = {"report.md": b"# Promote\n", "reference.parquet": b"rows", "importances.json": b"{}"}
    for name, content in named.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in named]


def test_a_reference_comes_back_as_it_was_registered(
    registry: Registry, judged: Judge, extras: list[Path], tmp_path: Path
) -> None:
    number = registry.register(*judged(), extras).number
    fetched = registry.fetch_reference("churn", number, tmp_path / "fetched")
    assert {path.name: path.read_bytes() for path in fetched.iterdir()} == {
        "reference.parquet": b"rows",
        "importances.json": b"{}",
    }


def test_a_version_without_a_reference_is_told_and_gets_one_when_it_is_registered_again(
    registry: Registry, judged: Judge, extras: list[Path], tmp_path: Path
) -> None:
    number = registry.register(*judged(), extras[:2]).number
    with pytest.raises(ReferenceMissing, match="churn version 1 has no reference"):
        registry.fetch_reference("churn", number, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()
    extras[1].write_bytes(b"later rows")
    registry.register(*judged(), extras)
    fetched = registry.fetch_reference("churn", number, tmp_path / "fetched")
    assert (fetched / "reference.parquet").read_bytes() == b"rows"
    with pytest.raises(VersionUnknown):
        registry.fetch_reference("churn", 7, tmp_path / "none")
