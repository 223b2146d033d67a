"""A registered version becomes an image in a registry; what runs from it is what was judged, locked and harmless."""

import hashlib
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from slipway.adapters.docker import DockerImages
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.release import Release
from slipway.stages.image import Workshop, image
from slipway.stages.serve import curl_line
from slipway.workspace.bundle import read_record
from tests.e2e.conftest import refused, succeeded
from tests.support.bundles import CHURN, write_bundle
from tests.support.images import (
    BASE,
    EXAMPLE,
    HARDENED,
    KEY,
    REGISTRY,
    REPOSITORY,
    address,
    container,
    docker,
    until,
    write_keys,
    write_sources,
)
from tests.support.workspace import slipway

pytestmark = pytest.mark.engine

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PUBLISHED = ("--publish", "127.0.0.1::8080")


@dataclass(frozen=True)
class Made:
    """What was released, the code and the bundle it was made of, and a folder of keys to run it with."""

    release: Release
    root: Path
    bundle: Path
    keys: Path

    @property
    def name(self) -> str:
        return f"{self.release.image}:v1"

    @property
    def keyed(self) -> tuple[str, ...]:
        return (*HARDENED, "--volume", f"{self.keys}:/run/secrets/slipway:ro")


def released(root: Path, bundle: Path, folder: Path, repository: str = REPOSITORY) -> Release:
    registry = InMemoryRegistry(folder / "registry")
    registry.register(read_record(bundle), bundle, [])
    workshop = Workshop(
        root=root,
        registry=registry,
        images=DockerImages(),
        repository=repository,
        base=BASE,
        commit=COMMIT,
        dirty=False,
        say=lambda _: None,
    )
    image(workshop, registry.versions("churn")[0], push=True)
    release = registry.versions("churn")[0].release
    assert release is not None
    return release


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("image")
    bundle = write_bundle(folder / "bundle")
    root = write_sources(folder / "project")
    return Made(released(root, bundle, folder), root, bundle, write_keys(folder / "keys"))


@pytest.fixture(scope="module")
def running(made: Made) -> Iterator[str]:
    options = (*made.keyed, *PUBLISHED, "--health-interval", "1s")
    with container(made.name, *options) as name:
        address(name)
        yield name


def words(made: Made, *command: str) -> str:
    """What a program in the image prints, as its user; its exit code is taken as it comes."""
    program, *arguments = command
    return docker("run", "--rm", "--entrypoint", program, made.name, *arguments, check=False).stdout


def test_the_curl_line_of_the_readme_is_answered_with_a_key_and_refused_without(running: str) -> None:
    [*_, url, _, header, _, row] = shlex.split(curl_line(address(running), CHURN.examples[0]))
    headers = dict([header.split(": ")])
    answer = httpx.post(url, content=row, headers=headers | {"authorization": f"Bearer {KEY}"}, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert 0 < answer.json()["probability"] < 1
    unknown = httpx.post(url, content=row, headers=headers, trust_env=False)
    wrong = httpx.post(url, content=row, headers=headers | {"authorization": "Bearer another"}, trust_env=False)
    assert (unknown.status_code, wrong.status_code) == (401, 401)


def test_it_runs_as_nobody_special_on_a_read_only_file_system(running: str) -> None:
    uid = docker("exec", running, "python", "-c", "import os; print(os.stat('/proc/1').st_uid)").stdout.strip()
    assert uid == "10001"
    told = json.loads(docker("inspect", running).stdout)[0]
    assert told["HostConfig"]["ReadonlyRootfs"] is True
    assert told["Config"]["User"] == "10001:10001"
    assert "Read-only file system" in docker("exec", running, "touch", "/var/tmp/x", check=False).stderr  # noqa: S108


def test_it_cannot_change_its_own_files_even_on_a_writable_file_system(made: Made) -> None:
    program = "import os; print([p for p, _, _ in os.walk('/app') if os.access(p, os.W_OK)])"
    assert words(made, "python", "-c", program).strip() == "[]"


def test_it_becomes_healthy(running: str) -> None:
    def health() -> str:
        return docker("inspect", "--format", "{{.State.Health.Status}}", running).stdout.strip()

    until(lambda: health() == "healthy", health)


def test_its_healthcheck_fails_where_nothing_listens(made: Made) -> None:
    done = docker("run", "--rm", "--entrypoint", "python", made.name, "-m", "serving.healthcheck", check=False)
    assert done.returncode == 1
    assert "port 8080 does not answer" in done.stderr


def test_it_holds_no_compiler_and_no_cache_of_packages(made: Made) -> None:
    compilers = "for p in gcc cc g++ c++ clang tcc make ld; do command -v $p; done; true"
    assert words(made, "sh", "-c", compilers) == ""
    caches = "ls -d /root/.cache /app/.cache /app/packages/pip"
    assert docker("run", "--rm", "--user", "0", "--entrypoint", "sh", made.name, "-c", caches, check=False).stdout == ""


def test_it_can_load_nothing_pickled(made: Made) -> None:
    program = (
        "import importlib.util as u\n"
        "print([m for m in ('joblib', 'cloudpickle', 'dill', 'sklearn', 'mlflow') if u.find_spec(m)])\n"
        "import pickle, os\n"
        "from serving import unpickling\n"
        "unpickling.forbid()\n"
        "try:\n"
        "    print(pickle.loads(pickle.dumps(os.getcwd)))\n"
        "except unpickling.UnpicklingForbidden as error:\n"
        "    print(error)\n"
    )
    assert words(made, "python", "-c", program).splitlines() == ["[]", "this process loads no pickles"]


def test_its_runtime_sends_nothing_home(made: Made) -> None:
    assert words(made, "sh", "-c", "echo $ORT_DISABLE_TELEMETRY").strip() == "1"


@pytest.mark.parametrize("part", ["manifest.json", "model.onnx", "record.json", "signature.json"])
def test_one_changed_byte_is_refused_with_the_file_s_name(made: Made, tmp_path: Path, part: str) -> None:
    changed = tmp_path / part
    shutil.copyfile(made.bundle / part, changed)
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    changed.chmod(0o644)
    mounted = ("--volume", f"{changed}:/app/bundle/{part}:ro")
    done = docker("run", "--rm", *made.keyed, *mounted, made.name, check=False)
    assert done.returncode == 3, done.stderr
    assert part in done.stderr + done.stdout


def test_a_bundle_that_is_whole_but_another_than_was_released_is_refused(made: Made, tmp_path: Path) -> None:
    signature = CHURN.model_copy(update={"title": "Another"})
    other = write_bundle(tmp_path / "bundle", signature)
    for path in (other, *other.iterdir()):
        path.chmod(0o755)
    done = docker("run", "--rm", *made.keyed, "--volume", f"{other}:/app/bundle:ro", made.name, check=False)
    assert done.returncode == 3, done.stderr
    assert "manifest.json" in done.stderr + done.stdout


def test_without_keys_it_does_not_start(made: Made) -> None:
    done = docker("run", "--rm", *HARDENED, made.name, check=False)
    assert done.returncode == 5, done.stderr
    assert "keys" in done.stderr + done.stdout


def test_sigterm_ends_it_with_exit_code_0(made: Made) -> None:
    with container(made.name, *made.keyed, *PUBLISHED) as name:
        address(name)
        docker("stop", "--time", "30", name)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip() == "0"


def test_the_noted_digest_is_the_registry_s_for_every_tag(made: Made) -> None:
    repository = made.release.image.removeprefix(f"{REGISTRY}/")
    accepted = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"
    assert made.release.tags == ("v1", COMMIT[:12])
    for tag in made.release.tags:
        url = f"http://{REGISTRY}/v2/{repository}/manifests/{tag}"
        answer = httpx.head(url, headers={"accept": accepted}, trust_env=False)
        assert answer.headers["docker-content-digest"] == made.release.digest


def test_releasing_it_again_changes_nothing(made: Made, tmp_path: Path) -> None:
    assert released(made.root, made.bundle, tmp_path) == made.release


def test_its_labels_say_what_it_is(made: Made) -> None:
    labels = json.loads(docker("image", "inspect", made.name).stdout)[0]["Config"]["Labels"]
    record = read_record(made.bundle)
    assert labels["org.opencontainers.image.title"] == CHURN.title
    assert labels["org.opencontainers.image.version"] == "1"
    assert labels["org.opencontainers.image.revision"] == COMMIT
    assert labels["io.slipway.record-digest"] == record.digest
    assert labels["io.slipway.bundle-digest"] == made.release.bundle_digest
    assert labels["org.opencontainers.image.base.name"] == BASE
    assert re.fullmatch("sha256:[0-9a-f]{64}", labels["org.opencontainers.image.base.digest"])


@pytest.mark.parametrize("buildkit", ["0", "1"])
def test_either_builder_makes_it(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buildkit: str) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", buildkit)
    release = released(made.root, made.bundle, tmp_path, f"{REPOSITORY}/builder-{buildkit}")
    assert release.bundle_digest == made.release.bundle_digest


def test_a_promoted_version_is_released_by_the_command(project: Path) -> None:
    settings = {"SLIPWAY_IMAGE_REPOSITORY": REPOSITORY, "SLIPWAY_BASE_IMAGE": BASE}
    built = slipway(project, "image", "tiny", env=settings)
    assert succeeded(built) == f"{REPOSITORY}/tiny:v1 is built and answers as the model does; `--push` pushes it\n"
    said = succeeded(slipway(project, "image", "tiny", "--push", env=settings))
    [reference] = re.findall(rf"released as ({REPOSITORY}/tiny@sha256:[0-9a-f]{{64}})\b", said)
    assert f"pushed as {reference}" in succeeded(slipway(project, "history", "tiny"))


def test_a_release_that_is_there_is_told_again_and_not_made_again(project: Path, tmp_path: Path) -> None:
    settings = {"SLIPWAY_IMAGE_REPOSITORY": f"{REPOSITORY}/again", "SLIPWAY_BASE_IMAGE": BASE}
    push = ("image", "tiny", "--push", "--outputs", str(tmp_path / "outputs"))
    succeeded(slipway(project, *push, env=settings))
    assert "released already" in succeeded(slipway(project, *push, env=settings))
    first, second = (tmp_path / "outputs").read_text().split("image=")[1:]
    assert first == second
    assert re.fullmatch(rf"{REPOSITORY}/again/tiny\ndigest=sha256:[0-9a-f]{{64}}\n", first)
    assert json.loads((project / ".slipway/tiny/results/image.json").read_text())["status"] == "done"


def test_what_is_sealed_is_measured_without_a_registry_of_models(project: Path) -> None:
    away = {"SLIPWAY_BASE_IMAGE": BASE, "MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}
    succeeded(slipway(project, "image", "tiny", "--sealed", env=away))
    figures = json.loads((project / ".slipway/tiny/image.json").read_text())
    assert figures["size_bytes"] > figures["base_bytes"] > 0
    serving = figures["serving"]
    assert 0 < serving["p50_ms"] <= serving["p99_ms"] < serving["thousand_rows_ms"] * 100
    assert serving["first_answer_s"] > 0
    assert 10 < serving["memory_mb"] < 2_000


def test_a_push_without_a_repository_is_refused_before_anything_is_built(project: Path) -> None:
    refused(slipway(project, "image", "tiny", "--push"), 10, "SLIPWAY_IMAGE_REPOSITORY is not set")


def test_a_registry_nobody_listens_at_is_told(project: Path) -> None:
    nowhere = {"SLIPWAY_IMAGE_REPOSITORY": "127.0.0.1:1/nowhere", "SLIPWAY_BASE_IMAGE": BASE}
    refused(slipway(project, "image", "tiny", "--push", env=nowhere), 64, "127.0.0.1:1/nowhere/tiny:v1")
    assert "pushed as" not in succeeded(slipway(project, "history", "tiny"))


def test_without_an_engine_it_is_told(project: Path) -> None:
    absent = {"DOCKER_HOST": "unix:///nobody/listens.sock"}
    refused(slipway(project, "image", "tiny", env=absent), 62, "docker version")


def test_two_trials_of_one_image_at_a_time_take_turns(made: Made) -> None:
    identity = docker("inspect", "--format={{.Id}}", made.name).stdout.strip()
    keys = f"trial:{hashlib.sha256(KEY.encode()).hexdigest()}\n"

    def tried() -> int:
        with DockerImages().start(identity, keys) as running:
            return running.uid()

    with ThreadPoolExecutor(2) as both:
        assert [each.result() for each in [both.submit(tried), both.submit(tried)]] == [10001, 10001]


def test_no_trial_is_left_on_the_engine(made: Made) -> None:
    assert (
        docker("ps", "--all", "--filter", f"ancestor={made.name}", "--filter", "name=slipway-trial-", "-q").stdout == ""
    )


def test_a_row_is_answered_the_same_with_several_workers(made: Made) -> None:
    with container(made.name, *made.keyed, *PUBLISHED, "--env", "SLIPWAY_WORKERS=2") as name:
        headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        url = address(name)
        answers = {
            httpx.post(f"{url}/predict", content=EXAMPLE, headers=headers, trust_env=False).json()["probability"]
            for _ in range(8)
        }
        assert len(answers) == 1
