"""What compose.yaml starts works together; PostgreSQL and an S3 store of this machine stand in for images of a hub."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.conftest import succeeded
from tests.support.documents import PROJECT, read
from tests.support.images import BASE, docker, until
from tests.support.workspace import command_path, slipway

COMPOSE: dict[str, Any] = yaml.safe_load(read("compose.yaml"))
POSTGRES = shutil.which("postgres") and shutil.which("initdb")


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with closing(socket.socket()) as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(command: list[str], port: int, **how: Any) -> Iterator[int]:
    with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, stdout=log, stderr=log, **how) as process:
        try:
            until(lambda: listens(port), lambda: f"{log.seek(0)} {log.read()}")
            yield port
        finally:
            process.terminate()


@contextmanager
def postgres(folder: Path, password: str) -> Iterator[int]:
    """A server with the user and the database of compose.yaml; it refuses to run as root."""
    how: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    folder.mkdir()
    (folder / "password").write_text(password)
    if how:
        for parent in (folder, *folder.parents[:-2]):
            parent.chmod(0o755)
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")
    data, port = str(folder / "data"), free_port()
    words = ["initdb", "-D", data, "-U", "mlflow", "--pwfile", str(folder / "password"), "-A", "scram-sha-256"]
    subprocess.run(words, check=True, capture_output=True, cwd=folder, **how)
    with running(["postgres", "-D", data, "-p", str(port), "-k", str(folder)], port, cwd=folder, **how):
        query = ["psql", "-h", "127.0.0.1", "-p", str(port), "-U", "mlflow", "postgres", "-c", "create database mlflow"]
        subprocess.run(query, check=True, capture_output=True, env=os.environ | {"PGPASSWORD": password})
        yield port


@contextmanager
def container(
    service: str, image: str, env: dict[str, str], *options: str, words: tuple[str, ...] = ()
) -> Iterator[str]:
    """A service as compose.yaml hardens it, on this machine's own network."""
    described = COMPOSE["services"][service]
    assert described["read_only"] is True
    hardened = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--tmpfs", "/tmp"]  # noqa: S108
    environment = described.get("environment", {}) | env
    named = [word for key, value in environment.items() for word in ("--env", f"{key}={value}")]
    name = docker("run", "--detach", "--network=host", *hardened, *named, *options, image, *words).stdout.strip()
    try:
        yield name
    finally:
        docker("rm", "--force", "--volumes", name)


@pytest.mark.engine
@pytest.mark.pipeline
@pytest.mark.skipif(not POSTGRES, reason="PostgreSQL is not on the PATH")
def test_a_model_is_trained_and_registered_with_postgresql_and_an_s3_store(churn: Path, tmp_path: Path) -> None:
    for name in ("compose.yaml", "scripts/compose-secrets", "deploy/compose"):
        (churn / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (PROJECT / name).is_dir() else shutil.copy2)(PROJECT / name, churn / name)
    subprocess.run([churn / "scripts" / "compose-secrets"], check=True, capture_output=True)
    settings = {"SLIPWAY_BASE_IMAGE": BASE}
    succeeded(slipway(churn, "image", "--train", env=settings, timeout=900))
    image = "slipway/mlflow"
    build = ["docker", "build", "--quiet", "--tag", image, "--build-arg", f"BASE_IMAGE={BASE}", "deploy/compose"]
    subprocess.run(build, cwd=churn, check=True, capture_output=True, timeout=900)

    with ExitStack() as stack:
        database = stack.enter_context(
            postgres(tmp_path / "postgres", (churn / "secrets" / "db_password").read_text().strip())
        )
        store = free_port()
        moto = [command_path("moto_server"), "-H", "127.0.0.1", "-p", str(store)]
        stack.enter_context(running(moto, store))
        port = free_port()
        here = {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(database),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WORKERS": "1",
        }
        here |= {"MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{store}", "ALLOWED_HOSTS": f"127.0.0.1:{port}"}
        here |= {"S3_BUCKET": "mlflow", "AWS_DEFAULT_REGION": "us-east-1", "WORKERS": "1"}
        secrets = [
            word
            for name in COMPOSE["services"]["mlflow"]["secrets"]
            for word in ("--volume", f"{churn}/{COMPOSE['secrets'][name]['file']}:/run/secrets/{name}:ro")
        ]
        server = stack.enter_context(container("mlflow", image, here, *secrets))
        url = f"http://127.0.0.1:{port}"
        ready(url, server)

        script, name = COMPOSE["services"]["trainer"]["entrypoint"][2:]
        words = ("-euc", script.replace("$$", "$"), name, *COMPOSE["services"]["trainer"]["command"])
        there = {"MLFLOW_TRACKING_URI": url, "SLIPWAY_BASE": "main"}
        options = ("--volume", "/workspace", "--entrypoint", "sh")
        with container("trainer", "slipway/slipway-train:latest", there, *options, words=words) as trainer:
            code = subprocess.run(["docker", "wait", trainer], capture_output=True, text=True, timeout=300, check=True)
            said = docker("logs", trainer)
            assert code.stdout.strip() == "0", said.stdout + said.stderr
        assert "churn: promote" in said.stdout
        listed = succeeded(slipway(churn, "history", "churn", env={"MLFLOW_TRACKING_URI": url}))
        assert "champion" in listed
        held = httpx.get(f"http://127.0.0.1:{store}/mlflow?list-type=2", trust_env=False).text
        assert re.search(r"<Key>.*MLmodel</Key>|<Key>.*manifest.json</Key>", held)


def ready(url: str, server: str) -> None:
    """Its tables are made first, which takes longer than a container is waited for elsewhere."""
    deadline = time.monotonic() + 180
    while True:
        try:
            if httpx.get(f"{url}/health", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        state = docker("inspect", "--format", "{{.State.Running}}", server).stdout.strip()
        logs = docker("logs", server)
        assert (state, time.monotonic() < deadline) == ("true", True), logs.stdout + logs.stderr
        time.sleep(0.5)


def test_no_secret_stands_in_the_file_and_every_port_is_this_machine_s_own() -> None:
    text = read("compose.yaml")
    assert not re.search(r"(?i)(password|secret_access_key|access_key_id)\s*[:=]\s*[^/\s{$]", text)
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert {entry["file"].partition("/")[0] for entry in COMPOSE["secrets"].values()} == {"secrets"}
    assert "/secrets/" in read(".gitignore").splitlines()


def test_what_lasts_says_whether_it_is_well() -> None:
    lasting = {name for name, service in COMPOSE["services"].items() if "restart" in service}
    assert lasting == {"db", "store", "mlflow", "endpoint"}
    assert all("healthcheck" in COMPOSE["services"][name] for name in lasting)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy2(PROJECT / "scripts" / "compose-secrets", tmp_path / "scripts")
    made = []
    for _ in range(2):
        subprocess.run([tmp_path / "scripts" / "compose-secrets"], check=True, capture_output=True)
        made.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert {Path(entry["file"]).name for entry in COMPOSE["secrets"].values()} == set(made[0])
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
