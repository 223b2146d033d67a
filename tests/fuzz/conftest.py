"""How much is tried: little and always the same in `make test`, much and always something else in `make fuzz`."""

import os

import pytest
from hypothesis import HealthCheck, settings

SEED = os.environ.get("SLIPWAY_FUZZ_SEED")


@pytest.fixture(scope="session")
def long() -> bool:
    """Whether `make fuzz` asks, which has minutes."""
    return SEED is not None


@pytest.fixture(scope="session")
def seed() -> str:
    return SEED or "4"


slow = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile("fuzz", max_examples=2_000, deadline=None, suppress_health_check=slow)
settings.register_profile("test", max_examples=60, deadline=None, suppress_health_check=slow, derandomize=True)
PROFILE = settings.get_profile("test" if SEED is None else "fuzz")
