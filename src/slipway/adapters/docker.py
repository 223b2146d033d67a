"""Docker, driven by its command, as our Images."""

import json
import re
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.core.errors import BundleInvalid, EndpointFailed, EngineUnreachable, ImageNotBuilt, ImageNotPushed
from slipway.core.image import Base, Built, Reply
from slipway.workspace.lock import locked

LAST_LINES = 15
STEP_SECONDS = 0.1
TURN_SECONDS = 180.0  # for which another trial of the same image is waited for
KEY_FOLDER = "/run/secrets/slipway"
PORT = 8080

_TRANSIENT = re.compile(
    r"\b50[0234]\b|\b429\b|too many requests|timeout|timed out|connection reset|broken pipe|unexpected EOF|: EOF", re.I
)
_NO_ENGINE = re.compile(r"cannot connect to the docker daemon|is the docker daemon running|error during connect", re.I)
_FORBIDDEN = re.compile(r"unauthorized|denied|no basic auth|authentication required|forbidden|HTTP 40[13]", re.I)
_NOT_THERE = re.compile(r"no such manifest|manifest unknown|name unknown|not found", re.I)
_BUNDLE_INVALID = 3  # the exit code that serving/__main__.py documents

# asks the endpoint from inside its container: the engine may be on another machine
_ASK = """
import http.client, json, sys
ask = json.load(sys.stdin)
connection = http.client.HTTPConnection("127.0.0.1", ask["port"], timeout=30)
connection.request(ask["method"], ask["path"], ask["body"].encode(), ask["headers"])
answer = connection.getresponse()
json.dump([answer.status, answer.read().decode()], sys.stdout)
"""

# the same, many times over one connection
_TIME = """
import http.client, json, sys, time
ask = json.load(sys.stdin)
connection = http.client.HTTPConnection("127.0.0.1", ask["port"], timeout=60)
took, body = [], ask["body"].encode()
for _ in range(ask["repeat"]):
    begun = time.perf_counter()
    connection.request("POST", ask["path"], body, ask["headers"])
    answer = connection.getresponse()
    text = answer.read().decode()
    took.append((time.perf_counter() - begun) * 1000)
    if answer.status != 200:
        sys.exit(f"it answered {answer.status}: {text[:200]}")
json.dump(took, sys.stdout)
"""

# proportional set sizes of all processes but this one: no page cache, and what is shared counts once
_MEMORY = """
import os, pathlib
held = 0
for folder in pathlib.Path("/proc").iterdir():
    if folder.name.isdigit() and int(folder.name) != os.getpid():
        lines = (folder / "smaps_rollup").read_text().splitlines()
        held += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
print(held * 1024)
"""


@dataclass(frozen=True)
class DockerImages:
    """The engine that ``docker`` talks to; it reads ``DOCKER_HOST`` and its logins as it does for anybody.

    Args:
        program: the command, first words included.
        pauses: seconds to wait before each repeated push.
        patience: seconds until a container must be ready.
        push_seconds: after which a push is given up; a registry that takes the connection and says nothing would
            be waited for without end.
        quick_seconds: after which any other command but a build is given up.
    """

    program: Sequence[str] = ("docker",)
    pauses: Sequence[float] = (1.0, 3.0, 9.0)
    patience: float = 60.0
    push_seconds: float = 900.0
    quick_seconds: float = 60.0

    def base(self, name: str, say: Callable[[str], None]) -> Base:
        """Find an image to build on; see the port."""
        found = self._inspect(name)
        if "@" in name:
            size = None if found is None else found["Size"]
            return Base(name=name.partition("@")[0], digest=name.partition("@")[2], reference=name, size_bytes=size)
        if found is None:
            say(f"fetching {name}")
            code, last = self._stream(["pull", name], lambda _: None)
            found = self._inspect(name)
            if found is None:
                raise _not_built(f"the base image {name} is not to be had (exit code {code})", last)
        return _base(name, found.get("RepoDigests") or [], found.get("Size"))

    def build(
        self,
        context: Path,
        *,
        tags: Sequence[str],
        arguments: Mapping[str, str],
        say: Callable[[str], None],
        dockerfile: str = "Dockerfile.serve",
    ) -> Built:
        """Build a Dockerfile of ``context``; see the port."""
        command = ["build", "--file", str(context / dockerfile)]
        command += [word for tag in tags for word in ("--tag", tag)]
        command += [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        with tempfile.TemporaryDirectory(prefix="slipway-image-") as folder:
            noted = Path(folder) / "identity"
            code, last = self._stream([*command, "--iidfile", str(noted), str(context)], _steps(say))
            if code != 0:
                raise _not_built(f"the image could not be built (exit code {code})", last)
            identity = noted.read_text().strip()
        found = self._inspect(identity)
        if found is None:
            raise _not_built(f"the engine does not know {identity} that it has just built", last)
        return Built(identity=identity, created_at=found["Created"], size_bytes=found["Size"])

    @contextmanager
    def start(self, image: str, keys: str) -> Iterator["DockerContainer"]:
        """Run an image until the block is left; see the port.

        The container is named after the image, so that the next one takes away what a killed process left; on one
        machine only one process at a time has that name.
        """
        name = f"slipway-trial-{image.removeprefix('sha256:')[:12]}"
        alone = Path(tempfile.gettempdir()) / f"{name}.lock"
        with locked(alone, f"trial of {image}", patience=TURN_SECONDS, waiting=lambda _: None):
            self._remove(name)
            try:
                self._create(name, image, keys)
                container = DockerContainer(self, name, self._begin(name))
                container.wait(time.monotonic() + self.patience)
                yield container
            finally:
                self._remove(name)

    def push(self, tag: str, say: Callable[[str], None]) -> str:
        """Push a tag and tell its digest; see the port."""
        deadline = time.monotonic() + self.push_seconds
        for pause in (*self.pauses, None):
            try:
                code, last = self._stream(["push", tag], lambda _: None, deadline=deadline)
            except TimeoutError as error:
                raise _not_pushed(tag, f"no answer within {self.push_seconds:g} seconds") from error
            digest = re.search(r"digest: (sha256:[0-9a-f]{64})", last)
            if code == 0 and digest:
                return digest[1]
            if pause is None or not _TRANSIENT.search(last):
                break
            say(f"the registry faltered, trying again in {pause:g} s")
            time.sleep(pause)
        raise _not_pushed(tag, last)

    def holds(self, reference: str) -> bool:
        """Ask a registry for a digest; see the port.

        Plain HTTP is spoken with a registry on this machine only, as the engine does unless it is told otherwise; one
        elsewhere that speaks nothing else seems empty, and is pushed to again.
        """
        host = reference.partition("/")[0].partition(":")[0]
        options = ["--insecure"] if host == "localhost" or host.startswith("127.") else []
        try:
            asked = self.command("manifest", "inspect", *options, reference)
        except EngineUnreachable as error:
            if isinstance(error.__cause__, subprocess.TimeoutExpired):
                raise _not_pushed(reference, f"no answer within {self.quick_seconds:g} seconds") from error
            raise
        if asked.returncode != 0 and not _NOT_THERE.search(asked.stderr):
            raise _not_pushed(reference, _public(asked.stderr.strip()))
        return asked.returncode == 0

    def command(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one quick command to its end; raises EngineUnreachable when no engine answers."""
        try:
            done = subprocess.run(
                [*self.program, *arguments],
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.quick_seconds,
                check=False,
            )
        except OSError as error:
            raise _unreachable(f"{self.program[0]} cannot be started ({error.strerror})") from error
        except subprocess.TimeoutExpired as error:
            raise _unreachable(f"`docker {arguments[0]}` did not end within {self.quick_seconds:g} seconds") from error
        if done.returncode != 0 and _NO_ENGINE.search(done.stderr):
            raise _unreachable(_public(done.stderr.strip()))
        return done

    def _create(self, name: str, image: str, keys: str) -> None:
        """The keys go into a volume of the container's own: a folder of this machine may not be the engine's."""
        hardened = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        with tempfile.TemporaryDirectory(prefix="slipway-image-") as folder:
            Path(folder).chmod(0o755)
            (Path(folder) / "keys").write_text(keys)
            (Path(folder) / "keys").chmod(0o644)
            for arguments in (
                ["create", "--name", name, *hardened, "--env", f"SLIPWAY_PORT={PORT}", "--volume", KEY_FOLDER, image],
                ["cp", f"{folder}/.", f"{name}:{KEY_FOLDER}"],
            ):
                self._start_with(*arguments)

    def _begin(self, name: str) -> float:
        """Start what was created; returns when that was, on the monotonic clock."""
        begun = time.monotonic()
        self._start_with("start", name)
        return begun

    def _start_with(self, *arguments: str) -> None:
        done = self.command(*arguments)
        if done.returncode != 0:
            raise _not_answering(f"could not be started: docker {arguments[0]} failed", done.stderr)

    def _remove(self, name: str) -> None:
        self.command("rm", "--force", "--volumes", name)

    def _inspect(self, image: str) -> dict[str, Any] | None:
        done = self.command("image", "inspect", "--format", "{{json .}}", image)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def _stream(
        self, arguments: Sequence[str], say: Callable[[str], None], *, deadline: float | None = None
    ) -> tuple[int, str]:
        """Run a long command, handing on each line; returns its exit code and last lines, fit to be shown.

        Raises TimeoutError when it has not ended at the deadline, on the monotonic clock.
        """
        last: deque[str] = deque(maxlen=LAST_LINES)
        with self._started(arguments) as process, _ended_by(deadline, process) as cut_off:
            try:
                for line in process.stdout or ():
                    last.append(_public(line.rstrip()))
                    say(last[-1])
            except BaseException:
                process.terminate()
                raise
        if cut_off.is_set():
            raise TimeoutError
        text = "\n".join(last)
        if process.returncode != 0 and _NO_ENGINE.search(text):
            raise _unreachable(text)
        return process.returncode, text

    def _started(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(
                [*self.program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise _unreachable(f"{self.program[0]} cannot be started ({error.strerror})") from error


@contextmanager
def _ended_by(deadline: float | None, process: subprocess.Popen[str]) -> Iterator[threading.Event]:
    """Kill a process that is at work at the deadline; yields what says so."""
    cut_off = threading.Event()

    def cut() -> None:
        cut_off.set()
        process.kill()

    timer = threading.Timer(0 if deadline is None else max(0.0, deadline - time.monotonic()), cut)
    if deadline is not None:
        timer.start()
    try:
        yield cut_off
    finally:
        timer.cancel()


@dataclass(frozen=True)
class DockerContainer:
    """A container that runs; made by :meth:`DockerImages.start`."""

    engine: DockerImages
    name: str
    begun: float

    def uid(self) -> int:
        """The user its first process runs as."""
        done = self.engine.command("exec", self.name, "python", "-c", "import os; print(os.stat('/proc/1').st_uid)")
        if done.returncode != 0:
            raise self._silent(done.stderr)
        return int(done.stdout)

    def ask(self, path: str, body: str, *, key: str | None = None) -> Reply:
        """Send JSON; see the port."""
        return self._ask("POST", path, body, {} if key is None else {"authorization": f"Bearer {key}"})

    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.begun

    def time(self, path: str, body: str, *, key: str, repeat: int) -> tuple[float, ...]:
        """Milliseconds of each of many equal requests; see the port."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        question = {"port": PORT, "path": path, "body": body, "headers": headers, "repeat": repeat}
        return tuple(json.loads(self._inside(_TIME, json.dumps(question))))

    def memory(self) -> float | None:
        """Megabytes of its processes; see the port."""
        done = self.engine.command("exec", self.name, "python", "-c", _MEMORY)
        return int(done.stdout) / 1e6 if done.returncode == 0 else None

    def wait(self, deadline: float) -> None:
        """Return once it is ready; raises BundleInvalid or EndpointFailed when it will not be."""
        while time.monotonic() < deadline:
            state = self.engine.command(
                "inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", self.name
            ).stdout.split()
            if state and state[0] != "running":
                raise self._ended(int(state[1]))
            try:
                if self._ask("GET", "/health/ready", "", {}).status == 200:
                    return
            except EndpointFailed:
                pass
            time.sleep(STEP_SECONDS)
        raise _not_answering(f"was not ready within {self.engine.patience:g} seconds", self._logs())

    def _ask(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> Reply:
        headers = {"content-type": "application/json"} | dict(headers)
        question = json.dumps({"port": PORT, "method": method, "path": path, "body": body, "headers": headers})
        status, text = json.loads(self._inside(_ASK, question))
        return Reply(status=status, body=text)

    def _inside(self, program: str, stdin: str) -> str:
        """What a Python program prints inside; raises EndpointFailed with its last word."""
        done = self.engine.command("exec", "--interactive", self.name, "python", "-c", program, stdin=stdin)
        if done.returncode != 0:
            raise self._silent(done.stderr.strip().rpartition("\n")[2])
        return done.stdout

    def _ended(self, code: int) -> BundleInvalid | EndpointFailed:
        if code == _BUNDLE_INVALID:
            return BundleInvalid(
                f"the image refuses its bundle: {self._logs()}",
                cause="a file of the bundle was changed while the image was built",
                next_step="run the same command again: the bundle is fetched anew",
            )
        return _not_answering(f"ended by itself with exit code {code}", self._logs())

    def _silent(self, why: str) -> EndpointFailed:
        return _not_answering(f"does not answer: {why}", self._logs())

    def _logs(self) -> str:
        done = self.engine.command("logs", "--tail", str(LAST_LINES), self.name)
        return _public(f"{done.stdout}{done.stderr}".strip())


def _base(name: str, known: Sequence[str], size: int | None) -> Base:
    """The digest of the same repository if there is one: an image may have been pushed to several."""
    same = [entry for entry in known if entry.partition("@")[0] == name.rpartition(":")[0]]
    if not known:
        return Base(name=name, digest="", reference=name, size_bytes=size)
    reference = (same or known)[0]
    return Base(name=name, digest=reference.partition("@")[2], reference=reference, size_bytes=size)


def _steps(say: Callable[[str], None]) -> Callable[[str], None]:
    """Hand on only the lines that begin a step, of either builder."""

    def hand_on(line: str) -> None:
        step = re.match(r"#\d+ (\[.+)|(Step \d+/\d+ : .+)", line)
        if step and "[internal]" not in line:
            say((step[1] or step[2])[:110])

    return hand_on


def _public(text: str) -> str:
    """A message without what may hold a secret: user and password of an address, and its query."""
    return re.sub(r"(https?://[^\s?]*)\?\S*", r"\1", re.sub(r"://[^\s/@]*@", "://", text))


def _unreachable(what: str) -> EngineUnreachable:
    return EngineUnreachable(
        f"no engine for images: {what}",
        cause="Docker is not installed or not started, or DOCKER_HOST points elsewhere",
        next_step="start Docker; `docker version` tells when it answers, then run the same command again",
    )


def _not_built(what: str, last: str) -> ImageNotBuilt:
    return ImageNotBuilt(
        f"{what}; the last lines were:\n{last}",
        cause="the package index or the base image cannot be reached from the engine, or its disk is full",
        next_step="mend what the last lines name and run the same command again: finished steps are kept",
    )


def _not_pushed(tag: str, last: str) -> ImageNotPushed:
    if _FORBIDDEN.search(last):
        return ImageNotPushed(
            f"{tag} was refused by its registry: {last.strip().rpartition(chr(10))[2]}",
            cause="nobody is logged in there, or the account may not push to this repository",
            next_step=f"run `docker login {tag.partition('/')[0]}`, then the same command again: the image is built",
        )
    return ImageNotPushed(
        f"{tag} could not be pushed; the last lines were:\n{last}",
        cause="the registry cannot be reached from the engine, or falters",
        next_step="check SLIPWAY_IMAGE_REPOSITORY, then run the same command again: the image is built",
    )


def _not_answering(what: str, last: str) -> EndpointFailed:
    return EndpointFailed(
        f"the image's endpoint {what}",
        cause=f"its last words were:\n{last}" if last.strip() else "it said nothing",
        next_step="run the image by itself with `docker run` as docs/image.md shows",
    )
