"""Running a command while watching the memory of every process it starts."""

import contextlib
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

POLL_SECONDS = 0.05
PROC = Path("/proc")


class Failed(Exception):
    """The command ended with another exit code than 0; the message is what it printed."""


@dataclass
class Watched:
    """What a command took.

    Attributes:
        cpu_seconds: of the command and of all processes it waited for, user and system.
        largest_gb: peak resident memory of the largest process.
        together_gb: largest sum over all processes at one moment; memory they share is counted for each of them.
        by_process: peak resident memory in GB of each process, by the name that ``name_of`` gives its command line.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    output: str = ""
    together_gb: float = 0.0
    by_process: dict[str, float] = field(default_factory=dict)

    @property
    def largest_gb(self) -> float:
        return max(self.by_process.values(), default=0.0)


def watch(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Watched:
    """Run a command to its end; raises Failed."""
    watched, started, cpu = Watched(), time.perf_counter(), _cpu_of_children()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=cwd, env=dict(env), stdout=output, stderr=subprocess.STDOUT)
        while _still_runs(process):
            _look(process.pid, watched)
        watched.seconds, watched.cpu_seconds = time.perf_counter() - started, _cpu_of_children() - cpu
        output.seek(0)
        watched.output = output.read().decode(errors="replace")
    if process.returncode:
        raise Failed(f"{' '.join(command)} ended with {process.returncode}:\n{watched.output}")
    return watched


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def name_of(arguments: Sequence[str]) -> str:
    """``validate`` for ``python .venv/bin/slipway validate churn``; "" for what is none of ours."""
    if "serving" in arguments:
        return "endpoint"
    at = next((n for n, argument in enumerate(arguments) if Path(argument).name == "slipway"), None)
    return "" if at is None or at + 1 >= len(arguments) else arguments[at + 1]


def _still_runs(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False


def _look(root: int, watched: Watched) -> None:
    together = 0.0
    for pid in _family(root):
        with contextlib.suppress(OSError, KeyError, ValueError):  # it may end while we look
            arguments = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
            memory = _memory(pid)
            together += memory["VmRSS"]
            name = name_of(arguments) or "other"
            watched.by_process[name] = max(watched.by_process.get(name, 0.0), memory["VmHWM"])
    watched.together_gb = max(watched.together_gb, together)


def _family(root: int) -> Iterator[int]:
    yield root
    for children in (PROC / str(root) / "task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in children.read_text().split():
                yield from _family(int(child))


def _memory(pid: int) -> dict[str, float]:
    """Of one process, in GB."""
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines if line.startswith("Vm"))
    return {name: int(value.split()[0]) * 1024 / 1e9 for name, value in fields.items()}
