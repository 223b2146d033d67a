"""What runs in an environment, or is to run there."""

from enum import StrEnum

from slipway.core.value import Value


class Phase(StrEnum):
    """How far a release has come: it is tried beside what serves, pods are being replaced, or it serves.

    What serves was seen to answer as its model does.
    """

    CANARY = "canary"
    ROLLING = "rolling"
    SERVING = "serving"


class Place(Value):
    """Where one use case runs: an environment is a folder of ``deploy/overlays``."""

    use_case: str
    environment: str

    @property
    def instance(self) -> str:
        """What Kubernetes calls the use case: its names have no underscores."""
        return self.use_case.replace("_", "-")

    @property
    def name(self) -> str:
        """Of the Deployment, the Service and all else that is one of them."""
        return f"{self.instance}-endpoint"

    @property
    def canary_name(self) -> str:
        """Of the second Deployment, which is tried beside the first."""
        return f"{self.name}-canary"

    @property
    def keys(self) -> str:
        """Of the Secret with the hashed keys of those who may ask."""
        return f"{self.instance}-keys"


class Deployment(Value):
    """One release at its place; its state lives in the cluster, in annotations of this content.

    Attributes:
        image: the repository at a digest.
        version: of the registered model; 0 where nobody noted it.
        release: identity of the run that deployed it; ``actor`` is who started that, ``at`` when, in UTC and ISO 8601.
        commit: of the code that was deployed from, or "unknown".
        template: what the cluster calls these pods' description; equal ones are the same pods, "" where none knows yet.
        last_good: the template that served before, to go back to; "" when there was none.
        replicas: how many pods; None leaves it to the overlay.
        at_once: whether new pods all start at once, as in a rollback; else as many as the overlay says.
    """

    place: Place
    image: str
    version: int
    record_digest: str
    commit: str
    release: str
    actor: str
    phase: Phase
    template: str = ""
    last_good: str = ""
    replicas: int | None = None
    at: str = ""
    at_once: bool = False

    @property
    def digest(self) -> str:
        """``sha256:`` and 64 hex digits; "" when the image is not named by one."""
        return self.image.partition("@")[2]

    @property
    def good(self) -> str:
        """The template to go back to when whatever comes next fails."""
        return self.template if self.phase is Phase.SERVING else self.last_good

    @property
    def told(self) -> str:
        """In a line, as the history of rollouts shows it."""
        return f"release {self.release}: version {self.version} of {self.place.use_case}, by {self.actor}"
