"""The in-memory twin of a cluster's environments, for tests and dry runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.core.claim import Claim
from slipway.core.deployment import Deployment, Place
from slipway.core.seen import Seen


@dataclass
class InMemoryEnvironments:
    """Environments of a cluster in memory.

    Args:
        canaries: what is tried beside what serves.
        claims: by place; a mark is the number of times it was written.
    """

    cluster: InMemoryCluster
    canaries: dict[Place, Deployment] = field(default_factory=dict)
    claims: dict[Place, Claim] = field(default_factory=dict)

    def look(self, environment: str, use_cases: Sequence[str]) -> tuple[Seen, ...]:
        """What is there, without the names of templates."""
        return tuple(self._seen(Place(use_case=name, environment=environment)) for name in use_cases)

    def claim(self, place: Place) -> Claim:
        """Who is at work."""
        self.cluster.deployed(place)  # which raises when it does not answer
        return self.claims.get(place, Claim())

    def write(self, place: Place, claim: Claim) -> Claim | None:
        """Compare and swap."""
        present = self.claim(place)
        if present.mark != claim.mark:
            return None
        self.claims[place] = claim.model_copy(update={"mark": str(int(present.mark or 0) + 1)})
        return self.claims[place]

    def _seen(self, place: Place) -> Seen:
        stable = self.cluster.deployed(place)
        return Seen(
            place=place,
            stable=stable and stable.model_copy(update={"template": ""}),
            canary=self.canaries.get(place),
            healthy=len(self.cluster.pods(place)),
            claim=self.claim(place),
        )
