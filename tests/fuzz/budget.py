"""How much is tried: little and always the same in `make test`, much and always something else in `make fuzz`."""

import os

from hypothesis import HealthCheck, settings

SEED = os.environ.get("SLIPWAY_FUZZ_SEED")
"""Set by `make fuzz`."""

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
EXAMPLES = (
    settings(max_examples=60, deadline=None, suppress_health_check=_SLOW, derandomize=True, database=None)
    if SEED is None
    else settings(max_examples=2_000, deadline=None, suppress_health_check=_SLOW)
)
