"""How fast to ask, and how long to wait before asking again."""

import random
import time
from collections.abc import Callable, Iterator

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0


class Pace:
    """At most so many starts a second, evenly spaced; the clock and the wait can be another's."""

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1.0 / per_second
        self._next = 0.0
        self._clock = clock
        self.wait = wait

    def take_turn(self) -> None:
        """Wait until the next start is due."""
        now = self._clock()
        if now < self._next:
            self.wait(self._next - now)
        self._next = max(self._next, now) + self._gap


def waits(attempts: int, jitter: Callable[[], float] = random.random) -> Iterator[float]:
    """Seconds to wait after each failed attempt but the last: doubling, up to a quarter longer by chance."""
    for attempt in range(attempts - 1):
        yield min(LONGEST_WAIT, FIRST_WAIT * 2**attempt) * (1 + jitter() / 4)
