"""A few pods of a new release that stand beside those that serve, and what is seen of them."""

from slipway.core.deployment import Place
from slipway.core.value import Value


class Canary(Value):
    """What is tried; its state lives in the cluster, in annotations of a Deployment of its own.

    Attributes:
        image: the repository at a digest.
        version: of the registered model.
        release: identity of the run that began it; ``actor`` is who started that.
        commit: of the code that was deployed from, or "unknown".
        step: position in the plan, from 0.
        replicas: how many pods.
        shadow: whether it answers nobody but us.
    """

    place: Place
    image: str
    version: int
    record_digest: str
    commit: str
    release: str
    actor: str
    step: int
    replicas: int
    shadow: bool

    @property
    def name(self) -> str:
        """Of its Deployment."""
        return self.place.canary_name

    @property
    def told(self) -> str:
        """In a line, as the history of rollouts shows it."""
        return f"release {self.release}: canary of version {self.version} of {self.place.use_case}, by {self.actor}"


class PodState(Value):
    """A pod as the cluster tells of it.

    Attributes:
        template: what the cluster calls its description.
        ready: whether it may be asked.
        restarts: how often its process was started anew.
        told: its state in a line; of a process that ended, how.
        stuck: why it will hardly come up; "" while it may.
    """

    name: str
    template: str
    ready: bool
    restarts: int = 0
    told: str = ""
    stuck: str = ""


class Timed(Value):
    """An HTTP answer and how long it took.

    Attributes:
        status: 0 where nothing answered.
        milliseconds: from sending to having read all of it.
    """

    status: int
    body: str
    milliseconds: float
