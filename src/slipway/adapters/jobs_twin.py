"""Jobs in memory: what is submitted ends as it is told to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.core.errors import ClusterUnreachable, JobRefused
from slipway.core.job import Checked, JobPhase, JobState
from slipway.deploying.fitting import needed, unfit

NODE = {
    "metadata": {"name": "twin", "labels": {"kubernetes.io/os": "linux"}},
    "status": {"allocatable": {"cpu": "2", "memory": "8Gi", "ephemeral-storage": "50Gi"}},
}


@dataclass
class InMemoryJobs:
    """A cluster that runs Jobs.

    Args:
        namespaces: that are there.
        secrets, config_maps: names of those that are there, in every namespace.
        ends: how a Job ends that is followed; by default well. None leaves it as it was, as Ctrl-C does.
        lines: what every Job says.
        reachable: whether the cluster answers.
    """

    namespaces: tuple[str, ...] = ("slipway-training",)
    secrets: tuple[str, ...] = ()
    config_maps: tuple[str, ...] = ()
    ends: Callable[[JobState], JobState | None] = lambda state: state.model_copy(update={"phase": JobPhase.SUCCEEDED})
    lines: tuple[str, ...] = ("training",)
    reachable: bool = True
    jobs: dict[tuple[str, str], JobState] = field(default_factory=dict)
    submitted: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def check(self, namespace: str, manifest: Mapping[str, Any]) -> Checked:
        """Namespace, references and nodes; a manifest's fields are the server's matter."""
        self._answer()
        if namespace not in self.namespaces:
            return Checked(reasons=(f"there is no namespace {namespace!r}",))
        if manifest["kind"] != "Job":
            return Checked()
        pod = manifest["spec"]["template"]["spec"]
        there = {"secret": self.secrets, "configmap": self.config_maps}
        reasons = [
            f"there is no {kind} {name!r} in {namespace}"
            for kind, names in needed(pod).items()
            for name in names
            if name not in there[kind]
        ]
        return Checked(reasons=(*reasons, *unfit(pod, [NODE])))

    def state(self, namespace: str, name: str) -> JobState | None:
        """As it was left."""
        self._answer()
        return self.jobs.get((namespace, name))

    def submit(self, namespace: str, manifest: Mapping[str, Any]) -> None:
        """Keep it."""
        self._answer()
        name = manifest["metadata"]["name"]
        if manifest["kind"] == "Job":
            if (namespace, name) in self.jobs:
                raise JobRefused(f"{name} exists", cause="it was submitted before", next_step="delete it")
            state = JobState(name=name, phase=JobPhase.RUNNING, told="running", pod=f"{name}-0", containers=("train",))
            self.jobs[namespace, name] = state
        self.submitted.append(dict(manifest))

    def delete(self, namespace: str, name: str) -> None:
        """Forget it."""
        self._answer()
        if self.jobs.pop((namespace, name), None) is not None:
            self.deleted.append(name)

    def follow(self, namespace: str, name: str, say: Callable[[str], None]) -> JobState | None:
        """End it as it was told to."""
        self._answer()
        state = self.jobs.get((namespace, name))
        if state is None:
            return None
        for line in self.lines:
            say(line)
        ended = self.ends(state)
        if ended is None:
            raise KeyboardInterrupt
        self.jobs[namespace, name] = ended
        return ended

    def last_lines(self, namespace: str, state: JobState) -> tuple[str, ...]:
        """What every Job says."""
        self._answer()
        return self.lines

    def _answer(self) -> None:
        if not self.reachable:
            raise ClusterUnreachable("no cluster answers", cause="it was told not to", next_step="tell it to")
