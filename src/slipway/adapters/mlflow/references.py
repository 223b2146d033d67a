"""Versions that were registered without what a live model is compared with."""

from slipway.core.errors import ReferenceMissing


def reference_missing(use_case: str, number: int) -> ReferenceMissing:
    """The error to raise for one of them."""
    return ReferenceMissing(
        f"{use_case} version {number} has no reference to compare a live model with",
        cause="it was registered before references were kept, or its artifacts were deleted",
        next_step=f"run `slipway register {use_case}` where it was judged: that adds it; else register another version",
    )
