"""How often each caller may ask.

Source: the token bucket, as in ITU-T I.371 (2004) by its other name, the leaky bucket as a meter: a bucket of ``burst``
tokens fills up at ``per_second``, and a request takes one.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_CALLERS = 10_000


class Rate:
    """Token buckets, one a caller; of the many callers there may be, those seen last are remembered.

    Args:
        per_second: requests a second that may go on for ever; 0 means that there is no limit.
        burst: requests that may come at once; a second's worth by default, and one at least.
    """

    def __init__(
        self, per_second: float, burst: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second if burst is None else burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, caller: str) -> float:
        """Take a token; seconds to wait where there is none, else 0."""
        if not self._per_second:
            return 0.0
        now = self._clock()
        tokens = self._tokens(caller, now)
        taken = tokens >= 1.0
        self._buckets[caller] = (tokens - 1.0 if taken else tokens, now)
        self._buckets.move_to_end(caller)
        if len(self._buckets) > MOST_CALLERS:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1.0 - tokens) / self._per_second

    def _tokens(self, caller: str, now: float) -> float:
        tokens, since = self._buckets.get(caller, (self._burst, now))
        return min(self._burst, tokens + (now - since) * self._per_second)
