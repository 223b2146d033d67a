"""Between which numbers a field is accepted, and which numbers training saw."""

import numpy as np

from serving.bundle.signature import Field, Signature

FLOAT32_MAX = 3.4028234663852886e38


def bounds(field: Field, signature: Signature) -> tuple[float, float]:
    """Smallest and largest number accepted: what training saw or, where that is only warned of, what 32 bits hold."""
    seen = seen_in_training(field)
    if seen is None or warns(field, signature):
        return -FLOAT32_MAX, FLOAT32_MAX
    return seen


def warns(field: Field, signature: Signature) -> bool:
    """Whether a number outside of what training saw is answered, with a warning."""
    return signature.out_of_range == "warn" and field.name not in signature.refused


def seen_in_training(field: Field) -> tuple[float, float] | None:
    """The range of training, wide enough for either spelling of its ends.

    The model sees 32 bits: 29.85 and 29.850000381 are one number to it, whichever of them a caller has stored. A date
    has no range: what is asked about lies after what was trained on.
    """
    if field.type == "date" or field.low is None or field.high is None:
        return None
    return min(field.low, float(np.float32(field.low))), max(field.high, float(np.float32(field.high)))
