"""How far two shares of requests are apart, with limits that hold for small counts too."""

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True)
class Count:
    """``events`` among ``total``."""

    events: int
    total: int

    @property
    def share(self) -> float:
        return self.events / self.total if self.total else 0.0


def limits(count: Count, level: float) -> tuple[float, float]:
    """Lower and upper limit of a share, each missed with a probability of at most ``level``.

    Source: Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial
    (1934).
    """
    from scipy.special import betainccinv, betaincinv

    events, rest = count.events, count.total - count.events
    low = float(betaincinv(events, rest + 1, level)) if events else 0.0
    high = float(betainccinv(events + 1, rest, level)) if rest else 1.0
    return low, high


def difference(one: Count, other: Count, level: float) -> tuple[float, float]:
    """Limits of the difference of two independent shares, one minus the other, each at ``level``.

    The limits of the shares are recombined by the method of variance estimates recovery: Newcombe, Interval estimation
    for the difference between independent proportions (1998), method 10, with exact limits in the place of Wilson's, as
    Zou and Donner, Construction of confidence limits about effect measures (2008) allow. Wilson's are too narrow for
    single events at levels such as these.
    """
    (low_one, high_one), (low_other, high_other) = limits(one, level), limits(other, level)
    gap = one.share - other.share
    low = gap - sqrt((one.share - low_one) ** 2 + (high_other - other.share) ** 2)
    high = gap + sqrt((high_one - one.share) ** 2 + (other.share - low_other) ** 2)
    return low, high
