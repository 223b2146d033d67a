"""The in-memory twin of a cluster, for tests and dry runs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from slipway.adapters.endpoint import InMemoryEndpoint
from slipway.core.deployment import Deployment, Place
from slipway.core.errors import ClusterUnreachable, DeployRefused, EndpointFailed, RolloutFailed
from slipway.ports import Endpoint

Predict = Callable[[dict[str, Any]], dict[str, Any] | None]
OVERLAY_REPLICAS = 2


@dataclass
class InMemoryCluster:
    """A cluster in memory.

    Args:
        predict: what the endpoint of an image answers, by digest; None refuses the row.
        broken: digests whose pods never come up.
        reachable, takes: whether it answers, and whether it takes what is to be deployed.
        overlay: stands for the content of ``deploy/``; another one makes other pods.
        key: the one that endpoints know.
        places: what is at each place.
        remembered: annotations and pods of earlier templates, by template.
    """

    predict: Mapping[str, Predict]
    broken: set[str] = field(default_factory=set)
    reachable: bool = True
    takes: bool = True
    overlay: str = "overlay"
    key: str = "a key"
    places: dict[Place, Deployment] = field(default_factory=dict)
    remembered: dict[Place, dict[str, Deployment]] = field(default_factory=dict)
    rollouts: int = 0

    def deployed(self, place: Place) -> Deployment | None:
        """What is at a place."""
        self._answer()
        return self.places.get(place)

    def preview(self, wanted: Deployment) -> tuple[str, ...]:
        """What would differ, unless it is refused."""
        self._answer()
        if not self.takes:
            raise DeployRefused("the cluster refuses it", cause="it was told to", next_step="tell it otherwise")
        present = self.places.get(wanted.place)
        if present is None:
            return (f"Deployment {wanted.place.name}", f"+ image: {wanted.image}")
        before, after = present.model_dump(), self._applied(wanted).model_dump()
        return tuple(f"{key}: {before[key]} -> {after[key]}" for key in after if before[key] != after[key])

    def apply(self, wanted: Deployment) -> None:
        """Put it there; pods of a new template begin to replace those before."""
        self.preview(wanted)
        self._put(self._applied(wanted))

    def wait(self, place: Place, *, seconds: float, say: Callable[[str], None]) -> None:
        """Be ready at once, or fail at once."""
        self._answer()
        if self.places[place].digest in self.broken:
            say("0 of 2 new pods ready")
            raise RolloutFailed("the rollout failed", cause="event: BackOff", next_step="mend the image")
        say("2 of 2 new pods ready")

    def undo(self, place: Place, template: str) -> bool:
        """Put back what is remembered of a template."""
        self._answer()
        if template not in self.remembered.get(place, {}):
            return False
        self._put(self.remembered[place][template])
        return True

    def note(self, deployment: Deployment) -> None:
        """Write the state down."""
        self._answer()
        present = self.places[deployment.place]
        kept = {"image": present.image, "template": present.template, "replicas": present.replicas}
        self._put(deployment.model_copy(update=kept))

    def pods(self, place: Place) -> tuple[str, ...]:
        """Two names, where pods come up."""
        self._answer()
        present = self.places.get(place)
        if present is None or present.digest in self.broken:
            return ()
        return tuple(f"{place.name}-{present.template}-{number}" for number in range(present.replicas or 0))

    @contextmanager
    def forward(self, place: Place, pod: str, *, key: str) -> Iterator[Endpoint]:
        """Answer as the image at the place does."""
        if pod not in self.pods(place) or key != self.key:
            raise EndpointFailed(f"pod {pod} cannot be asked", cause="no such pod, or key", next_step="name another")
        with InMemoryEndpoint(self.predict[self.places[place].digest]) as endpoint:
            yield endpoint

    def _applied(self, wanted: Deployment) -> Deployment:
        template = f"{wanted.digest[-8:]}-{self.overlay}"
        return wanted.model_copy(update={"template": template, "replicas": wanted.replicas or OVERLAY_REPLICAS})

    def _put(self, deployment: Deployment) -> None:
        present = self.places.get(deployment.place)
        self.rollouts += present is None or present.template != deployment.template
        self.places[deployment.place] = deployment
        self.remembered.setdefault(deployment.place, {})[deployment.template] = deployment

    def _answer(self) -> None:
        if not self.reachable:
            raise ClusterUnreachable("no cluster answers", cause="it was told not to", next_step="tell it to")
