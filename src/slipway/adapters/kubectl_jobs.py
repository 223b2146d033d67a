"""Jobs of Kubernetes, driven by kubectl, as our Jobs."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from slipway.adapters.kubectl_calls import Kubectl, last_words, unreachable
from slipway.core.errors import ClusterUnreachable, JobRefused
from slipway.core.job import Checked, JobState
from slipway.deploying.fitting import needed, unfit
from slipway.deploying.job_progress import job_state
from slipway.deploying.training import JOB_LABEL, pod_of

STEP_SECONDS = 1.0
LAST_LINES = 12

_MANAGER = "slipway"
_ASK = "--request-timeout=20s"
_FORBIDDEN = re.compile(r"\(Forbidden\)")
_MAY_NOT = re.compile(r"cannot \w+ resource|is forbidden: User")
_ABSENT = re.compile(r'(\w+) "([^"]+)" not found')
_CREATE = ("create", "--validate=strict", f"--field-manager={_MANAGER}", "--filename=-")


@dataclass(frozen=True)
class KubectlJobs:
    """The cluster that ``kubectl`` talks to; it reads ``KUBECONFIG`` as it does for anybody.

    Args:
        program: the command, first words included.
        patience: seconds that a fault of a pod must last until it counts as hopeless.
        silence: seconds that the cluster may be out of reach while a Job is followed.
    """

    program: Sequence[str] = ("kubectl",)
    patience: float = 20.0
    silence: float = 120.0

    def check(self, namespace: str, manifest: Mapping[str, Any]) -> Checked:
        """Try the Job and its pod on the server, and look for what they need; see the port."""
        if manifest["kind"] != "Job":
            tried = self._tried(namespace, manifest)
            return Checked(reasons=tried)
        of_job = self._tried(namespace, _renamed(manifest))
        if any('namespaces "' in reason for reason in of_job):
            return Checked(reasons=(_no_namespace(namespace),))
        reasons, unknown = list(of_job), list[str]()
        for found in (self._pod(namespace, manifest), self._objects(namespace, manifest), self._nodes(manifest)):
            reasons += found.reasons
            unknown += found.unknown
        return Checked(reasons=tuple(dict.fromkeys(reasons)), unknown=tuple(unknown))

    def state(self, namespace: str, name: str) -> JobState | None:
        """How far a Job is; see the port."""
        words = ("get", "jobs,pods", f"--selector={JOB_LABEL}={name}", "--output=json")
        return job_state(json.loads(self._ask(namespace, *words).stdout)["items"])

    def submit(self, namespace: str, manifest: Mapping[str, Any]) -> None:
        """Create it, or apply a schedule; see the port."""
        if manifest["kind"] == "Job":
            self._ask(namespace, *_CREATE, stdin=json.dumps(manifest))
        else:
            self._ask(namespace, *_APPLY, stdin=json.dumps(manifest))

    def delete(self, namespace: str, name: str) -> None:
        """Take a Job and its pods away, and wait until they are gone; see the port."""
        self._ask(namespace, "delete", "job", name, "--ignore-not-found", "--cascade=foreground", "--timeout=45s")

    def follow(self, namespace: str, name: str, say: Callable[[str], None]) -> JobState | None:
        """Look every second, and hand on the logs of what runs; see the port."""
        told, troubled, read = "", None, _Read()
        while True:
            state = self._patiently(namespace, name)
            if state is None:
                return None
            if state.told != told and not state.ended:
                told = state.told
                say(f"[{name}] {told}")
            for container in state.containers:
                self._hand_on(namespace, state, container, read, say)
            if state.ended:
                return state
            now = time.monotonic()
            troubled = (troubled or now) if state.fault is not None else None
            if troubled is not None and now - troubled >= self.patience:
                return state
            time.sleep(STEP_SECONDS)

    def last_lines(self, namespace: str, state: JobState) -> tuple[str, ...]:
        """What the last container to have begun said last; see the port."""
        if not state.containers:
            return ()
        words = ("logs", state.pod, f"--container={state.containers[-1]}", f"--tail={LAST_LINES}")
        done = self._run(namespace, *words)
        return tuple(line[:300] for line in done.stdout.splitlines() if line.strip()) if done.returncode == 0 else ()

    def _patiently(self, namespace: str, name: str) -> JobState | None:
        """A Job takes hours; a server that restarts meanwhile is no reason to stop looking."""
        deadline = time.monotonic() + self.silence
        while True:
            try:
                return self.state(namespace, name)
            except ClusterUnreachable:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(STEP_SECONDS)

    def _hand_on(
        self, namespace: str, state: JobState, container: str, read: "_Read", say: Callable[[str], None]
    ) -> None:
        """Lines of a container that were not handed on yet, until it ends or falls silent for the moment."""
        key = (state.pod, container)
        if key in read.whole:
            return
        before = read.last.get(key, "")
        since = [f"--since-time={before}"] if before else []
        words = ("logs", state.pod, f"--container={container}", "--timestamps", "--follow", *since)
        with self._stream(namespace, words) as (lines, process):
            for line in lines:
                stamp, _, text = line.rstrip("\n").partition(" ")
                if re.match(r"\d{4}-\d\d-\d\dT", stamp) and _later(stamp, before):
                    read.last[key] = stamp
                    say(text)
        if process.returncode == 0:
            read.whole.add(key)

    @contextmanager
    def _stream(self, namespace: str, words: Sequence[str]) -> Iterator[tuple[Iterator[str], "subprocess.Popen[str]"]]:
        try:
            process = subprocess.Popen(
                [*self.program, "--namespace", namespace, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise unreachable(f"{self.program[0]} cannot be started ({error.strerror})") from error
        with process:
            try:
                yield iter(process.stdout or ()), process
            except BaseException:
                process.terminate()
                raise

    def _tried(self, namespace: str, manifest: Mapping[str, Any]) -> tuple[str, ...]:
        """What the server has against an object, as a dry run, with every field checked."""
        done = self._run(namespace, *_CREATE, "--dry-run=server", stdin=json.dumps(manifest))
        return () if done.returncode == 0 else _reasons(done.stderr)

    def _pod(self, namespace: str, manifest: Mapping[str, Any]) -> Checked:
        """The pod as well: the namespace's profile, quotas and the account are only held against pods."""
        found = self._tried(namespace, pod_of(manifest))
        if any(_MAY_NOT.search(reason) for reason in found):
            return Checked(unknown=("whether its pod would be admitted: the account may not create pods",))
        return Checked(reasons=found)

    def _objects(self, namespace: str, manifest: Mapping[str, Any]) -> Checked:
        reasons, unknown = [], []
        for kind, names in needed(manifest["spec"]["template"]["spec"]).items():
            done = self._run(namespace, "get", kind, *names)  # a table: values do not travel
            if _FORBIDDEN.search(done.stderr):
                unknown.append(f"whether there is a {kind} {', '.join(names)}: the account may not look")
            reasons += [f"there is no {kind} {name!r} in {namespace}" for _, name in _ABSENT.findall(done.stderr)]
        return Checked(reasons=tuple(reasons), unknown=tuple(unknown))

    def _nodes(self, manifest: Mapping[str, Any]) -> Checked:
        done = Kubectl(self.program).run("get", "nodes", _ASK, "--output=json")
        if done.returncode != 0:
            return Checked(unknown=("whether a node is large enough: the account may not see nodes",))
        return Checked(reasons=unfit(manifest["spec"]["template"]["spec"], json.loads(done.stdout)["items"]))

    def _ask(self, namespace: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = self._run(namespace, *arguments, stdin=stdin)
        if done.returncode != 0:
            _refuse(namespace, done.stderr)
        return done

    def _run(self, namespace: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        long = "delete" in arguments[:1]
        asked = () if long else (_ASK,)
        return Kubectl(self.program).run(*arguments, "--namespace", namespace, *asked, stdin=stdin)


@dataclass
class _Read:
    """What was handed on of logs: the last moment of each container's, and those that came to their end."""

    last: dict[tuple[str, str], str] = field(default_factory=dict)
    whole: set[tuple[str, str]] = field(default_factory=set)


_APPLY = ("apply", "--server-side", "--force-conflicts", f"--field-manager={_MANAGER}", "--filename=-")


def _renamed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Under a name that nobody has: an older Job of this name may be there still."""
    metadata = {**manifest["metadata"], "name": f"{manifest['metadata']['name']}-try"}
    return {**manifest, "metadata": metadata}


def _later(stamp: str, than: str) -> bool:
    """Whether a moment comes after another; both RFC 3339 in UTC, with as many digits as it takes."""
    return _padded(stamp) > _padded(than)


def _padded(stamp: str) -> tuple[str, str]:
    whole, _, part = stamp.rstrip("Z").partition(".")
    return whole, part.ljust(9, "0")


def _reasons(said: str) -> tuple[str, ...]:
    """Each complaint of the server without kubectl's own words around it."""
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("Warning: ")]
    text = " ".join(line.strip() for line in lines) or "the server refuses it and does not say why"
    text = re.sub(r'^Error from server(?: \(\w+\))?: (?:error when creating "[^"]*": )?', "", text)
    text = re.sub(r"^.*strict decoding error: ", "", text)
    text = re.sub(r'^(Job|Pod|CronJob)(?:\.batch)? in version "\w+" cannot be handled as a \w+: ', r"\1: ", text)
    return (re.sub(r'"([\w-]+)-try"', r'"\1"', text)[:500],)


def _no_namespace(namespace: str) -> str:
    return f"there is no namespace {namespace!r}; `kubectl apply -k deploy/namespaces/training` makes slipway-training"


def _refuse(namespace: str, said: str) -> NoReturn:
    raise JobRefused(
        f"the cluster refuses this in {namespace}: {last_words(said)}",
        cause="the namespace was not prepared, or the account may not do this",
        next_step="`kubectl apply -k deploy/namespaces/training` prepares it; docs/training.md tells the rest",
    )
