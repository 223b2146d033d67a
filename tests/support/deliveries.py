"""Three versions of churn, two of them promoted, a cluster in memory that can serve them, and releases to it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.adapters.canary_twin import InMemoryCanaries
from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.adapters.environments_twin import InMemoryEnvironments
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.deployment import Deployment, Place
from slipway.core.version import Version
from slipway.stages.alone import Turn
from slipway.stages.canary import CanaryRun
from slipway.stages.deploy import Delivery
from slipway.workspace.bundle import read_record
from tests.support.bundles import CHURN, model_bytes, write_bundle
from tests.support.records import release

PLACE = Place(use_case="churn", environment="staging")
DIGESTS = {number: f"sha256:{number:064x}" for number in (1, 2, 3)}
MOMENT = "2026-11-21T10:00:00.000000Z"


class Killed(BaseException):
    """What happens to a process, so that no code of ours tidies up."""


@dataclass
class Mortal:
    """Something whose caller is killed at the n-th call, after or before that took effect; 0 is never."""

    inner: Any
    calls: int
    after: bool = True

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        def call(*given: Any, **named: Any) -> Any:
            self.calls -= 1
            if self.calls == 0 and not self.after:
                raise Killed
            answer = method(*given, **named)
            if self.calls == 0:
                raise Killed
            return answer

        return call


@dataclass
class Harbour:
    """Registry and cluster of churn."""

    registry: InMemoryRegistry
    cluster: InMemoryCluster
    environments: InMemoryEnvironments

    def delivery(self, release: str = "run-7", **changes: Any) -> Delivery:
        given = {"registry": self.registry, "cluster": self.cluster, "place": PLACE, "key": self.cluster.key}
        given |= {"release": release, "actor": "ada", "commit": "c" * 40, "say": lambda _: None, "at": MOMENT}
        given |= {"canary": CanaryRun(InMemoryCanaries(self.cluster), None)}
        return Delivery(**given | changes)

    def turn(self, holder: str = "Ada", **changes: Any) -> Turn:
        given = {"environments": self.environments, "holder": holder, "patience": 0.0, "waiting": lambda _: None}
        return Turn(**given | changes)

    def version(self, number: int) -> Version:
        return self.registry.versions("churn")[number - 1]

    def alias(self, name: str) -> int:
        """The version that carries it; 0 when none does."""
        found = self.registry.aliased("churn", name)
        return 0 if found is None else found.number

    @property
    def champion(self) -> int:
        return self.alias("champion")

    @property
    def running(self) -> Deployment:
        return self.cluster.places[PLACE]

    @property
    def told(self) -> list[tuple[str, int, str]]:
        """What was done, at which version, and how it ended."""
        deeds = self.environments.claim(PLACE).deeds
        return [(deed.what, deed.version, deed.outcome.partition(":")[0]) for deed in deeds]


def harbour(folder: Path) -> Harbour:
    """Versions 1, 2 and 3, of which 1 and 2 were promoted and all were pushed."""
    registry = InMemoryRegistry(folder / "bundles")
    for number, digest in DIGESTS.items():
        bundle = write_bundle(folder / str(number), model=model_bytes(CHURN, 0.05 * number))
        registry.register(read_record(bundle), bundle, [])
        registry.set_release("churn", number, release(digest))
    registry.promote("churn", 1, expected_champion=None)
    registry.promote("churn", 2, expected_champion=1)
    cluster = InMemoryCluster({digest: _model(number) for number, digest in DIGESTS.items()})
    return Harbour(registry, cluster, InMemoryEnvironments(cluster))


def _model(number: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def predict(row: dict[str, Any]) -> dict[str, Any]:
        weight = 0.05 * number
        return {"probability": 1 / (1 + math.exp(-(weight * row["tenure"] + (row["contract"] == "Two year"))))}

    return predict
