"""A shared run cache helps where it can and is in nobody's way."""

import pytest

from slipway.adapters.dvc_cache import RunCacheTwin
from slipway.stages.run_cache import share


def test_without_a_cache_it_says_so_and_why() -> None:
    assert share("churn", None, "pull").startswith("skipped: SLIPWAY_RUN_CACHE is not set")


def test_what_moved_is_named() -> None:
    twin = RunCacheTwin(here={"churn": {"prepare", "train"}})
    assert share("churn", twin, "push").endswith("prepare, train")
    assert share("churn", twin, "pull").startswith("brought")
    assert "has no run" in share("homes", twin, "pull")


@pytest.mark.parametrize("way", ["pull", "push"])
def test_a_cache_out_of_reach_is_a_warning(way: str) -> None:
    said = share("churn", RunCacheTwin(reachable=False), way)  # type: ignore[arg-type]
    assert said.startswith("warning: the shared run cache")
    assert "next step" in said
