"""What one look at an environment shows of a use case."""

from slipway.core.claim import Claim
from slipway.core.deployment import Deployment, Place
from slipway.core.value import Value


class Seen(Value):
    """A place as it is.

    Attributes:
        stable: what the Service asks; None when nothing was deployed.
        canary: what is being tried beside it, or was left behind; None when there is none.
        healthy: how many pods of ``stable`` are ready.
        claim: who is at work, and what was done.
    """

    place: Place
    stable: Deployment | None = None
    canary: Deployment | None = None
    healthy: int = 0
    claim: Claim = Claim()
