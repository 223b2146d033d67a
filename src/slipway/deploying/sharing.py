"""What share of the traffic a number of pods can take: a Service gives every pod behind it the same."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reach:
    """Pods of a canary, and the share of all pods that they are, in percent."""

    pods: int
    share: float


def reach(share: int, stable: int) -> Reach:
    """The pods that come nearest to a share without going beyond it, beside ``stable`` others; at least one.

    The number of the others is never changed, so that one pod may be more than was wished for.
    """
    if share == 0:
        return Reach(1, 0.0)
    pods = max(1, share * stable // (100 - share))
    return Reach(pods, 100 * pods / (pods + stable))
