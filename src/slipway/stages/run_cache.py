"""What was computed elsewhere with the same inputs is brought here, and what was computed here is shared."""

from typing import Literal

from slipway.core.errors import ToolFailed
from slipway.ports import RunCache


def share(use_case: str, cache: RunCache | None, way: Literal["pull", "push"]) -> str:
    """Move the runs of one use case, one way or the other; says what came of it.

    A cache that is out of reach, or damaged, is told and stops nobody: what cannot be had is computed.
    """
    if cache is None:
        return "skipped: SLIPWAY_RUN_CACHE is not set, so nothing is shared and what is not done here is computed"
    try:
        moved = cache.pull(use_case) if way == "pull" else cache.push(use_case)
    except ToolFailed as error:
        return f"warning: {error}"
    done, nothing = ("brought", "has no run") if way == "pull" else ("shared", "gets no run")
    if not moved:
        return f"the shared run cache {nothing} of {use_case} as it is here"
    return f"{done} what these stages of {use_case} left: {', '.join(moved)}"
