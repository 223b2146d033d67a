"""What was collected lately, as a look holds it beside what was asked."""

import numpy as np

from slipway.core.errors import DataMissing, DataUnfit
from slipway.core.moment import DAY_SECONDS
from slipway.core.signature import Signature
from slipway.core.use_case import UseCase
from slipway.data.moments import moments_of
from slipway.data.preparation import inputs_of
from slipway.monitoring.reference_table import MOST_ROWS, inputs_shown
from slipway.monitoring.skew import Collected
from slipway.workspace.files import read_frame
from slipway.workspace.paths import Paths


def collected(use_case: UseCase, paths: Paths, signature: Signature) -> Collected | None:
    """The newest rows of the raw table; None where they have no time, or are not what the champion takes."""
    if use_case.time is None or not paths.raw.is_file():
        return None
    try:
        raw = read_frame(paths.raw, made_by=f"slipway collect {use_case.name}")
        days = moments_of(raw[use_case.time]).to_numpy()
        newest = np.argsort(days, kind="stable")[-MOST_ROWS:]
        return Collected(inputs_shown(signature, inputs_of(signature, raw.iloc[newest])), days[newest] * DAY_SECONDS)
    except (DataMissing, DataUnfit, KeyError):
        return None
