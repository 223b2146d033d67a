"""Several processes on one port, a port for health and metrics, and the reasons not to start."""

import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.bundles import CHURN

PATIENCE = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(folder: Path, *options: object, workers: int = 1) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The process, once each of its workers listens, and its address."""
    command = [sys.executable, "-m", "serving", str(folder), "--port", "0", "--workers", str(workers)]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, *map(str, options)], stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            said = {process.stdout.readline() for _ in range(workers)}
            assert len(said) == 1, said
            address = re.fullmatch(r"listening on http://(127\.0\.0\.1:\d+)\n", said.pop())
            assert address
            yield process, address[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def ask(address: str, path: str, body: object = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    text = None if body is None else json.dumps(body)
    connection.request("GET" if text is None else "POST", path, text, {"content-type": "application/json"})
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


def figure(metrics: str, name: str) -> float:
    return next(float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if line.startswith(f"{name} "))


def children(process: "subprocess.Popen[str]") -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_any_worker_tells_what_all_of_them_counted(folder: Path) -> None:
    with running(folder, workers=3) as (_, address):
        for _ in range(40):
            assert ask(address, "/predict", CHURN.examples[0])[0] == 200
        told = {figure(ask(address, "/metrics")[1], "slipway_predictions_total") for _ in range(10)}
    assert told == {40.0}


def test_a_worker_that_dies_is_started_again_and_its_count_goes_on(folder: Path) -> None:
    with running(folder, workers=2) as (process, address):
        for _ in range(20):
            ask(address, "/predict", CHURN.examples[0])
        before = children(process)
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        until(lambda: len(set(children(process)) - set(before)) == 2)

        def answers() -> bool:
            try:
                return ask(address, "/health/ready")[0] == 200
            except OSError:
                return False

        until(answers)
        assert ask(address, "/predict", CHURN.examples[0])[0] == 200
        assert figure(ask(address, "/metrics")[1], "slipway_predictions_total") == 21


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_workers_end_together_with_code_0(folder: Path, number: signal.Signals) -> None:
    with running(folder, workers=2) as (process, _):
        workers = children(process)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_workers_do_not_outlive_their_starter(folder: Path) -> None:
    with running(folder, workers=2) as (process, _):
        workers = children(process)
        process.kill()
        until(lambda: not any(Path(f"/proc/{worker}/exe").exists() for worker in workers))


def test_health_and_metrics_have_a_port_of_their_own_without_a_key(folder: Path, tmp_path: Path) -> None:
    keys, port = tmp_path / "keys", free_port()
    keys.write_text(f"a:{hashlib.sha256(b'k').hexdigest()}\n")
    with running(folder, "--management-port", port, "--keys", keys, workers=2) as (_, address):
        assert ask(f"127.0.0.1:{port}", "/health/ready")[0] == 200
        assert ask(f"127.0.0.1:{port}", "/metrics")[0] == 200
        assert ask(address, "/predict", CHURN.examples[0])[0] == 401
        assert ask(address, "/metrics")[0] in {401, 404}


def refused(folder: Path, *options: object, **variables: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "serving", str(folder), "--port", "0", *map(str, options)]
    environment = os.environ | variables
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_another_bundle_than_the_one_asked_for_is_refused(folder: Path) -> None:
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    code, told = refused(folder, SLIPWAY_BUNDLE_DIGEST="0" * 64)
    assert (code, "manifest.json: its SHA-256 is " + digest in told) == (3, True)
    with running(folder, "--bundle-digest", digest) as (_, address):
        assert ask(address, "/health/ready")[0] == 200


def test_an_address_for_everybody_needs_keys(folder: Path, tmp_path: Path) -> None:
    code, told = refused(folder, "--host", "0.0.0.0")  # noqa: S104
    assert (code, "no keys are set" in told) == (5, True)
    code, told = refused(folder, "--keys", tmp_path / "absent")
    assert (code, "cannot be read" in told) == (5, True)


def test_a_log_that_cannot_go_where_it_is_told_to_is_refused(folder: Path) -> None:
    code, told = refused(folder, "--log-to", "ftp://example.org/log")
    assert (code, told.count("\n")) == (6, 1)


def test_workers_without_a_port_to_share_are_refused_once(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "serving", str(folder), "--workers", "2"]
        port = str(taken.getsockname()[1])
        done = subprocess.run([*command, "--port", port], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr.count("cannot be listened on")) == (4, 1)
