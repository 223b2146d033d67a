"""``python -m serving`` as a process."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.bundles import CHURN

PATIENCE = 30
PICKLING = {"joblib", "cloudpickle", "dill", "skops", "pandas", "sklearn", "lightgbm", "mlflow", "onnx", "slipway"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "serving", *map(str, arguments)]


@contextmanager
def running(*arguments: object) -> Iterator[tuple["subprocess.Popen[str]", http.client.HTTPConnection]]:
    """The process, once it has said where it listens, and a connection to it."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command(*arguments), stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            address = re.fullmatch(r"listening on http://(127\.0\.0\.1:\d+)\n", said)
            assert address, said or process.communicate()[1]
            yield process, http.client.HTTPConnection(address[1], timeout=PATIENCE)
        finally:
            process.kill()


def ask(connection: http.client.HTTPConnection, row: object) -> tuple[int, dict[str, object]]:
    connection.request("POST", "/predict", json.dumps(row), {"content-type": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def refused(*arguments: object) -> tuple[int, str]:
    done = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stderr


def python(code: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_it_answers_as_soon_as_it_says_that_it_listens(folder: Path) -> None:
    with running(folder, "--port", 0) as (_, connection):
        status, answer = ask(connection, CHURN.examples[0])
    assert status == 200
    assert "probability" in answer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_code_0_when_asked_to_and_logs_json(folder: Path, number: signal.Signals) -> None:
    with running(folder, "--port", 0) as (process, connection):
        ask(connection, CHURN.examples[0])
        connection.close()
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert [json.loads(line)["message"] for line in errors.splitlines()] == ["stopped"]


def test_it_ends_with_its_starter_when_told_so(folder: Path) -> None:
    with running(folder, "--port", 0, "--stop-with-stdin") as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_it_outlives_its_standard_input_otherwise(folder: Path) -> None:
    with running(folder, "--port", 0) as (process, connection):
        assert process.stdin is not None
        process.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        assert ask(connection, CHURN.examples[0])[0] == 200


@pytest.mark.parametrize("name", ["model.onnx", "coded.onnx", "signature.json", "background.json", "record.json"])
def test_one_changed_byte_keeps_it_from_starting_with_a_code_of_its_own(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-2] ^= 1
    (folder / name).write_bytes(content)
    code, errors = refused(folder, "--port", 0)
    assert code == 3
    told = f"{name}: is not the file that manifest.json lists: its SHA-256 differs"
    assert errors == f"serving refused to start: {folder}: {told}\n"


def test_a_taken_port_has_a_code_of_its_own(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, errors = refused(folder, "--port", port)
    assert code == 4
    assert f"127.0.0.1 port {port} cannot be listened on" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("port", ["70000", "-1", "http"])
def test_an_impossible_port_is_a_usage_error(folder: Path, port: str) -> None:
    code, errors = refused(folder, f"--port={port}")
    assert code == 2
    assert "Traceback" not in errors


def test_nothing_that_loads_pickles_and_nothing_of_the_training_side_is_imported(folder: Path) -> None:
    code = """
import sys
from pathlib import Path
import serving.__main__, serving.server.process
from serving.endpoint import make_endpoint
from serving.bundle.loading import load
from serving.routes.app import routes
from serving.settings import read_settings
bundle = load(Path(sys.argv[1]))
routes(make_endpoint(bundle, read_settings(sys.argv[1:], {})).answering).openapi()
print(*{name.partition(".")[0] for name in sys.modules})
ours = [m for n, m in sys.modules.items() if n.partition(".")[0] == "serving"]
print(*(m.__name__ for m in ours if sys.modules["pickle"] in vars(m).values()))
"""
    done = python(code, folder)
    assert done.returncode == 0, done.stderr
    imported, using_pickle = done.stdout.split("\n")[:2]
    assert {"serving", "onnxruntime"} <= set(imported.split())
    assert not PICKLING & set(imported.split())
    assert using_pickle == ""


@pytest.mark.parametrize("load", ["pickle.loads", "pickle._loads"], ids=["in C", "in Python"])
def test_no_object_can_be_loaded_from_a_pickle_once_it_has_started(load: str) -> None:
    code = f"""
import pickle, fractions, serving.__main__
content = pickle.dumps(fractions.Fraction(1, 3))
assert {load}(content) == fractions.Fraction(1, 3)
assert serving.__main__.main(["/nowhere"]) == 3
{load}(content)
"""
    done = python(code)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("UnpicklingForbidden: this process loads no pickles")
