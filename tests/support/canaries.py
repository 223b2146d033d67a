"""Images with planted faults, and somebody who keeps asking the Service while they are tried."""

import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from slipway.adapters.docker import DockerImages
from tests.support.clusters import Ground, kubectl
from tests.support.documents import PROJECT
from tests.support.images import KEY, docker

FAULTS = ("crashes", "errors", "slow", "shifted", "refuses", "leaks")


def faulty(reference: str, fault: str, folder: Path, tag: str) -> str:
    """Push an image made from another, with one fault planted; returns its digest."""
    folder.mkdir(parents=True)
    shutil.copyfile(PROJECT / "tests" / "support" / "faulty.py", folder / "faulty.py")
    (folder / "Dockerfile").write_text(
        f"FROM {reference}\nCOPY --chmod=644 faulty.py /app/faulty.py\n"
        f'ENTRYPOINT ["python", "-m", "faulty", "{fault}", "/app/bundle"]\n'
    )
    docker("build", "--quiet", "--tag", tag, str(folder))
    return DockerImages().push(tag, lambda _: None)


def renamed(reference: str, folder: Path, tag: str) -> str:
    """Push an image that calls itself version 2, whatever model is in it; returns its digest."""
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(f"FROM {reference}\nENV SLIPWAY_MODEL_VERSION=2\n")
    docker("build", "--quiet", "--tag", tag, str(folder))
    return DockerImages().push(tag, lambda _: None)


@dataclass
class Load:
    """What a steady caller got: model version (or status, where it was refused) to how often."""

    got: Counter[str] = field(default_factory=Counter)
    lost: int = 0

    @property
    def asked(self) -> int:
        return sum(self.got.values()) + self.lost


@contextmanager
def steady_load(
    made: Ground, service: str, rows: Sequence[Mapping[str, Any]], per_second: float = 30.0
) -> Iterator[Load]:
    """Ask the Service over a new connection each time, until the block is left."""
    words = ("get", "service", service, "--namespace", made.namespace, "--output=jsonpath={.spec.clusterIP}")
    url = f"http://{kubectl(*words).stdout.strip()}/predict"
    load, over = Load(), threading.Event()

    def run() -> None:
        started, turn = time.monotonic(), 0
        while not over.is_set():
            _ask(url, rows[turn % len(rows)], load)
            turn += 1
            over.wait(max(0.0, started + turn / per_second - time.monotonic()))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield load
    finally:
        over.set()
        thread.join()


def _ask(url: str, row: Mapping[str, Any], load: Load) -> None:
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}", "connection": "close"}
    try:
        answer = httpx.post(url, content=json.dumps(dict(row)), headers=headers, timeout=20, trust_env=False)
    except httpx.TransportError:
        load.lost += 1
        return
    load.got[answer.json()["model"]["version"] if answer.status_code == 200 else str(answer.status_code)] += 1
