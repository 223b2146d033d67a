"""Work that a cluster runs to its end: what is ordered, and how far it has come."""

from enum import StrEnum

from slipway.core.params import TrainOnParams
from slipway.core.value import Value


class Order(Value):
    """A training that is to run in a cluster.

    Attributes:
        image: repository at a digest; the checkout in it is what is trained unless ``given.git`` is set.
        commit: of that checkout, or "unknown".
        settings: environment variables of the pod; none of them secret.
        actor, release: who asks for it, and in which release, "" for none; no part of what makes two orders the same.
        refresh: whether the source of the data is asked anew first.
    """

    use_case: str
    namespace: str
    image: str
    commit: str
    given: TrainOnParams
    settings: dict[str, str]
    actor: str
    release: str
    refresh: bool = False

    @property
    def instance(self) -> str:
        """What Kubernetes calls the use case, cut so that names made of it are short enough."""
        return self.use_case.replace("_", "-")[:36].rstrip("-")


class JobPhase(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Fault(StrEnum):
    """What ended a Job, other than a stage's own word."""

    MEMORY = "memory"
    DEADLINE = "deadline"
    IMAGE = "image"
    EVICTED = "evicted"
    CONFIG = "config"
    OTHER = "other"


class JobState(Value):
    """A Job as the cluster tells it.

    Attributes:
        told: how far it is, in a line.
        pod: of the last attempt; "" while there is none. ``containers`` of it have begun, in their order.
        attempts: pods so far.
        fault: what is in its way; of a Job that has not failed, it will hardly go on. None while all is well.
        message: what the cluster says of the fault.
        exit_code: of the container that ended badly; ``last`` is what it said last.
    """

    name: str
    phase: JobPhase
    told: str
    pod: str = ""
    containers: tuple[str, ...] = ()
    attempts: int = 0
    fault: Fault | None = None
    message: str = ""
    exit_code: int | None = None
    last: str = ""

    @property
    def ended(self) -> bool:
        return self.phase in {JobPhase.SUCCEEDED, JobPhase.FAILED}


class Checked(Value):
    """What is against a Job: ``reasons`` why it cannot work, ``unknown`` is what nobody may look at."""

    reasons: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
