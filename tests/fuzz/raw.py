"""Clients that speak HTTP by hand, so that they can speak it badly."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 15.0
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Target:
    """A running endpoint, and where its standard error goes."""

    process: "subprocess.Popen[str]"
    port: int
    errors: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def memory(self) -> int:
        """Resident bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE

    def told(self) -> list[dict[str, Any]]:
        """The lines of standard error; each has to be a JSON object."""
        lines = [json.loads(line) for line in self.errors.read_text().splitlines()]
        assert all(isinstance(line, dict) for line in lines)
        return lines


@contextmanager
def target(bundle: Path, *options: str) -> Iterator[Target]:
    """``python -m serving``, once it listens."""
    command = [sys.executable, "-m", "serving", str(bundle), "--port", "0", *options]
    with tempfile.NamedTemporaryFile(suffix=".log") as errors:
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=errors.file, text=True) as process:
            try:
                assert process.stdout is not None
                said = process.stdout.readline()
                address = re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", said)
                assert address, said or Path(errors.name).read_text()
                yield Target(process, int(address[1]), Path(errors.name))
            finally:
                process.kill()


def request(
    body: bytes = b"",
    *headers: str,
    method: str = "POST",
    path: str = "/predict",
    length: bool = True,
    typed: bool = True,
) -> bytes:
    """A request with the usual headers and more."""
    usual = ["host: x", *(["content-type: application/json"] if body and typed else []), *headers]
    if length and (body or method == "POST"):
        usual.append(f"content-length: {len(body)}")
    return f"{method} {path} HTTP/1.1\r\n".encode() + "\r\n".join([*usual, "\r\n"]).encode("latin-1") + body


def chunked(*chunks: bytes, extension: bytes = b"") -> bytes:
    """A body in chunks, with its end."""
    return b"".join(b"%x%s\r\n%s\r\n" % (len(c), extension, c) for c in chunks) + b"0\r\n\r\n"


def send(connection: socket.socket, data: bytes) -> None:
    """Send as much as the server takes: it may hang up before the end."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(data)


def receive(connection: socket.socket) -> bytes:
    """All that comes until the server closes; a server that neither answers nor closes is a failure."""
    received, deadline = b"", time.monotonic() + PATIENCE
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(1 << 16):
            received += part
            assert time.monotonic() < deadline, "neither answered nor closed"
    return received


def answers(received: bytes, *, heads: bool = False) -> list[Answer]:
    """The answers in what came, each checked for its length; 100 Continue is none."""
    found = []
    while received:
        head, end, rest = received.partition(b"\r\n\r\n")
        assert end, received
        status, *lines = head.decode("latin-1").split("\r\n")
        number = re.fullmatch(r"HTTP/1\.1 (\d{3}) [A-Za-z -]*", status)
        assert number, status
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        if number[1] == "100":
            received = rest
            continue
        length = 0 if heads else int(headers["content-length"])
        assert len(rest) >= length, "the answer is cut off"
        found.append(Answer(int(number[1]), headers, rest[:length]))
        received = rest[length:]
    return found
