"""Kubernetes, driven by kubectl, as our Cluster."""

import http.client
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from slipway.adapters.kubectl_calls import Kubectl, last_words, unreachable
from slipway.core.deployment import Deployment, Place
from slipway.core.errors import DeployRefused, EndpointFailed, RolloutFailed
from slipway.deploying.annotations import annotations, deployment_of
from slipway.deploying.differences import differences
from slipway.deploying.kustomization import ALL_AT_ONCE, OVERLAYS, kustomization, namespace_of
from slipway.deploying.progress import (
    Object,
    image_of,
    is_ready,
    new_pods,
    progress,
    restarts,
    revision_of,
    state_of,
    template_of,
)
from slipway.workspace.files import write_text
from slipway.workspace.paths import Paths

STEP_SECONDS = 1.0
LAST_LINES = 6
PORT = 8080

_MANAGER = "slipway"

APPLY = ("apply", "--server-side", "--force-conflicts", f"--field-manager={_MANAGER}", "--filename=-")

_ASK_SECONDS = "20s"
_FORWARD_SECONDS = 20.0
_ANSWER_SECONDS = 30.0
_FAILING_SHOWN = 2
_FORWARDING = re.compile(r"Forwarding from (127\.0\.0\.1:\d+) -> (\d+)")
# ends the forwarding with our end of the pipe, however we end
_AS_LONG_AS_WE_LIVE = '"$@" </dev/null & child=$!; cat >/dev/null; kill $child; wait $child'


@dataclass(frozen=True)
class KubectlCluster:
    """The cluster that ``kubectl`` talks to; it reads ``KUBECONFIG`` as it does for anybody.

    Args:
        root: of the project; overlays are read there, and what is rendered is kept below ``.slipway/``.
        program: the command, first words included.
        patience: seconds that trouble of a pod must last until it counts as hopeless.
    """

    root: Path
    program: Sequence[str] = ("kubectl",)
    patience: float = 15.0

    def deployed(self, place: Place) -> Deployment | None:
        """What is at a place; see the port."""
        objects = self.objects(place)
        if not objects or objects[0]["kind"] != "Deployment":
            return None
        found = objects[0]
        noted = found["metadata"].get("annotations", {})
        replicas = int(found["spec"].get("replicas", 1))
        surge = found["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxSurge")
        at_once = surge == ALL_AT_ONCE
        return deployment_of(place, image_of(found), template_of(objects), replicas, noted, at_once=at_once)

    def preview(self, wanted: Deployment) -> tuple[str, ...]:
        """Dry run on the server, and what would differ; see the port."""
        manifest = self.render(wanted)
        self.ask(wanted.place, *APPLY, "--dry-run=server", stdin=manifest)
        done = self._run(wanted.place, "diff", *APPLY[1:], stdin=manifest)
        if done.returncode not in (0, 1):
            self._refuse(wanted.place, done.stderr)
        return differences(done.stdout)

    def apply(self, wanted: Deployment) -> None:
        """Apply on the server's side; see the port."""
        self.ask(wanted.place, *APPLY, stdin=self.render(wanted))

    def render(self, wanted: Deployment) -> str:
        """The manifests of ``wanted`` as YAML; the kustomization they come from stays below ``.slipway/``."""
        place = wanted.place
        folder = Paths(self.root, place.use_case).local / "deploy" / place.environment
        overlay = os.path.relpath(self._overlay(place), folder)
        write_text(folder / "kustomization.yaml", kustomization(wanted, overlay))
        done = self._plain("kustomize", str(folder))
        if done.returncode != 0:
            raise DeployRefused(
                f"deploy/ could not be rendered for {place.environment}: {last_words(done.stderr)}",
                cause="an edit of deploy/ is wrong",
                next_step=f"`kubectl kustomize {OVERLAYS}/{place.environment}` shows it",
            )
        return done.stdout

    def wait(self, place: Place, *, seconds: float, say: Callable[[str], None]) -> None:
        """Look every second; see the port."""
        deadline, told, stuck_since = time.monotonic() + seconds, "", None
        while True:
            objects = self.objects(place)
            if not objects or objects[0]["kind"] != "Deployment":
                raise self._failed(place, (), "somebody deleted it meanwhile")
            now = progress(objects)
            if now.told != told:
                told = now.told
                say(told)
            if now.done:
                return
            moment = time.monotonic()
            stuck_since = (stuck_since or moment) if now.stuck else None
            if stuck_since is not None and moment - stuck_since >= self.patience:
                raise self._failed(place, objects, f"{told}, {now.stuck}")
            if moment >= deadline:
                raise self._failed(place, objects, f"{told} after {seconds:g} seconds")
            time.sleep(STEP_SECONDS)

    def undo(self, place: Place, template: str) -> bool:
        """Go back to a remembered ReplicaSet; see the port."""
        revision = revision_of(self.objects(place), template)
        if revision is None:
            return False
        self.ask(place, "rollout", "undo", f"deployment/{place.name}", f"--to-revision={revision}")
        return True

    def note(self, deployment: Deployment) -> None:
        """Annotate the Deployment; see the port."""
        words = [f"{key}={value}" for key, value in annotations(deployment).items()]
        name = deployment.place.name
        self.ask(deployment.place, "annotate", "deployment", name, "--overwrite", f"--field-manager={_MANAGER}", *words)

    def pods(self, place: Place) -> tuple[str, ...]:
        """Ready pods of the newest ReplicaSet; see the port."""
        return tuple(pod["metadata"]["name"] for pod in new_pods(self.objects(place)) if is_ready(pod))

    @contextmanager
    def forward(self, place: Place, pod: str, *, key: str) -> Iterator["ForwardedPod"]:
        """Forward a free port of this machine to a pod; see the port."""
        with self.forwarded(place, pod, PORT) as (address,):
            yield ForwardedPod(f"http://{address}", key, pod)

    @contextmanager
    def forwarded(self, place: Place, pod: str, *ports: int) -> Iterator[tuple[str, ...]]:
        """Free ports of this machine that lead to a pod's, each as host:port, until the block is left.

        Entering may raise EndpointFailed.
        """
        wishes = [f":{port}" for port in ports]
        command = [*self.program, "--namespace", self._namespace(place), "port-forward", f"pod/{pod}", *wishes]
        with tempfile.TemporaryFile() as output:
            try:
                process = subprocess.Popen(
                    ["sh", "-c", _AS_LONG_AS_WE_LIVE, "sh", *command],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise unreachable(f"sh cannot be started ({error.strerror})") from error
            with process:
                yield _forwarded(process, output.fileno(), pod, ports)

    def objects(self, place: Place, track: str = "stable") -> list[Object]:
        """The Deployment of a track, its ReplicaSets and pods, in this order."""
        selector = f"app.kubernetes.io/instance={place.instance},slipway.io/track={track}"
        words = ("get", "deployments,replicasets,pods", f"--selector={selector}", "--output=json")
        found: list[Object] = json.loads(self.ask(place, *words).stdout)["items"]
        return sorted(found, key=lambda each: str(each["kind"]))  # the Deployment comes first

    def _failed(self, place: Place, objects: Sequence[Object], what: str) -> RolloutFailed:
        return RolloutFailed(
            f"the rollout of {place.use_case} to {place.environment} failed: {what}",
            cause="\n".join(self.why(place, objects)) or "the cluster tells nothing about its pods",
            next_step=f"`kubectl --namespace {self._namespace(place)} describe pods` tells more",
        )

    def why(self, place: Place, objects: Sequence[Object]) -> list[str]:
        """Pod states, events and last lines, of two pods at most: the others fail alike."""
        failing = [pod for pod in new_pods(objects) if not is_ready(pod) or restarts(pod)] if objects else []
        lines: list[str] = []
        for pod in failing[:_FAILING_SHOWN]:
            name = pod["metadata"]["name"]
            lines.append(f"{name}: {state_of(pod)}")
            lines += [f"  event: {text}" for text in self._events(place, name)]
        if failing:
            lines += [f"  log: {line}" for line in self._logs(place, failing[0])]
        return lines

    def _events(self, place: Place, pod: str) -> list[str]:
        selector = f"involvedObject.name={pod},type=Warning"
        done = self._run(place, "get", "events", f"--field-selector={selector}", "--output=json")
        events = json.loads(done.stdout)["items"] if done.returncode == 0 else []
        return list(dict.fromkeys(f"{event['reason']}: {event['message'].strip()[:300]}" for event in events))[-2:]

    def _logs(self, place: Place, pod: Object) -> list[str]:
        words = ["logs", pod["metadata"]["name"], "--container=endpoint", f"--tail={LAST_LINES}"]
        for previous in (["--previous"], []) if restarts(pod) else ([],):
            done = self._run(place, *words, *previous)
            if done.returncode == 0 and done.stdout.strip():
                return [line[:300] for line in done.stdout.strip().splitlines()]
        return []

    def _overlay(self, place: Place) -> Path:
        return self.root / OVERLAYS / place.environment

    def _namespace(self, place: Place) -> str:
        text = (self._overlay(place) / "kustomization.yaml").read_text(encoding="utf-8")
        return namespace_of(f"{OVERLAYS}/{place.environment}", text)

    def ask(self, place: Place, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run kubectl in a place's namespace; raises DeployRefused when it does not do it."""
        done = self._run(place, *arguments, stdin=stdin)
        if done.returncode != 0:
            self._refuse(place, done.stderr)
        return done

    def _run(self, place: Place, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        namespace = self._namespace(place)
        return self._plain(*arguments, "--namespace", namespace, f"--request-timeout={_ASK_SECONDS}", stdin=stdin)

    def _plain(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return Kubectl(self.program).run(*arguments, stdin=stdin)

    def _refuse(self, place: Place, said: str) -> NoReturn:
        environment = place.environment
        raise DeployRefused(
            f"the cluster refuses {place.use_case} in {environment}: {last_words(said)}",
            cause="the namespace was not prepared, the account may not do this, or an edit of deploy/ is wrong",
            next_step=f"`kubectl apply -k deploy/namespaces/{environment}` prepares it; docs/deploy.md tells the rest",
        )


@dataclass(frozen=True)
class ForwardedPod:
    """One pod, reached through a forwarded port."""

    url: str
    key: str
    pod: str

    def post(self, path: str, body: str) -> str:
        """Send JSON; see the port."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_ANSWER_SECONDS)
        try:
            headers = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            status, answer = response.status, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise self._wrong(f"did not answer: {error}", "the pod ended, or the way to it broke") from error
        finally:
            connection.close()
        if status == 401:
            raise self._wrong("does not know the key in SLIPWAY_API_KEY", "it is not in the Secret of this environment")
        if status != 200:
            raise self._wrong(f"answered {status} to {path}: {answer[:300]}", "it refuses a row of its own model")
        return answer

    def wait(self) -> None:
        """Nothing to wait for: it ends with its block."""

    def _wrong(self, what: str, cause: str) -> EndpointFailed:
        return EndpointFailed(f"pod {self.pod} {what}", cause=cause, next_step="mend it and run the same command again")


def _forwarded(process: "subprocess.Popen[bytes]", output: int, pod: str, ports: Sequence[int]) -> tuple[str, ...]:
    deadline = time.monotonic() + _FORWARD_SECONDS
    said = ""
    while time.monotonic() < deadline and process.poll() is None:
        said = os.pread(output, 1 << 16, 0).decode(errors="replace")
        found = {int(port): address for address, port in _FORWARDING.findall(said)}
        if len(found) == len(ports):
            return tuple(found[port] for port in ports)
        if "error" in said.lower():
            break
        time.sleep(0.05)
    raise EndpointFailed(
        f"pod {pod} cannot be reached: {last_words(said) or 'nothing was forwarded'}",
        cause="the account may not forward ports, or the pod ended",
        next_step="run the same command again; docs/deploy.md lists what the account needs",
    )
