"""Runs a workflow file with act, on this machine and with nothing of the caller's environment."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.workflows.rehearsal.actions import replacements

_QUIET = (
    "--pull=false",
    "--action-offline-mode",
    "--no-cache-server",
    "--no-skip-checkout",
    "--json",
    "--insecure-secrets",
)


@dataclass(frozen=True)
class Order:
    """What act is to run, and with what.

    Attributes:
        root: a clone; its workflow files are the ones that run.
        environment: set in every step.
        secrets, variables: of the repository.
        job: this one and what it needs; all where it is None.
    """

    root: Path
    event: str
    workflow: str
    payload: Path
    scratch: Path
    home: Path
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    job: str | None = None
    limit: float = 1500.0


def run_act(order: Order) -> tuple[int, list[str]]:
    """Act's exit code and the lines of its log."""
    order.scratch.mkdir(parents=True, exist_ok=True)
    secrets = _write(order.scratch / "secrets", order.secrets)
    variables = _write(order.scratch / "variables", order.variables)
    environment = _write(order.scratch / "environment", order.environment)
    nothing = _write(order.scratch / "inputs", {})
    command = [
        str(Path(sys.executable).parent / "act"), order.event, "--workflows", f".github/workflows/{order.workflow}",
        "--eventpath", str(order.payload), *_QUIET, "--platform", "ubuntu-latest=-self-hosted",
        "--platform", "ubuntu-24.04=-self-hosted", "--action-cache-path", str(order.scratch / "work"),
        "--secret-file", str(secrets), "--var-file", str(variables), "--env-file", str(environment),
        "--input-file", str(nothing), "--actor", "ada",
        *(["--job", order.job] if order.job else []),
    ]  # fmt: skip
    for name, folder in replacements(order.root, order.workflow).items():
        command += ["--local-repository", f"{name}={folder}"]
    minimal = {"HOME": str(order.home), "PATH": _path(), "LANG": "C.UTF-8"}
    minimal |= {name: os.environ[name] for name in ("DOCKER_HOST", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        command, cwd=order.root, env=minimal, capture_output=True, text=True, timeout=order.limit, check=False
    )
    (order.scratch / "act.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    return done.returncode, done.stdout.splitlines() + done.stderr.splitlines()


def _path() -> str:
    """The caller's, without virtual environments: every job makes its own."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not (Path(folder) / "activate").exists())


def _write(path: Path, values: Mapping[str, str]) -> Path:
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    path.chmod(0o600)
    return path
