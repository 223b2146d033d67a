"""Images in tests: where they are pushed to, what they are made from, and containers that go away again."""

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from slipway.stages.image import SOURCES
from tests.support.bundles import CHURN, write_bundle
from tests.support.documents import PROJECT

REGISTRY = os.environ.get("SLIPWAY_TEST_REGISTRY", "127.0.0.1:5000")
BASE = os.environ.get("SLIPWAY_BASE_IMAGE", "python:3.11-slim")
REPOSITORY = f"{REGISTRY}/slipway-tests"
KEY = "a key that only tests know"
KEYS = f"tests:{hashlib.sha256(KEY.encode()).hexdigest()}\n"
EXAMPLE = json.dumps(CHURN.examples[0])
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
SECONDS = 60.0


def write_sources(folder: Path) -> Path:
    """The project's own part of an image, in a folder of one's own."""
    for name in SOURCES:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
    return folder


def write_context(folder: Path) -> Path:
    """All that an image is built from, with the small model of ``tests.support.bundles``."""
    write_bundle(write_sources(folder) / "bundle")
    return folder


def write_keys(folder: Path) -> Path:
    """A folder with a keys file, as a secret is mounted; any user may read it."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "keys").write_text(KEYS)
    (folder / "keys").chmod(0o644)
    return folder


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run Docker's command to its end."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@contextmanager
def container(image: str, *options: str, arguments: tuple[str, ...] = ()) -> Iterator[str]:
    """Run an image in the background; yields its name."""
    name = docker("run", "--detach", *options, image, *arguments).stdout.strip()
    try:
        yield name
    finally:
        docker("rm", "--force", "--volumes", name)


def address(name: str) -> str:
    """Where a container that publishes port 8080 answers, once it is ready."""
    url = "http://" + docker("port", name, "8080/tcp").stdout.splitlines()[0].strip()
    until(lambda: _status(f"{url}/health/ready") == 200, lambda: docker("logs", name, check=False).stderr)
    return url


def until(holds: Callable[[], bool], why_not: Callable[[], str] = lambda: "") -> None:
    """Wait until something holds; fails when it does not in time."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, why_not()
        time.sleep(0.05)


def _status(url: str) -> int:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code
    except httpx.TransportError:
        return 0
