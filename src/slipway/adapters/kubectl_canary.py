"""Canaries in Kubernetes: a second Deployment behind the same Service, driven by kubectl."""

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from slipway.adapters.kubectl import APPLY, PORT, KubectlCluster
from slipway.core.canary import Canary, PodState, Timed
from slipway.core.deployment import Deployment, Phase, Place
from slipway.core.errors import EndpointFailed
from slipway.deploying.canary_manifest import canary_manifest, canary_of
from slipway.deploying.progress import Object, is_ready, new_pods, progress, restarts, state_of, template_of
from slipway.ports import Reached

MANAGEMENT_PORT = 8081

_ANSWER_SECONDS = 15.0


@dataclass(frozen=True)
class KubectlCanaries:
    """Canaries in the cluster that ``kubectl`` talks to."""

    cluster: KubectlCluster

    def standing(self, place: Place) -> Canary | None:
        """Read the second Deployment; see the port."""
        objects = self._objects(place)
        return canary_of(place, objects[0]) if objects else None

    def stand(self, canary: Canary) -> None:
        """Apply it on the server's side; see the port."""
        release = Deployment(
            place=canary.place,
            image=canary.image,
            version=canary.version,
            record_digest=canary.record_digest,
            commit=canary.commit,
            release=canary.release,
            actor=canary.actor,
            phase=Phase.CANARY,
        )
        self.cluster.ask(canary.place, *APPLY, stdin=canary_manifest(self.cluster.render(release), canary))

    def pods(self, place: Place) -> tuple[PodState, ...]:
        """Pods of the newest ReplicaSet; none before the cluster has looked at what was applied. See the port."""
        objects = self._objects(place)
        if not objects or not _is_seen(objects[0]):
            return ()
        return _states(objects)

    def stable(self, place: Place) -> tuple[PodState, ...]:
        """Pods of the newest ReplicaSet of what serves; see the port."""
        return _states(self.cluster.objects(place))

    def why(self, place: Place) -> tuple[str, ...]:
        """Events and last lines; see the port."""
        objects = self._objects(place)
        if not objects:
            return ()
        stuck = progress(objects).stuck
        return (*([stuck] if stuck else []), *self.cluster.why(place, objects))

    def remove(self, place: Place) -> None:
        """Scale it to nothing, which takes it out of the Service at once, then delete it; see the port."""
        found = self.standing(place)
        if found is None:
            return
        name = f"deployment/{found.name}"
        self.cluster.ask(place, "patch", name, "--type=merge", '--patch={"spec":{"replicas":0}}')
        self.cluster.ask(place, "delete", name, "--ignore-not-found", "--wait=false")

    @contextmanager
    def reach(self, place: Place, pod: str, *, key: str) -> Iterator[Reached]:
        """Forward two ports of a pod: the one it answers on, and the one that it counts on. See the port."""
        with self.cluster.forwarded(place, pod, PORT, MANAGEMENT_PORT) as (answering, counting):
            contact = _Pod(pod, counting, key, http.client.HTTPConnection(answering, timeout=_ANSWER_SECONDS))
            try:
                yield contact
            finally:
                contact.connection.close()

    def _objects(self, place: Place) -> list[Object]:
        """Nothing where the Deployment is gone, though pods of it may be there for a while."""
        objects = self.cluster.objects(place, "canary")
        return objects if objects and objects[0]["kind"] == "Deployment" else []


@dataclass(frozen=True)
class _Pod:
    """A pod through forwarded ports; questions go over one connection."""

    pod: str
    counting: str
    key: str
    connection: http.client.HTTPConnection

    def ask(self, body: str) -> Timed:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
        started = time.perf_counter()
        try:
            self.connection.request("POST", "/predict", body, headers)
            response = self.connection.getresponse()
            status, answer = response.status, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return Timed(status=0, body="", milliseconds=0.0)
        return Timed(status=status, body=answer, milliseconds=(time.perf_counter() - started) * 1000)

    def metrics(self) -> str:
        connection = http.client.HTTPConnection(self.counting, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/metrics")
            response = connection.getresponse()
            if response.status == 200:
                return response.read().decode(errors="replace")
            said = f"answered {response.status}"
        except (OSError, http.client.HTTPException) as error:
            said = f"did not answer: {error}"
        finally:
            connection.close()
        cause = "the pod ended, or the way to it broke"
        raise EndpointFailed(f"pod {self.pod} {said} to /metrics", cause=cause, next_step="run the same command again")


def _is_seen(deployment: Object) -> bool:
    return int(deployment.get("status", {}).get("observedGeneration", 0)) >= int(deployment["metadata"]["generation"])


def _states(objects: list[Object]) -> tuple[PodState, ...]:
    if not objects or objects[0]["kind"] != "Deployment":
        return ()
    template, stuck = template_of(objects), progress(objects).stuck
    return tuple(_state(pod, template, stuck) for pod in new_pods(objects))


def _state(pod: Object, template: str, stuck: str) -> PodState:
    ready = is_ready(pod)
    return PodState(
        name=pod["metadata"]["name"],
        template=template,
        ready=ready,
        restarts=restarts(pod),
        told=state_of(pod),
        stuck="" if ready else stuck,
    )
