"""From the valid raw table to training and holdout rows."""

from slipway.core.params import SplitParams
from slipway.core.use_case import UseCase
from slipway.data.preparation import prepare as split_and_encode
from slipway.workspace.files import read_frame, write_frame
from slipway.workspace.paths import Paths


def prepare(use_case: UseCase, paths: Paths, params: SplitParams) -> str:
    """Write the training and the holdout table; returns the headline.

    Raises:
        DataMissing: the raw table is absent or damaged.
        DataUnfit: nothing can be learned from it.
    """
    raw = read_frame(paths.raw, made_by=f"slipway collect {use_case.name}")
    train, holdout = split_and_encode(raw, use_case, params)
    write_frame(paths.train, train)
    write_frame(paths.holdout, holdout)
    return f"{len(train):,} rows to train on, {len(holdout):,} held out"
