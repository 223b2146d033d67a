"""A server as a group of processes: started, asked, watched, halted while others are measured, and ended."""

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.benches.serving.servers import Peer, Row, environment_of

PATIENCE = 60.0
PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class NotServed(Exception):
    """A server did not start, or answered something wrong; the message is what it said."""


@dataclass(frozen=True)
class Running:
    """A server that has answered correctly.

    Attributes:
        first_answer: seconds from its start to its first correct answer.
    """

    peer: Peer
    process: "subprocess.Popen[bytes]"
    port: int
    first_answer: float

    def ask(self, connection: http.client.HTTPConnection, body: str) -> bytes:
        """The answer to a body; raises NotServed unless its status is 200."""
        return _ask(self.peer, connection, body)

    def connect(self) -> http.client.HTTPConnection:
        """A connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def family(self) -> list[int]:
        """Its process and all that descend from it."""
        return list(_family(self.process.pid))

    def memory_mb(self) -> float:
        """Resident memory of all its processes; what they share is counted for each."""
        return sum(_resident(pid) for pid in self.family()) / 1e6

    def cpu_seconds(self) -> float:
        """User and system time of all its processes so far."""
        return sum(_cpu(pid) for pid in self.family())

    def halt(self) -> None:
        """Let it have no processor until it goes on: some servers poll while they are idle."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        os.killpg(self.process.pid, signal.SIGCONT)


@contextmanager
def running(peer: Peer, row: Row, expected: float) -> Iterator[Running]:
    """A fresh process of a server, once it has answered a row with what the model says of it.

    Raises:
        NotServed: it ended, or gave no right answer in time.
    """
    port = _free_port()
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            list(peer.command(port)), cwd=peer.folder, env=environment_of(peer),
            stdout=said, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            _until_answered(peer, process, port, row, expected)
            yield Running(peer, process, port, time.perf_counter() - started)
        except NotServed as error:
            said.seek(0)
            raise NotServed(f"{peer.name}: {error}\n{said.read()[-3000:].decode(errors='replace')}") from error
        finally:
            for member in list(_family(process.pid)):  # some servers put their workers into sessions of their own
                with suppress(ProcessLookupError):
                    os.kill(member, signal.SIGKILL)
            process.wait()


def _until_answered(
    peer: Peer, process: "subprocess.Popen[bytes]", port: int, row: Row, expected: float
) -> None:  # fmt: skip
    deadline, body, problem = time.monotonic() + PATIENCE, peer.body([row]), "no answer in time"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotServed(f"ended with {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            check(peer, _ask(peer, connection, body), [expected])
        except (OSError, http.client.HTTPException):
            time.sleep(0.002)
        except NotServed as error:  # LitServe answers that it is not ready
            problem = str(error)
            time.sleep(0.01)
        else:
            return
    raise NotServed(problem)


def check(peer: Peer, answer: bytes, expected: Sequence[float]) -> None:
    """Raise NotServed unless an answer is what the model says; a server without a model need only answer."""
    found = peer.answered(json.loads(answer))
    right = len(found) == len(expected) and all(abs(a - b) < 1e-6 for a, b in zip(found, expected, strict=True))
    if found and not right:
        raise NotServed(f"answered {found[:3]}, not {list(expected[:3])}")


def _ask(peer: Peer, connection: http.client.HTTPConnection, body: str) -> bytes:
    connection.request("POST", peer.path, body, {"content-type": "application/json", **peer.headers})
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise NotServed(f"answered {response.status}: {answer[:300].decode(errors='replace')}")
    return answer


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _family(root: int) -> Iterator[int]:
    yield root
    for children in (PROC / str(root) / "task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                yield from _family(int(child))


def _resident(pid: int) -> int:
    with suppress(OSError):
        return int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE
    return 0


def _cpu(pid: int) -> float:
    with suppress(OSError):
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0
