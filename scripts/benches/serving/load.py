"""Load by wrk, which takes little of the processor that the server needs."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.benches.serving.running import Running

_SCRIPT = """
wrk.method = "POST"
wrk.body = {body}
{headers}
done = function(summary, latency, requests)
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  local found = '{{"requests": %d, "seconds": %f, "refused": %d, "broken": %d, "p50": %f, "p99": %f}}'
  io.write("\\nJSON" .. string.format(found, summary.requests, summary.duration / 1e6, summary.errors.status, broken,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


class NoWrk(Exception):
    """The load generator is not installed."""


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw.

    Attributes:
        p50, p99: milliseconds.
        failed: answers that are not 2xx, and connections that broke.
        cpu_us: microseconds of processor time that the server took for a request.
    """

    requests: int
    per_second: float
    p50: float
    p99: float
    failed: int
    cpu_us: float


def need_wrk() -> None:
    """Raise NoWrk where it is missing."""
    if shutil.which("wrk") is None:
        raise NoWrk("wrk is not installed; on Debian: apt-get install wrk")


def put_load(server: Running, body: str, connections: int, seconds: int) -> Load:
    """Ask one thing over and over on some connections."""
    headers = {"content-type": "application/json", **server.peer.headers}
    lines = "\n".join(f"wrk.headers[ {_lua(name)} ] = {_lua(value)}" for name, value in headers.items())
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "ask.lua"
        script.write_text(_SCRIPT.format(body=_lua(body), headers=lines))
        url = f"http://127.0.0.1:{server.port}{server.peer.path}"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), url]
        before = server.cpu_seconds()
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        cpu = server.cpu_seconds() - before
    told = json.loads(said.rpartition("JSON")[2])
    answered = max(1, told["requests"])
    failed = told["refused"] + told["broken"]
    per_second = told["requests"] / told["seconds"]
    return Load(told["requests"], per_second, told["p50"], told["p99"], failed, cpu / answered * 1e6)


def _lua(text: str) -> str:
    return f"[==[{text}]==]"
