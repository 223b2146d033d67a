"""How often live judging stops healthy canaries, and how often bad ones, by simulation; prints a table.

Two steps of 1,000 requests to the canary with five looks each, four times as many to what serves; times to answer are
log-normal around 4.5 ms.
"""

import argparse
import math
from collections.abc import Iterator

import numpy as np

from slipway.core.params import CanaryTolerance
from slipway.deploying.counted import Counted
from slipway.deploying.judging import breaches, judge_live, level

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, math.inf)
LOOKS = (100, 100, 200, 400, 200)
STEPS = 2
STABLE = 4
NONE = CanaryTolerance(error_rate=0.0, refused_rate=0.0, latency_ms=0.0)
USUAL = CanaryTolerance()
HEALTHY = ((0.0, 0.0), (0.002, 0.01), (0.02, 0.05))
ERRORS = (0.005, 0.01, 0.02, 0.05)
SLOWER = (20.0, 50.0, 100.0, 200.0)


def drawn(random: np.random.Generator, requests: int, errors: float, refused: float, slower: float = 0.0) -> Counted:
    """What /metrics would have counted of some requests; ``slower`` in milliseconds."""
    bad, unfit, answered = random.multinomial(requests, [errors, refused, 1 - errors - refused])
    seconds = (random.lognormal(1.5, 1.0, requests) + slower) / 1000
    answers = {("predict", 200): int(answered), ("predict", 422): int(unfit), ("predict", 500): int(bad)}
    return Counted(answers, {("predict", bound): float((seconds <= bound).sum()) for bound in BOUNDS})


def is_stopped(
    random: np.random.Generator, tolerance: CanaryTolerance, usual: tuple[float, float], *, errors: float, slower: float
) -> bool:
    """Try one canary; ``usual`` are the shares of errors and refusals that what serves has too."""
    for _ in range(STEPS):
        canary, stable = Counted(), Counted()
        for look, more in enumerate(LOOKS, start=1):
            canary += drawn(random, more, usual[0] + errors, usual[1], slower)
            stable += drawn(random, STABLE * more, *usual)
            if breaches(judge_live(canary, stable, tolerance, level(STEPS, look))):
                return True
    return False


def rows(healthy: int, bad: int) -> Iterator[tuple[str, str, str]]:
    """What is wrong, with which tolerance, and how many were stopped."""
    random = np.random.default_rng(11)

    def stopped(number: int, tolerance: CanaryTolerance, usual: tuple[float, float], **wrong: float) -> str:
        tried = (
            is_stopped(random, tolerance, usual, errors=wrong.get("errors", 0.0), slower=wrong.get("slower", 0.0))
            for _ in range(number)
        )
        return f"{sum(tried):,} of {number:,}"

    for errors in ERRORS:
        yield f"{errors:.1%} errors, none before", "usual", stopped(bad, USUAL, HEALTHY[0], errors=errors)
    for slower in SLOWER:
        yield f"{slower:g} ms slower", "usual", stopped(bad, USUAL, HEALTHY[0], slower=slower)
    for usual in HEALTHY:
        for name, tolerance in (("usual", USUAL), ("none", NONE)):
            yield f"nothing; {usual[0]:.1%} errors, {usual[1]:.0%} refused", name, stopped(healthy, tolerance, usual)


def main() -> None:
    """Print the table of docs/canary.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--healthy", type=int, default=2000, help="healthy canaries of each kind")
    parser.add_argument("--bad", type=int, default=200, help="bad canaries of each kind")
    given = parser.parse_args()
    print("| what is wrong | tolerance | stopped |\n| --- | --- | --- |")
    for row in rows(given.healthy, given.bad):
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
