"""SIGTERM while eight clients ask as fast as they can: no request fails."""

import gzip
import http.client
import json
import signal
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fuzz import raw
from tests.fuzz.budget import SEED
from tests.support.bundles import CHURN, write_bundle

CLIENTS = 8
TIMES = 3 if SEED is None else 20
ROW = json.dumps(CHURN.examples[0])
JSON = {"content-type": "application/json"}


@dataclass
class Told:
    """What the clients saw."""

    answered: int = 0
    failed: list[str] = field(default_factory=list)
    warm: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


def client(port: int, told: Told) -> None:
    """Ask until nobody listens any more; a connection is used until the endpoint says that it is the last time."""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=raw.PATIENCE)
        try:
            connection.connect()
        except ConnectionRefusedError:
            return
        except OSError as error:
            told.failed.append(f"connecting: {error!r}")
            return
        if not ask_until_closed(connection, told):
            return


def ask_until_closed(connection: http.client.HTTPConnection, told: Told) -> bool:
    try:
        while connection.sock is not None:
            connection.request("POST", "/predict", ROW, JSON)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 200:
                told.failed.append(f"{answer.status} {said!r}")
            told.answered += 1
            if told.answered >= 50 * CLIENTS:
                told.warm.release()
    except (OSError, http.client.HTTPException) as error:
        told.failed.append(repr(error))
        return False
    return True


def stopped_under_load(bundle: Path, workers: int, log: Path) -> tuple[Told, int, list[str]]:
    """What clients saw, the exit code, and what was logged."""
    told = Told()
    with raw.target(bundle, "--workers", str(workers), "--log-to", str(log)) as endpoint:
        assert endpoint.process.stdout is not None
        for _ in range(workers - 1):
            endpoint.process.stdout.readline()  # each worker says that it listens
        clients = [threading.Thread(target=client, args=(endpoint.port, told)) for _ in range(CLIENTS)]
        for each in clients:
            each.start()
        assert told.warm.acquire(timeout=raw.PATIENCE)
        endpoint.process.send_signal(signal.SIGTERM)
        code = endpoint.process.wait(raw.PATIENCE)
        for each in clients:
            each.join(raw.PATIENCE)
        assert not any(each.is_alive() for each in clients)
        return told, code, [str(line["message"]) for line in endpoint.told()]


@pytest.mark.parametrize("workers", [1, 2])
def test_no_request_is_lost_when_it_is_asked_to_stop(tmp_path: Path, workers: int) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    for time in range(TIMES):
        log = tmp_path / f"log{time}"
        told, code, messages = stopped_under_load(bundle, workers, log)
        assert told.failed == []
        assert code == 0
        assert messages == ["stopped"] * workers
        assert told.answered == logged(log)


def logged(folder: Path) -> int:
    """Predictions in the log."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    lines = (line for path in files for line in gzip.decompress(path.read_bytes()).splitlines())
    return sum(json.loads(line)["kind"] == "prediction" for line in lines)
