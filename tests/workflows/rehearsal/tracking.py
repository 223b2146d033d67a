"""A real MLflow server on this machine, with a store of its own."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 120.0


@dataclass(frozen=True)
class Tracking:
    """``uri`` is where it listens; ``folder`` holds its database and artifacts, and its log."""

    uri: str
    folder: Path

    def versions(self, use_case: str) -> dict[int, dict[str, str]]:
        """Number to tags of every registered version."""
        found = self._client().search_model_versions(f"name = '{use_case}'")
        return {int(version.version): dict(version.tags) for version in found}

    def alias(self, use_case: str, alias: str) -> int | None:
        aliases = self._client().get_registered_model(use_case).aliases
        return int(aliases[alias]) if alias in aliases else None

    def _client(self):  # type: ignore[no-untyped-def]
        from mlflow import MlflowClient

        return MlflowClient(self.uri, self.uri)


@contextmanager
def tracking_server(folder: Path, template: Path | None = None) -> Iterator[Tracking]:
    """Start the server on a free port; ``template`` is a folder of another one, to begin with what it held."""
    if template is not None:
        shutil.copytree(template, folder)
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    command = [
        str(Path(sys.executable).parent / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port),
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts",
        "--workers", "1",
    ]  # fmt: skip
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    tracking = Tracking(f"http://127.0.0.1:{port}", folder)
    try:
        _wait(tracking, process)
        yield tracking
    finally:
        process.terminate()
        process.wait(30)


def _wait(tracking: Tracking, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{tracking.uri}/health", timeout=2):  # noqa: S310  # ours
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"MLflow did not start: {(tracking.folder / 'server.log').read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
