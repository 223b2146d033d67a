"""The endpoint as a process of its own on this machine, and its twin that answers from memory."""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from slipway.core.errors import BundleInvalid, EndpointFailed, SlipwayError

LAST_LINES = 12
STEP_SECONDS = 0.02
STOP_SECONDS = 15.0
ANSWER_SECONDS = 30.0

# the exit codes that serving/__main__.py documents
_BUNDLE_INVALID = 3
_PORT_TAKEN = 4


class LocalEndpoint:
    """``python -m serving`` on a bundle, from entering the block to leaving it.

    It is started in a session of its own, so that Ctrl-C reaches only us, and told to end with our pipe to it, so
    that it never outlives us, however we end.

    Args:
        port: 0 lets the system choose a free one.
        patience: seconds until it must be ready.
        model_version: what it calls the model in its answers; by default the record's digest.
    """

    def __init__(
        self, bundle: Path, *, port: int = 0, patience: float = 60.0, model_version: str | None = None
    ) -> None:
        self._bundle = bundle
        self._port = port
        self._patience = patience
        self._model_version = model_version
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""

    def __enter__(self) -> Self:
        """Start it and wait until it is ready.

        Raises:
            BundleInvalid: it refuses the bundle.
            EndpointFailed: it ended, or was not ready in time; either way it does not run any more.
        """
        self._output = tempfile.TemporaryFile()
        try:
            self._process = self._start()
            self._url = self._ready_url(self._process, time.monotonic() + self._patience)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def url(self) -> str:
        return self._url

    def post(self, path: str, body: str) -> str:
        try:
            status, answer = _request(self._url, "POST", path, body)
        except (OSError, http.client.HTTPException) as error:
            raise _failed(f"did not answer at {self._url}{path}: {error}", self._last_lines()) from error
        if status != 200:
            raise _failed(f"answered {status} to {path}: {answer[:500]}", self._last_lines())
        return answer

    def wait(self) -> None:
        if self._process is not None:
            raise self._ended(self._process.wait())

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "serving", str(self._bundle), "--port", str(self._port), "--stop-with-stdin"]
        if self._model_version is not None:
            command += ["--model-version", self._model_version]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True
        )

    def _ready_url(self, process: subprocess.Popen[bytes], deadline: float) -> str:
        while time.monotonic() < deadline:
            announced = re.search(r"^listening on (\S+)$", self._text(), re.MULTILINE)
            if announced and _is_ready(announced[1]):
                return announced[1]
            try:
                raise self._ended(process.wait(STEP_SECONDS))
            except subprocess.TimeoutExpired:
                continue
        raise _failed(f"was not ready within {self._patience:g} seconds", self._last_lines())

    def _ended(self, code: int) -> SlipwayError:
        if code == _BUNDLE_INVALID:
            return BundleInvalid(
                f"the endpoint refuses the bundle {self._bundle}: {self._last_lines()}",
                cause="a file of the bundle was changed, added or lost after it was made",
                next_step="delete the bundle's folder and run the same command again to make it anew",
            )
        if code == _PORT_TAKEN:
            return EndpointFailed(
                f"the endpoint cannot listen on port {self._port}",
                cause=self._last_lines(),
                next_step="stop what listens there, or name another port",
            )
        return _failed(f"ended by itself with exit code {code}", self._last_lines())

    def _stop(self) -> None:
        if self._process is not None:
            _end(self._process)
        self._process = None
        self._output.close()

    def _text(self) -> str:
        return os.pread(self._output.fileno(), 1 << 20, 0).decode(errors="replace")

    def _last_lines(self) -> str:
        text = "" if self._output.closed else self._text()
        return "\n".join(text.strip().splitlines()[-LAST_LINES:])


class InMemoryEndpoint:
    """The twin: answers /predict from a function, without a process or a port.

    Args:
        predict: the answer to a row; None refuses the row.
    """

    url = "http://in-memory.invalid"

    def __init__(self, predict: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
        self._predict = predict
        self._runs = False

    def __enter__(self) -> Self:
        self._runs = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runs = False

    def post(self, path: str, body: str) -> str:
        if not self._runs:
            raise _failed(f"did not answer at {self.url}{path}: it does not run", "")
        if path != "/predict":
            raise _failed(f"answered 404 to {path}", "")
        answer = self._predict(json.loads(body))
        if answer is None:
            raise _failed(f"answered 422 to {path}", "")
        return json.dumps(answer)

    def wait(self) -> None:
        raise _failed("ended by itself with exit code 0", "")


def _request(url: str, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    """Status and text of one request, straight to the address: no proxy of the environment is asked."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_SECONDS)
    try:
        connection.request(method, path, body, {"content-type": "application/json"} if body is not None else {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def _is_ready(url: str) -> bool:
    try:
        return _request(url, "GET", "/health/ready")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        if process.stdin is not None:
            process.stdin.close()


def _failed(what: str, last_lines: str) -> EndpointFailed:
    return EndpointFailed(
        f"the endpoint {what}",
        cause=f"its last words were:\n{last_lines}" if last_lines else "it said nothing",
        next_step="run `python -m serving BUNDLE` on the bundle to see it by itself",
    )
